import json
from pathlib import Path

import pytest

import intake
from intake.notes import load_notes
from intake.questionnaire import compile_questionnaire
from intake.routing import load_rules

INTAKE = Path(intake.__file__).parent


@pytest.fixture(scope="session")
def form_resource():
    return json.loads((INTAKE / "questionnaires" / "cellulite-goals.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def form(form_resource):
    return compile_questionnaire(form_resource)


@pytest.fixture(scope="session")
def notes():
    return load_notes(INTAKE / "rules" / "notes.toml")


@pytest.fixture(scope="session")
def rules():
    return load_rules(INTAKE / "rules" / "routes.toml")
