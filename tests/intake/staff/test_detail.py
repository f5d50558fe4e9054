"""The page of one form: what a clinician reads first, everything as asked, and what has happened to it."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.actions import TRANSITIONS, submit
from intake.models import Status, Submission
from intake.path import walk
from tests.factories import (
    PROCEDURE,
    AccessLogFactory,
    CommentFactory,
    DraftFactory,
    NoteFactory,
    StatusChangeFactory,
    SubmissionFactory,
    UserFactory,
    complete_answers,
    hopes,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form")]

SCRIPT = "<script>alert(1)</script>"


def read(client, submission):
    response = client.get(submission.get_absolute_url())
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser").main


def words(element):
    return " ".join(element.get_text(" ").split())


def card(page, name):
    """The part of the page under one heading."""
    return page.select_one(f'section[aria-labelledby="{name}"]')


def handed_in(changes=()):
    return submit(key=DraftFactory(answers=complete_answers(changes)).key)


def test_the_main_element_says_team_urgency_and_status(as_nurse, nurse):
    sent = SubmissionFactory(answers=complete_answers({"legs-pattern": "yes"}), status=Status.CALL_FIRST, owner=nurse)
    page = read(as_nurse, sent)
    assert (page["data-team"], page["data-urgency"], page["data-status"]) == ("doctor", "soon", "call-first")


def test_the_top_says_who_it_is_and_where_it_stands(as_nurse, nurse):
    changes = {"full-name": "Imani Okafor", "contact-by": "text", "phone": "+44 (0)20 7946 0000", "email": None}
    sent = SubmissionFactory(
        answers=complete_answers(changes | {"birth-date": "1992-05-09", "visit-help": "A ramp, please."}),
        status=Status.IN_REVIEW,
        owner=nurse,
        due_at=timezone.now() - timedelta(hours=2),
    )
    page = read(as_nurse, sent)
    assert page.h1.text.startswith("Imani Okafor, ")
    top = words(page.select_one(".face-id"))
    assert f"{sent.reference} born 9 May 1992 · Text message: +44 (0)20 7946 0000" in top
    assert "Help at the visit: A ramp, please." in top
    assert page.select_one('a[href="tel:+442079460000"]')
    meta = words(page.select_one(".face-meta"))
    assert meta == (
        "Urgency Routine Status In review Owner Rana Haddad Team Care team Visit No date given Due Overdue 2 h"
    )


def test_the_goal_stands_in_the_patients_words(as_nurse):
    sent = handed_in({"goal-own-words": "Fewer dents.\nNo more.", "goal": "eliminate", "by-when": "4-weeks"})
    goal = card(read(as_nurse, sent), "goal")
    assert words(goal.blockquote) == "“Fewer dents. No more.”"
    assert "Wants most I want all of it gone" in words(goal)
    assert "By when Within 4 weeks" in words(goal)
    assert "Sees Several clear dents" in words(goal)


def test_no_words_is_said(as_nurse):
    goal = card(read(as_nurse, handed_in()), "goal")
    assert "No words given." in goal.text
    assert not goal.blockquote


def test_each_ticked_sign_is_a_flag_the_most_urgent_first(as_nurse):
    signs = ["breast-change", "one-leg", "breathless"]
    flags = card(read(as_nurse, handed_in({"urgent-signs": signs})), "flags").select("[data-flag]")
    assert [flag["data-flag"] for flag in flags] == ["breathless", "one-leg", "breast-change"]
    assert words(flags[0]).startswith("Sudden trouble breathing")
    assert words(flags[0]).endswith("The patient was told to call the emergency number now and went on with the form.")
    assert words(flags[1]).endswith("The patient was told to get urgent care today and went on with the form.")
    assert words(flags[2]).endswith("The patient was told to see a doctor within days and went on with the form.")


def test_none_ticked_is_said_and_flags_nothing(as_nurse):
    page = read(as_nurse, handed_in({"urgent-signs": ["none"]}))
    assert not page.select("[data-flag]")
    assert "No urgent sign ticked." in card(page, "flags").text


def test_every_note_is_there_and_three_are_open(as_nurse):
    sent = handed_in({"goal": "eliminate", "pattern": "waves", "by-when": "4-weeks", "visits-ok": "one"})
    notes = card(read(as_nurse, sent), "notes")
    ranked = [note.code for note in sent.notes.all()]
    assert [note["data-note"] for note in notes.select("[data-note]")] == ranked
    assert [note["data-note"] for note in notes.select("section > [data-note]")] == ranked[:3]
    more = notes.select_one("section > details")
    assert not more.has_attr("open")
    assert [note["data-note"] for note in more.select("[data-note]")] == ranked[3:]
    assert all(note.title in more.summary.text for note in sent.notes.all()[3:])


def test_a_note_says_what_to_say_what_the_patient_reads_and_why(as_nurse):
    note = NoteFactory(
        code="E9",
        version=4,
        title="Hopes for one visit",
        staff_text="Say that most need a series.",
        patient_title="How many visits",
        patient_text="Some need several.",
        sources=[{"code": "R9", "citation": "Dermatol Surg 2020"}, {"code": "R19", "citation": ""}],
        why=[{"question": "visits-ok", "text": "How many visits would work?", "answer": "One visit"}],
    )
    shown = words(read(as_nurse, note.submission).select_one('[data-note="E9"]'))
    for part in (
        "Hopes for one visit",
        "Say that most need a series.",
        "Patient reads: “How many visits. Some need several.”",
        "Awaiting clinical review",
        "Rule E9, version 4",
        "Answers How many visits would work? One visit",
        "Sources R9 Dermatol Surg 2020 R19",
        "Review Words and rule await clinical review.",
    ):
        assert part in shown


def test_a_note_that_the_patient_does_not_read_says_so(as_nurse):
    note = NoteFactory(for_patient=False, awaiting_review=False)
    shown = words(read(as_nurse, note.submission).select_one("[data-note]"))
    assert "Not shown to the patient" in shown
    assert note.patient_text not in shown
    assert "Reviewed by a clinician." in shown
    assert "Awaiting" not in shown


def test_the_route_says_what_decided_it(as_nurse):
    route = words(card(read(as_nurse, handed_in({"urgent-signs": ["one-leg"]})), "route"))
    assert "Rule 1, version 1" in route
    assert "Clinical lead, Urgent: Urgent sign ticked" in route
    assert "Do you have any of these now? One leg is newly swollen" in route
    assert "Awaiting clinical review" in route


def test_a_route_from_before_versions_shows_its_number_alone(as_nurse):
    why = {"rule": 7, "reason": "Nothing needs a doctor first", "answers": []}
    assert words(card(read(as_nurse, SubmissionFactory(route_why=why)), "route").small) == "Rule 7"


def test_a_reviewed_route_awaits_nothing(as_nurse):
    why = {"rule": 7, "version": 2, "reason": "Routine", "answers": [], "awaiting_review": False}
    assert "Awaiting" not in card(read(as_nurse, SubmissionFactory(route_why=why)), "route").text


def test_the_patients_questions_stand_in_their_order_and_words(as_nurse):
    asked = {"top-questions": ["total-cost", "risks"], "own-question": "Who does it?\nAnd where?"}
    questions = card(read(as_nurse, handed_in(asked)), "patients-questions").select("li")
    assert [words(question) for question in questions] == [
        "What will it cost in all?",
        "What are the risks, and how often do they happen?",
        "“Who does it? And where?”",
    ]


def test_no_question_is_said(as_nurse):
    assert "None chosen, none written." in card(read(as_nurse, handed_in()), "patients-questions").text


GAPS = [
    {
        "treatment": "creams",
        "name": "Creams with caffeine or retinol",
        "certainty": "very-low",
        "awaiting_review": True,
        "rows": [
            {"dimension": "change", "hope": "gone", "usual": "little", "level": "more"},
            {"dimension": "lasts", "hope": "unsure", "usual": "weeks", "level": "unknown"},
        ],
    },
    {
        "treatment": "laser-1440",
        "name": "Laser under the skin",
        "certainty": "",
        "awaiting_review": True,
        "rows": [
            {"dimension": "change", "hope": "little", "usual": "clear", "level": "less"},
            {"dimension": "lasts", "hope": "months", "usual": None, "level": "unknown"},
            {"dimension": "bruising", "hope": "two-weeks", "usual": "two-weeks", "level": "in-line"},
        ],
    },
]


def test_each_gap_stands_once_in_codes_and_in_words(as_nurse):
    page = read(as_nurse, SubmissionFactory(gaps=GAPS))
    assert [(gap["data-gap"], gap["data-value"]) for gap in page.select("[data-gap]")] == [
        ("creams-change", "more"),
        ("creams-lasts", "unknown"),
        ("laser-1440-change", "less"),
        ("laser-1440-lasts", "unknown"),
        ("laser-1440-bruising", "in-line"),
    ]
    table = card(page, "hopes").table
    assert [words(row) for row in table.select("[data-gap]")] == [
        "Change Gone Little More than the evidence No treatment does that",
        "Lasts Not sure Weeks Not known",
        "Change Little Clear Less than the evidence",
        "Lasts Months Not known Not known",
        "Bruising Two weeks Two weeks In line with the evidence",
    ]
    assert [words(row) for row in table.select("[scope=rowgroup]")] == [
        "Creams with caffeine or retinol How sure is the record? Very low",
        "Laser under the skin How sure is the record? no record yet",
    ]


def test_each_gap_is_drawn_and_the_drawing_says_it_in_a_sentence(as_nurse):
    figure = card(read(as_nurse, SubmissionFactory(gaps=GAPS)), "hopes").figure
    drawings = figure.select("svg[role=img]")
    assert [drawing["aria-label"] for drawing in drawings] == [
        "Change: hopes for gone; usual change little: more than the evidence, no treatment does that",
        "Lasts: is not sure what to hope for; longest shown weeks: not known",
        "Change: hopes for little; usual change clear: less than the evidence",
        "Lasts: hopes it lasts months; longest shown not known: not known",
        "Bruising: accepts bruising: two weeks; usual bruising two weeks: in line with the evidence",
    ]
    shapes = [[len(drawing.select(f".{name}")) for name in ("hope", "ev", "unk", "between")] for drawing in drawings]
    assert shapes == [[1, 1, 0, 1], [0, 1, 0, 0], [1, 1, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0]]


def test_the_gaps_are_a_talking_point_that_awaits_review(as_nurse):
    hopes_card = words(card(read(as_nurse, SubmissionFactory(gaps=GAPS)), "hopes"))
    assert "A talking point, not a verdict." in hopes_card
    assert "Levels are our own reading of the records and await clinical review." in hopes_card
    reviewed = [gap | {"awaiting_review": False} for gap in GAPS]
    assert "review" not in words(card(read(as_nurse, SubmissionFactory(gaps=reviewed)), "hopes"))


def test_nothing_to_compare_is_said(as_nurse):
    hopes_card = card(read(as_nurse, handed_in()), "hopes")
    assert "nothing to compare" in hopes_card.text
    assert not hopes_card.select("figure, table, svg")


def parts(page):
    """The folds of the answers: their headings, and what each says of which question."""
    folds = card(page, "answers").select("details")
    given = [{words(row.dt): words(row.dd) for row in fold.select("dl > div")} for fold in folds]
    return [words(fold.summary) for fold in folds], *given


def test_answers_that_matter_stand_open_and_a_plain_no_is_folded(as_nurse):
    changes = {"goal-own-words": "Fewer dents.\nNo more.", "areas": ["tummy", "other"], "conditions": ["keloid"]}
    page = read(as_nurse, handed_in(changes))
    headings, open_ones, folded = parts(page)
    assert headings == [
        f"Answers that matter ({len(open_ones)})",
        f"Answered no, none of these, or left open ({len(folded)})",
    ]
    assert [fold.has_attr("open") for fold in card(page, "answers").select("details")] == [True, False]
    assert open_ones["In your own words, what do you hope for?"] == "“Fewer dents. No more.”"
    assert open_ones["Where do you see dents or uneven skin?"] == "Tummy Somewhere else"
    assert folded["When is your appointment?"] == "Not given"
    assert folded["Do you have any of these now?"] == "None of these"
    assert folded["Which treatments are you thinking about?"] == "None yet"
    assert "What is your phone number?" not in open_ones | folded
    assert "Please ask again face to face." in page.text


def test_every_question_that_was_asked_is_there_once_in_the_order_of_the_form(as_nurse):
    considering = {"considering": ["cellfina", "creams"], **hopes("cellfina", bruising="none"), **hopes("creams")}
    sent = handed_in({**considering, **PROCEDURE, "own-question": "Why?"})
    found = [
        [(words(title), words(row.dt)) for title in fold.select("h3") for row in title.find_next("dl").select("div")]
        for fold in card(read(as_nurse, sent), "answers").select("details")
    ]
    asked = [
        (entry.step.title, question.text)
        for entry in walk(sent.questionnaire, sent.answers)
        for question in entry.questions
    ]
    assert sorted(found[0] + found[1]) == sorted(asked)
    for part in found:
        assert part == [row for row in asked if row in part]


def test_an_answer_names_the_notes_and_the_route_that_it_led_to(as_nurse):
    _headings, open_ones, _folded = parts(
        read(as_nurse, handed_in({"medicines": ["blood-thinner"], "conditions": ["keloid"]}))
    )
    assert open_ones["Do you take any of these?"].endswith("clotting Led to: E24, route")
    assert open_ones["Do you have any of these, or have you had them?"].endswith("(keloid) Led to: E25, route")
    assert "Led to" not in open_ones["What does it look like most?"]


def test_a_plain_no_that_led_to_a_note_stays_open(as_nurse):
    roller = {"tried": ["home-roller"], "tried-result": "mixed", "roller-shared": "no", "roller-products": "no"}
    _headings, open_ones, folded = parts(read(as_nurse, handed_in(roller)))
    assert open_ones["Do you put products on your skin when you use the roller?"] == "No Led to: E11"
    assert folded["Have you shared your roller with anyone, or bought it used?"] == "No"


def test_none_on_a_scale_is_an_answer(as_nurse):
    _headings, open_ones, folded = parts(read(as_nurse, handed_in({"self-rating": "none"})))
    assert open_ones["Which is closest to what you see?"].startswith("I see no dents")
    assert folded["Do you take any of these?"] == "None of these"


def test_the_text_to_copy_is_the_whole_sheet_and_can_not_be_changed(as_nurse):
    page = read(as_nurse, handed_in({"goal-own-words": "Fewer dents.", "own-question": "Why <b>me</b>?"}))
    text = page.select_one("details.no-print textarea#plain-text[readonly]")
    assert text.text.startswith("FACE SHEET")
    assert "> Why <b>me</b>?" in text.text.splitlines()
    assert page.select_one('label[for="plain-text"]')
    for button in page.select("button[data-copy=plain-text], button[data-print]"):
        assert button.has_attr("hidden")
    assert len(page.select("[data-copy], [data-print]")) == 2


def test_a_note_on_paper_has_boxes_for_a_pen(as_nurse):
    notes = card(read(as_nurse, SubmissionFactory(notes=2)), "notes").select("[data-note]")
    assert [words(note.select_one(".pen.print-only")) for note in notes] == ["Discussed Changed Not relevant"] * 2


def test_the_timeline_tells_what_happened_in_order(as_nurse, nurse):
    sent = SubmissionFactory(status=Status.CALL_FIRST, owner=nurse, submitted_at=timezone.now() - timedelta(days=3))
    at = sent.submitted_at
    opened = [AccessLogFactory(submission=sent, by=nurse, at=at + timedelta(minutes=minutes)) for minutes in (5, 6, 7)]
    for minutes, seen, to in ((10, "new", "in-review"), (20, "in-review", "call-first")):
        StatusChangeFactory(
            submission=sent,
            from_status=seen,
            to_status=to,
            by=nurse,
            at=at + timedelta(minutes=minutes),
            reason="She sounds worried." if to == "call-first" else None,
        )
    events = [words(event.span) for event in card(read(as_nurse, sent), "timeline").select("li")]
    assert len(opened) == 3
    assert events == [
        "Sent by the patient, form version 1",
        "Routed to Care team, Routine: Nothing needs a doctor first",
        "Opened by Rana Haddad",
        "Rana Haddad: from “New” to “In review”",
        "Rana Haddad: from “In review” to “Call first” “She sounds worried.”",
        "Opened by Rana Haddad",
    ]


def test_each_look_is_recorded_with_who_looked(as_nurse, nurse, client):
    sent = SubmissionFactory()
    read(as_nurse, sent)
    read(as_nurse, sent)
    doctor = UserFactory(role="practitioner")
    client.force_login(doctor)
    read(client, sent)
    assert [(access.by, access.action) for access in sent.accesses.all()] == [
        (doctor, "opened"),
        (nurse, "opened"),
        (nurse, "opened"),
    ]


def test_the_queue_is_no_look(as_nurse):
    sent = SubmissionFactory()
    as_nurse.get("/staff/")
    assert not sent.accesses.exists()


@pytest.mark.parametrize("status", Status)
def test_only_what_is_allowed_is_offered(as_nurse, nurse, status):
    sent = SubmissionFactory(status=status, owner=None if status == Status.NEW else nurse)
    page = read(as_nurse, sent)
    claim = page.select('form[action$="/claim/"]')
    offered = [radio["value"] for radio in page.select('form[action$="/move/"] [name="to"]')]
    if status == Status.NEW:
        assert (len(claim), offered) == (1, [])
    else:
        assert (len(claim), offered) == (0, list(TRANSITIONS[status]))


def test_every_printed_page_names_the_patient_and_the_reference(as_nurse):
    sent = SubmissionFactory()
    assert words(read(as_nurse, sent).select_one(".print-pages > .print-id")) == f"{sent.full_name} · {sent.reference}"


def test_a_script_in_any_text_is_only_text(as_nurse, nurse):
    texts = dict.fromkeys(("full-name", "goal-own-words", "visit-help", "health-notes", "own-question"), SCRIPT)
    answers = complete_answers({**texts, "email": f"a@b.example{SCRIPT}"})
    gaps = [gap | {"name": SCRIPT} for gap in GAPS]
    sent = SubmissionFactory(answers=answers, gaps=gaps, status=Status.CALL_FIRST, owner=nurse)
    NoteFactory(submission=sent, why=[{"question": "goal", "text": SCRIPT, "answer": SCRIPT}])
    CommentFactory(submission=sent, text=SCRIPT, by=UserFactory(role="nurse", first_name=SCRIPT))
    StatusChangeFactory(submission=sent, from_status="new", to_status="in-review", by=nurse, reason=SCRIPT)
    page = as_nurse.get(sent.get_absolute_url()).content.decode()
    assert SCRIPT not in page
    assert page.count("<script") == page.count('<script src="/static/')
    assert page.count("&lt;script&gt;") >= 12


def test_a_note_of_staff_is_read_by_staff_and_never_by_the_patient(as_nurse, client):
    sent = SubmissionFactory(token="the patient's cookie")
    CommentFactory(submission=sent, text="Called: no answer at all.")
    StatusChangeFactory(
        submission=sent,
        from_status="in-review",
        to_status="call-first",
        by=UserFactory(first_name="Ottoline"),
        reason="Sounds worried to me.",
    )
    assert "Called: no answer at all." in card(read(as_nurse, sent), "comments").text
    client.logout()
    client.cookies[settings.DRAFT_COOKIE_NAME] = "the patient's cookie"
    for url in ("/intake/", "/intake/done/", "/intake/check/", "/intake/goals/", "/intake/urgent/advice/"):
        page = client.get(url, follow=True).content.decode()
        assert "Called: no answer" not in page
        assert "Sounds worried" not in page
        assert "Ottoline" not in page
    assert sent.reference in client.get("/intake/done/").content.decode()


def test_the_cost_of_a_look_has_a_limit(as_nurse):
    def queries(sent):
        with CaptureQueriesContext(connection) as captured:
            read(as_nurse, sent)
        return len(captured)

    small, large = SubmissionFactory(), SubmissionFactory(notes=9, gaps=GAPS)
    queries(small)  # what is read once and kept
    for _time in range(30):
        AccessLogFactory(submission=large)
        CommentFactory(submission=large)
        StatusChangeFactory(submission=large, from_status="new", by=UserFactory())
    assert queries(large) == queries(small) <= 12
    assert Submission.objects.count() == 2
