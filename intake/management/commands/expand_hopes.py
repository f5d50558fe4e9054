import json
import tomllib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from education.starter_content import STARTER

QUESTIONNAIRES = Path(__file__).parents[2] / "questionnaires"
FORM = QUESTIONNAIRES / "cellulite-goals.json"
TEMPLATE = QUESTIONNAIRES / "hope.template.json"
TREATMENTS = STARTER / "treatments"
OFFERING_STEP, OFFERING_QUESTION = "step-treatments", "considering"
NO_TREATMENT = ("other", "none-yet")


class Command(BaseCommand):
    """All treatments get the same questions, so these are worded once, and the form still stands whole in its file."""

    help = "Writes the hope step of every treatment on offer into the form, from hope.template.json."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing, and fail if the form is out of date")

    def handle(self, *, check, **options):
        written = FORM.read_text(encoding="utf-8")
        expanded = expand(json.loads(written), TEMPLATE.read_text(encoding="utf-8"))
        if check and expanded != written:
            raise CommandError(f"The hope steps in {FORM.name} are out of date. Run: python manage.py expand_hopes")
        if not check:
            FORM.write_text(expanded, encoding="utf-8")


def expand(form, template):
    """The form's text with its hope steps made anew, after the step that they depend on."""
    steps = [step for step in form["item"] if not step["linkId"].startswith("step-hope-")]
    place = [step["linkId"] for step in steps].index(OFFERING_STEP)
    offered = next(item for item in steps[place]["item"] if item["linkId"] == OFFERING_QUESTION)
    codings = [option["valueCoding"] for option in offered["answerOption"]]
    hopes = [hope(template, c["code"], c["display"]) for c in codings if c["code"] not in NO_TREATMENT]
    form["item"] = [*steps[: place + 1], *hopes, *steps[place + 1 :]]
    return json.dumps(form, indent=2, ensure_ascii=False) + "\n"


def hope(template, slug, name):
    """One treatment's step. Where it never bruises, nobody is asked how much bruising they would accept."""
    quoted = json.dumps(name, ensure_ascii=False)[1:-1]
    step = json.loads(template.replace("{slug}", slug).replace("{name}", quoted))
    if usual_bruising(slug) == "none":
        step["item"] = [item for item in step["item"] if item["linkId"] != f"hope-{slug}-bruising"]
    return step


def usual_bruising(slug):
    path = TREATMENTS / f"{slug}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")).get("gap_bruising")
    except FileNotFoundError:
        raise CommandError(f"{path} is missing: it says how much bruising is usual after {slug}.") from None
