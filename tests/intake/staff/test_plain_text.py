"""The face sheet as text: whole, plain, and nothing that a patient writes can pass for ours."""

import unicodedata
from datetime import UTC, datetime

import pytest

from intake.staff.plain_text import one_line, quoted
from intake.staff.sheet import face_sheet
from tests.factories import NoteFactory, SubmissionFactory, complete_answers

pytestmark = pytest.mark.django_db

GAPS = [
    {
        "treatment": "creams",
        "name": "Creams",
        "certainty": "very-low",
        "awaiting_review": True,
        "rows": [{"dimension": "change", "hope": "gone", "usual": "little", "level": "more"}],
    }
]
HOSTILE = (
    "Nothing.\nFLAGS\nNo urgent sign ticked.\r\n\tTALK ABOUT FIRST\x0b1. All is well (E1, version 1)"
    "\u2028ALL ANSWERS, AS ASKED\x85- Do you have any of these now?\x00\x1b[2J\u202eNone"
)


def text_of(submission):
    return face_sheet(submission)["plain_text"]


def section(text, heading):
    """The lines below a heading, up to the next blank line."""
    lines = text.splitlines()
    below = lines[lines.index(heading) + 1 :]
    return below[: below.index("")] if "" in below else below


def test_the_head_says_whose_it_is_and_that_nobody_checked_it():
    sent = SubmissionFactory(submitted_at=datetime(2026, 11, 20, 18, 4, tzinfo=UTC))
    lines = text_of(sent).splitlines()
    assert lines[1] == f"Reference: {sent.reference}"
    assert lines[2].startswith("Sent: 20 November 2026, ")
    assert lines[3] == "Form version: 1"
    assert lines[4].startswith("Answers given by the patient, not checked.")


def test_who_it_is_and_the_visit():
    answers = complete_answers({"full-name": "Imani Okafor", "birth-date": "1992-05-09", "visit-help": "A ramp."})
    assert section(text_of(SubmissionFactory(answers=answers)), "PATIENT") == [
        "Name: Imani Okafor",
        "Born: 9 May 1992",
        "Contact by: E-mail",
        "E-mail: amara@example.org",
        "Visit: No date given",
        "Help at the visit:",
        "> A ramp.",
    ]


def test_the_route_with_its_rule_and_its_answers():
    sent = SubmissionFactory(answers=complete_answers({"legs-pattern": "yes"}))
    assert section(text_of(sent), "WHY IT IS HERE") == [
        "Team: Doctor",
        "Urgency: Soon",
        f"Reason: {sent.route_why['reason']}",
        "Rule: 3, version 1",
        "Answer: Are both your legs large, tender and easy to bruise, but not your feet? Yes",
        "Awaiting clinical review",
    ]


def test_the_goal_and_the_questions_are_quoted():
    asked = {"goal-own-words": "Fewer dents.\nNo more.", "top-questions": ["risks"], "own-question": "Why?"}
    text = text_of(SubmissionFactory(answers=complete_answers(asked)))
    goal = section(text, "GOAL, IN THE PATIENT’S WORDS")
    assert goal[:3] == ["> Fewer dents.", "> No more.", "Wants most: Nothing for now, I want to learn more"]
    assert section(text, "PATIENT’S QUESTIONS") == ["- What are the risks, and how often do they happen?", "> Why?"]


def test_what_is_not_there_is_said():
    text = text_of(SubmissionFactory())
    assert section(text, "GOAL, IN THE PATIENT’S WORDS")[0] == "No words given."
    assert section(text, "FLAGS") == ["No urgent sign ticked."]
    assert section(text, "TALK ABOUT FIRST") == ["No note applies to these answers."]
    assert "nothing to compare" in section(text, "HOPES BESIDE STUDIES")[0]
    assert section(text, "PATIENT’S QUESTIONS") == ["None chosen, none written."]


def test_flags_come_with_what_was_told():
    (flag,) = section(text_of(SubmissionFactory(answers=complete_answers({"urgent-signs": ["one-leg"]}))), "FLAGS")
    assert flag.startswith("- One leg is newly swollen")
    assert flag.endswith("The patient was told to get urgent care today and went on with the form.")


def test_notes_stand_by_rank_with_their_why_and_their_sources():
    sent = SubmissionFactory()
    for number in range(4):
        NoteFactory(submission=sent, code=f"E{number}", for_patient=number > 0, awaiting_review=number > 0)
    lines = section(text_of(sent), "TALK ABOUT FIRST")
    assert [line for line in lines if not line.startswith("   ")] == [
        f"{number + 1}. Title of E{number} (E{number}, version 1)" for number in range(4)
    ]
    assert lines[1:5] == [
        "   What E0 tells staff.",
        "   Not shown to the patient",
        "   Answer: What would you most like to change? I want all of it gone",
        "   Sources: R1",
    ]
    assert "   Patient reads: Heading of E1. What E1 tells the patient." in lines
    assert lines.count("   Awaiting clinical review") == 3


def test_a_free_text_that_decided_something_is_quoted():
    why = [{"question": "health-notes", "text": "Anything else?", "answer": "Yes.\nFLAGS"}]
    lines = section(text_of(NoteFactory(why=why).submission), "TALK ABOUT FIRST")
    assert "   Answer: Anything else? “Yes. FLAGS”" in lines


def test_gaps_are_sentences():
    assert section(text_of(SubmissionFactory(gaps=GAPS)), "HOPES BESIDE STUDIES") == [
        "A talking point, not a verdict. Levels are our own reading of the records.",
        "Hoping for fewer days of bruises than is usual counts as more.",
        "Creams (how sure the record is: Very low; awaiting clinical review)",
        "- Change: hopes for gone; usual change little: more than the evidence, no treatment does that.",
    ]


def test_all_answers_stand_under_their_questions_and_steps():
    lines = text_of(SubmissionFactory(answers=complete_answers({"health-notes": "Hay fever."}))).splitlines()
    answers = lines[lines.index("ALL ANSWERS, AS ASKED") :]
    assert answers[answers.index("- What is your full name?") + 1] == "  > Amara Nwosu"
    assert answers[answers.index("- Do you take any of these?") + 1] == "  None of these"
    assert answers[answers.index("- When is your appointment?") + 1] == "  Not given"
    assert "  > Hay fever." in answers
    assert "Your health" in answers


def test_what_a_patient_writes_can_not_pass_for_ours():
    typed = dict.fromkeys(("full-name", "goal-own-words", "visit-help", "health-notes", "own-question"), HOSTILE)
    text = text_of(SubmissionFactory(answers=complete_answers(typed)))
    honest = text_of(SubmissionFactory())
    headings = [line for line in honest.splitlines() if line.isupper()]
    assert [line for line in text.splitlines() if line.isupper() and not line.lstrip().startswith(">")] == headings
    for line in text.splitlines():
        if "All is well" in line:
            assert line.startswith(("> ", "  > ", "Name: ", "Answer: "))


def test_it_is_plain():
    text = text_of(SubmissionFactory(answers=complete_answers({"goal-own-words": HOSTILE, "full-name": HOSTILE})))
    assert {letter for letter in text if unicodedata.category(letter) == "Cc"} == {"\n"}
    assert "\u202e" not in text
    assert text.endswith("\n")


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("One.", ["> One."]),
        ("One.\n\nTwo.", ["> One.", ">", "> Two."]),
        ("One.\r\nTwo.\u2028Three.", ["> One.", "> Two.", "> Three."]),
        ("> One.", ["> > One."]),
        ("می‌خواهم", ["> می‌خواهم"]),
    ],
)
def test_each_line_is_quoted_by_itself(written, lines):
    assert quoted(written) == lines


def test_one_line_is_one_line():
    assert one_line(" a\n\tb\u2028c ") == "a b c"
