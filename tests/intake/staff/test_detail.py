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
from tests.factories import (
    AccessLogFactory,
    CommentFactory,
    DraftFactory,
    NoteFactory,
    StatusChangeFactory,
    SubmissionFactory,
    UserFactory,
    complete_answers,
)

pytestmark = pytest.mark.django_db

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
    assert words(flags[0]).endswith("The patient was told to call the emergency number now.")


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
        "Sources Dermatol Surg 2020 R19",
    ):
        assert part in shown


def test_a_note_that_the_patient_does_not_read_says_so(as_nurse):
    note = NoteFactory(for_patient=False, awaiting_review=False)
    shown = words(read(as_nurse, note.submission).select_one("[data-note]"))
    assert "Not shown to the patient" in shown
    assert note.patient_text not in shown
    assert "Awaiting" not in shown


def test_the_route_says_what_decided_it(as_nurse):
    route = words(card(read(as_nurse, handed_in({"urgent-signs": ["one-leg"]})), "route"))
    assert "Rule 1" in route
    assert "Clinical lead, Urgent: Urgent sign ticked" in route
    assert "Do you have any of these now? One leg is newly swollen" in route


def test_all_answers_stand_under_the_questions_as_asked(as_nurse):
    sent = handed_in({"goal-own-words": "Fewer dents.\nNo more.", "areas": ["tummy", "other"]})
    page = read(as_nurse, sent)
    answers = card(page, "answers")
    assert [fold.summary.text for fold in answers.select("details")] == [s.title for s in sent.questionnaire.steps]
    given = {words(row.dt): words(row.dd) for row in answers.select("dl > div")}
    assert given["In your own words, what do you hope for?"] == "Fewer dents. No more."
    assert given["Where do you see dents or uneven skin?"] == "Tummy; Somewhere else"
    assert given["When is your appointment?"] == "Not given"
    assert "What is your phone number?" not in given
    assert "Please ask again face to face." in page.text


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
        "Sent by the patient, form version 0.1",
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
    texts = {"full-name": SCRIPT, "goal-own-words": SCRIPT, "visit-help": SCRIPT, "email": f"a@b.example{SCRIPT}"}
    sent = SubmissionFactory(answers=complete_answers(texts), status=Status.CALL_FIRST, owner=nurse)
    NoteFactory(submission=sent, why=[{"question": "goal", "text": SCRIPT, "answer": SCRIPT}])
    CommentFactory(submission=sent, text=SCRIPT, by=UserFactory(role="nurse", first_name=SCRIPT))
    StatusChangeFactory(submission=sent, from_status="new", to_status="in-review", by=nurse, reason=SCRIPT)
    page = as_nurse.get(sent.get_absolute_url()).content.decode()
    assert "<script" not in page
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

    small, large = SubmissionFactory(), SubmissionFactory(notes=9)
    queries(small)  # what is read once and kept
    for _time in range(30):
        AccessLogFactory(submission=large)
        CommentFactory(submission=large)
        StatusChangeFactory(submission=large, from_status="new", by=UserFactory())
    assert queries(large) == queries(small) <= 14
    assert Submission.objects.count() == 2
