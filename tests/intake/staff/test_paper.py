"""What the printed face sheet leaves out: nothing where there is room, never the goal, a flag or a gap."""

import pytest

from intake.staff.paper import cuts, lines
from intake.staff.sheet import face_sheet
from tests.factories import NoteFactory, SubmissionFactory, complete_answers

pytestmark = pytest.mark.django_db

SIGNS = "breathless allergic worsening-pain spreading-skin one-leg both-legs after-treatment breast-change new-lump"
QUESTIONS = "likely-result risks do-nothing visits-and-time total-cost who-does-it not-happy time-to-decide comfort"
LONG = "Bindegewebsschwächebehandlungsmöglichkeiten " * 11
ROWS = [
    {"dimension": "change", "hope": "gone", "usual": "little", "level": "more"},
    {"dimension": "lasts", "hope": "permanent", "usual": "months", "level": "more"},
    {"dimension": "bruising", "hope": "none", "usual": "two-weeks", "level": "more"},
]


def gaps(count):
    frozen = {"certainty": "low", "awaiting_review": True, "rows": ROWS}
    return [{"treatment": f"t{number}", "name": f"Treatment {number}", **frozen} for number in range(count)]


def sheet(changes=(), treatments=0, notes=3):
    sent = SubmissionFactory(answers=complete_answers(changes), gaps=gaps(treatments))
    NoteFactory.create_batch(notes, submission=sent, staff_text="Say how it is. " * 25, patient_text="It is so. " * 20)
    return face_sheet(sent)


def test_nothing_is_cut_where_there_is_room():
    assert cuts(sheet({"goal-own-words": "Fewer dents."}, treatments=1)) == set()


def test_a_fuller_sheet_first_loses_the_charts_that_its_table_repeats():
    assert cuts(sheet({"goal-own-words": LONG}, treatments=3)) == {"charts"}


def test_a_full_sheet_loses_what_can_be_read_on_screen():
    full = {
        "urgent-signs": SIGNS.split(),
        "goal-own-words": LONG,
        "top-questions": QUESTIONS.split(),
        "own-question": LONG,
    }
    assert cuts(sheet(full, treatments=3, notes=9)) >= {"charts", "own-question", "told"}


def test_a_cut_that_saves_nothing_is_not_made():
    full = {"urgent-signs": SIGNS.split(), "goal-own-words": LONG, "top-questions": ["risks"]}
    assert not cuts(sheet(full, treatments=3)) & {"own-question", "questions"}


@pytest.mark.parametrize(
    ("question", "cut"), [("goal-own-words", "goal"), ("visit-help", "help"), ("own-question", "own-question")]
)
def test_a_text_with_a_line_for_each_word_is_cut_on_any_sheet(question, cut):
    assert cuts(sheet({question: "so\n" * 160})) == {cut}
    assert cut not in cuts(sheet({question: "so " * 30}))


def test_what_is_cut_is_said(as_nurse):
    full = {
        "urgent-signs": SIGNS.split(),
        "goal-own-words": "so\n" * 160,
        "top-questions": QUESTIONS.split(),
        "own-question": LONG,
        "visit-help": "so\n" * 160,
    }
    found = sheet(full, treatments=3, notes=9)
    page = as_nurse.get(found["submission"].get_absolute_url()).content.decode()
    said = {
        "help": "All of it is on screen.",
        "goal": "All of it is on screen.",
        "told": "What the form told the patient to do is on screen.",
        "reads": "What the patient reads is on screen.",
        "own-question": "All questions, and all of each, are on screen.",
        "note": "The third note is on screen.",
    }
    for cut in found["cuts"] & set(said):
        assert said[cut] in page
    assert "More notes on screen:" in page


@pytest.mark.parametrize(
    ("text", "count"),
    [(None, 0), ("", 0), ("one", 1), ("one\n\ntwo", 3), ("a" * 54, 1), ("a" * 55, 2), ("W" * 55, 3), ("肌" * 55, 3)],
)
def test_lines_are_guessed_from_letters_and_their_width(text, count):
    assert lines(text) == count
