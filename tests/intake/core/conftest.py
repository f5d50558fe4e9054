import json
from pathlib import Path

import pytest

import intake
from intake import starter_rules
from intake.questionnaire import compile_questionnaire

INTAKE = Path(intake.__file__).parent


@pytest.fixture(scope="session")
def form_resource():
    return json.loads((INTAKE / "questionnaires" / "cellulite-goals.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def form(form_resource):
    return compile_questionnaire(form_resource)


@pytest.fixture(scope="session")
def notes():
    """Every note that is in use."""
    return [starter_rules.note(row).as_rule() for row in starter_rules.rows("notes.toml") if "when" in row]


@pytest.fixture(scope="session")
def rules():
    return [starter_rules.route(row).as_rule() for row in starter_rules.rows("routes.toml")]
