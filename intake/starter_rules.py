"""Loads notes and routes from intake/rules/ once: what was loaded before stays as editors left it.

Routes are in force at once, because every form must reach somebody. Notes speak of medicine: in production they
arrive as drafts. Both say that they await review.
"""

import tomllib
from pathlib import Path

from django.conf import settings

from education import starter_content
from intake.models import Note, Route

RULES = Path(__file__).parent / "rules"


def load():
    """Returns how many notes and routes are new."""
    return starter_content.load_items(_items())


def rows(name):
    """The tables of a file in intake/rules/: notes.toml holds [[note]]s, routes.toml [[rule]]s."""
    (found,) = tomllib.loads((RULES / name).read_text(encoding="utf-8")).values()
    return found


def _items():
    for row in rows("notes.toml"):
        yield f"note/{row['code']}", lambda row=row: _load(note(row), publish=settings.DEMO and "when" in row)
    for row in rows("routes.toml"):
        yield f"route/{row['number']}", lambda row=row: _load(route(row), publish=True)


def _load(rule, publish):
    rule.full_clean()
    rule.save()
    revision = rule.save_revision()
    if publish:
        revision.publish()


def note(row):
    """A row of notes.toml as a Note that is not in force yet."""
    row = dict(row)
    return Note(
        live=False,
        condition=row.pop("when", None),
        staff_text=row.pop("staff"),
        patient_text=row.pop("patient"),
        sources=" ".join(f"[{code}]" for code in row.pop("sources")),
        **row,
    )


def route(row):
    row = dict(row)
    return Route(live=False, condition=row.pop("when", {}), **row)
