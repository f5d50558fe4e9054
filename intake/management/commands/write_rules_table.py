import json
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from education import starter_content
from intake import starter_rules
from intake.management.commands.load_starter_content import QUESTIONNAIRE
from intake.questionnaire import compile_questionnaire
from intake.sentences import sentence, who_sees

TABLE = Path(settings.BASE_DIR) / "docs" / "rules.md"
INTRODUCTION = """\
# Notes and routes

Written by `manage.py write_rules_table` from `intake/rules/` and the form; `make check` fails when it is out of date.
These are the rules that the portal comes with. What a clinic has changed since is in the CMS under Rules.

Every condition, rank, route and text is a proposal of people who are no clinicians. Each awaits clinical review.
"""


class Command(BaseCommand):
    help = "Writes docs/rules.md: every note and route, its condition as a sentence, who sees it and its sources."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing, fail when the table is out of date")

    def handle(self, *, check, **options):
        table = written()
        if not check:
            TABLE.write_text(table, encoding="utf-8")
        elif not TABLE.exists() or TABLE.read_text(encoding="utf-8") != table:
            raise CommandError("docs/rules.md is out of date. Run: python manage.py write_rules_table")


def written():
    form = compile_questionnaire(json.loads(QUESTIONNAIRE.read_text(encoding="utf-8")))
    rows = sorted(starter_rules.rows("notes.toml"), key=lambda row: row["rank"])
    notes = [_note(row, form) for row in rows]
    routes = [_route(row, form) for row in starter_rules.rows("routes.toml")]
    parts = [
        INTRODUCTION,
        "## Notes, the most important first\n",
        _table(["Note", "Applies when", "Who sees it", "Sources"], notes),
        "\n## Routes, the first that holds decides\n",
        _table(["Route", "Taken when", "Team, urgency"], routes),
        "\n## Sources of the notes\n",
        *(f"- **{code}** {citation}" for code, citation in _citations(rows)),
    ]
    return "\n".join(parts) + "\n"


def _note(row, form):
    note = starter_rules.note(row)
    if note.condition is None:
        return [f"**{note.code}** {note.title}", note.remark, "Nobody: a draft", _codes(row)]
    rule = note.as_rule()
    seen_by = ". ".join(filter(None, [who_sees(rule, form), note.remark]))
    return [f"**{note.code}** {note.title}", sentence(rule.condition, form), seen_by, _codes(row)]


def _codes(row):
    return ", ".join(row["sources"]) or "none: a judgement of our own, or from memory"


def _route(row, form):
    route = starter_rules.route(row)
    team = f"{route.get_team_display()}, {route.get_urgency_display().lower()}"
    return [f"{route.number}. {route.reason}", sentence(route.parsed, form), team]


def _citations(rows):
    cited = {code for row in rows for code in row["sources"]}
    return [
        (source["code"], source["citation"])
        for source in starter_content.read("sources.toml")["source"]
        if source["code"] in cited
    ]


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
