"""The expectation notes that apply to answers, the most important first, each with its why."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from intake.conditions import Condition, evaluate, explain, parse

# More than three would bury the one that matters.
PATIENT_LIMIT = 3


@dataclass(frozen=True)
class Note:
    code: str
    version: int
    rank: int
    title: str
    condition: Condition
    staff: str
    patient_title: str
    patient: str
    to_patient: bool
    alone: bool
    sources: tuple[str, ...]
    awaiting_review: bool


@dataclass(frozen=True)
class AppliedNote:
    note: Note
    because: dict


def load_notes(path: Path) -> tuple[Note, ...]:
    """Read notes from a TOML file. Raises ValueError with the file, the note and what is wrong with it."""
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("note", [])
    notes = tuple(_read(row, f"{path.name}: note {row.get('code', number)}") for number, row in enumerate(rows, 1))
    for key in ("code", "rank"):
        given = [getattr(note, key) for note in notes]
        for value in given:
            if given.count(value) > 1:
                raise ValueError(f"{path.name}: two notes have the {key} {value!r}")
    return notes


def applied(notes: Collection[Note], answers: Mapping) -> tuple[AppliedNote, ...]:
    """The notes whose condition holds over answers and facts, by rank."""
    found = (note for note in notes if evaluate(note.condition, answers))
    return tuple(AppliedNote(note, explain(note.condition, answers)) for note in sorted(found, key=lambda n: n.rank))


def for_patient(applied: Collection[AppliedNote], urgent: bool) -> tuple[AppliedNote, ...]:
    """What the patient sees. Beside urgent advice nothing stands but the notes that belong to it."""
    shown = [entry for entry in applied if entry.note.to_patient and (entry.note.alone or not urgent)]
    return tuple(shown[:PATIENT_LIMIT])


def _read(row: Mapping, where: str) -> Note:
    types = {field.name: field.type for field in fields(Note)} | {"when": dict, "sources": list}
    del types["condition"]
    if set(row) != set(types):
        raise ValueError(f"{where}: missing {sorted(set(types) - set(row))}, unknown {sorted(set(row) - set(types))}")
    for key, expected in types.items():
        if not isinstance(row[key], expected):
            raise ValueError(f"{where}: {key} is {row[key]!r}, which is no {expected.__name__}")
    values = dict(row) | {"sources": tuple(row["sources"])}
    return Note(condition=parse(values.pop("when"), f"{where}: when"), **values)
