import pytest

from intake.conditions import ALWAYS
from intake.notes import AppliedNote, Note, applied, for_patient, load_notes

# No note and no route but the last applies to these answers.
PLAIN = {
    "urgent-signs": ["none"],
    "goal": "smoother",
    "pattern": "dents",
    "by-when": "no-rush",
    "visits-ok": "few",
    "self-rating": "several-standing",
    "legs-pattern": "no",
    "why-now": ["myself"],
    "considering": ["none-yet"],
}


def codes(notes, **changes):
    return [
        entry.note.code for entry in applied(notes, PLAIN | {key.replace("_", "-"): v for key, v in changes.items()})
    ]


def test_the_six_notes(notes):
    assert sorted(note.code for note in notes) == ["E1", "E2", "E29", "E3", "E35", "E9"]
    assert {note.code: note.rank for note in notes} == {"E29": 1, "E1": 19, "E3": 20, "E2": 22, "E9": 27, "E35": 39}
    assert [note.code for note in notes if note.alone] == ["E29"]
    assert all(note.version == 1 and note.to_patient and note.awaiting_review for note in notes)
    assert all(note.title and note.staff and note.patient_title and note.patient and note.sources for note in notes)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"goal": "eliminate"}, ["E1"]),
        ({"goal": "fewer-dents"}, []),
        ({"goal": "eliminate", "pattern": "waves"}, ["E1", "E2"]),
        ({"goal": "eliminate", "pattern": "loose-skin"}, ["E1", "E2"]),
        ({"goal": "eliminate", "pattern": "unsure"}, ["E1"]),
        ({"goal": "firmer", "pattern": "waves"}, []),
        ({"by_when": "4-weeks"}, ["E3"]),
        ({"by_when": "3-months"}, []),
        ({"visits_ok": "one"}, ["E9"]),
        ({"visits_ok": "unsure"}, []),
        ({"urgent_signs": ["breathless", "one-leg"]}, ["E29"]),
        ({"urgent_signs": ["both-legs", "breathless"]}, []),
        ({"goal": "learn"}, ["E35"]),
        ({"goal": "unsure"}, ["E35"]),
        ({"goal": None}, []),
        (
            {"goal": "eliminate", "pattern": "waves", "by_when": "4-weeks", "visits_ok": "one"},
            ["E1", "E3", "E2", "E9"],
        ),
    ],
)
def test_each_note_applies_and_not_at_the_nearest_miss(notes, changes, found):
    assert codes(notes, **changes) == found


def test_each_note_says_why(notes):
    found = applied(notes, PLAIN | {"goal": "eliminate", "pattern": "waves", "urgent-signs": ["allergic", "one-leg"]})
    assert {entry.note.code: entry.because for entry in found} == {
        "E29": {"urgent-signs": ["one-leg"]},
        "E1": {"goal": "eliminate"},
        "E2": {"goal": "eliminate", "pattern": "waves"},
    }


def test_the_patient_sees_at_most_three(notes):
    answers = PLAIN | {"goal": "eliminate", "pattern": "waves", "by-when": "4-weeks", "visits-ok": "one"}
    assert [entry.note.code for entry in for_patient(applied(notes, answers), urgent=False)] == ["E1", "E3", "E2"]


def test_beside_urgent_advice_stands_nothing_else(notes):
    answers = PLAIN | {"goal": "eliminate", "urgent-signs": ["one-leg"]}
    assert [entry.note.code for entry in for_patient(applied(notes, answers), urgent=True)] == ["E29"]
    answers |= {"urgent-signs": ["new-lump"]}
    assert for_patient(applied(notes, answers), urgent=True) == ()


def test_notes_for_staff_only_stay_with_staff():
    hidden = Note("S", 1, 1, "", ALWAYS, "", "", "", False, True, (), True)
    assert for_patient((AppliedNote(hidden, {}),), urgent=False) == ()
    assert for_patient((AppliedNote(hidden, {}),), urgent=True) == ()


def test_the_clinic_fills_in_its_numbers(notes):
    numbers = {"urgent_line": "111", "emergency_number": "999"}
    texts = {note.code: note.patient.format(**numbers) for note in notes}
    assert "Call 111." in texts["E29"]
    assert "call 999." in texts["E29"]
    assert not any("{" in text for text in texts.values())


ROW = """
[[note]]
code = "{code}"
version = 1
rank = {rank}
title = "T"
when = {{ question = "goal", answer = "learn" }}
staff = "S"
patient_title = "P"
patient = "P"
to_patient = true
alone = false
sources = ["R1"]
awaiting_review = true
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ROW.format(code="E1", rank=1) + ROW.format(code="E1", rank=2), "two notes have the code 'E1'"),
        (ROW.format(code="E1", rank=1) + ROW.format(code="E2", rank=1), "two notes have the rank 1"),
        (ROW.format(code="E1", rank=1) + 'colour = "red"', r"note E1: missing \[\], unknown \['colour'\]"),
        (ROW.format(code="E1", rank=1).replace('title = "T"\n', "", 1), r"note E1: missing \['title'\]"),
        (ROW.format(code="E1", rank='"1"'), "note E1: rank is '1', which is no int"),
        (ROW.format(code="E1", rank=1).replace('["R1"]', '"R1"'), "note E1: sources is 'R1', which is no list"),
        (ROW.format(code="E1", rank=1).replace("answer", "reply"), "note E1: when: 'goal' needs an answer"),
    ],
)
def test_faulty_notes_are_refused(tmp_path, text, says):
    path = tmp_path / "notes.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"notes.toml: {says}"):
        load_notes(path)
