"""The expectation notes that apply to answers, the most important first, each with its why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from intake.conditions import Condition, evaluate, explain

# More than three would bury the one that matters.
PATIENT_LIMIT = 3


@dataclass(frozen=True)
class Note:
    """`alone`: stands beside urgent advice, too. `unless`: never shown to the patient when this holds."""

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
    unless: Condition | None
    sources: tuple[str, ...]
    awaiting_review: bool


@dataclass(frozen=True)
class AppliedNote:
    note: Note
    because: dict


def applied(notes: Collection[Note], known: Mapping) -> tuple[AppliedNote, ...]:
    """The notes whose condition holds over answers and facts, by rank: the lowest is the most important."""
    found = [note for note in notes if evaluate(note.condition, known)]
    return tuple(
        AppliedNote(note, explain(note.condition, known)) for note in sorted(found, key=lambda n: (n.rank, n.code))
    )


def for_patient(applied: Collection[AppliedNote], known: Mapping, urgent: bool) -> tuple[AppliedNote, ...]:
    """What the patient sees. Beside urgent advice nothing stands but the notes that belong to it."""
    shown = [entry for entry in applied if _may_show(entry.note, known) and (entry.note.alone or not urgent)]
    return tuple(shown[:PATIENT_LIMIT])


def _may_show(note: Note, known: Mapping) -> bool:
    return note.to_patient and not (note.unless and evaluate(note.unless, known))
