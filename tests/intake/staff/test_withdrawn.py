"""Open forms that name a withdrawn treatment: listed as long as that is so, with what, and at a flat cost."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from education.models import Treatment
from intake import actions
from intake.models import Status, Submission, Withdrawal
from intake.staff.filters import PAGE_SIZE
from intake.staff.paper import cuts
from intake.staff.sheet import face_sheet
from intake.withdrawal import mark_open_forms
from portal.roles import PRACTITIONER
from tests.factories import PROCEDURE, SubmissionFactory, UserFactory, complete_answers, hopes

pytestmark = pytest.mark.django_db

LIST = "/staff/withdrawn/"
CELLFINA, AVELI = "Guided subcision (Cellfina)", "Subcision with a band finder (Avéli)"


@pytest.fixture
def cellfina(db):
    return Treatment.objects.create(slug="cellfina", name=CELLFINA, summary="x", certainty="low")


def publish(record, **changes):
    for name, value in changes.items():
        setattr(record, name, value)
    record.save_revision().publish()
    return record


def withdraw(record, notice="The maker stopped selling it."):
    return publish(record, state="withdrawn", withdrawn_notice=notice)


def naming(*slugs, name="Amara Nwosu", visit_in=None, **fields):
    answers = complete_answers({"full-name": name, "considering": list(slugs)}) | PROCEDURE
    for slug in slugs:
        answers |= hopes(slug)
    if visit_in is not None:
        answers["appointment-date"] = (timezone.localdate() + timedelta(days=visit_in)).isoformat()
    return SubmissionFactory(answers=answers, **fields)


def soup(response):
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def rows(client, query=""):
    return [" ".join(row.get_text(" ").split()) for row in soup(client.get(LIST + query)).select("tbody tr")]


def queue_link(client):
    link = soup(client.get("/staff/")).select_one(f'.attention a[href="{LIST}"]')
    return link and " ".join(link.get_text(" ").split())


def test_the_switch_lists_the_open_forms_that_named_it_and_takes_them_off_again(as_nurse, nurse, cellfina):
    doctor = UserFactory(role=PRACTITIONER, first_name="Sora", last_name="Ito")
    sent = naming("cellfina", "creams", visit_in=3, owner=doctor, status=Status.IN_REVIEW)
    naming("creams", name="Lena Park")
    assert rows(as_nurse) == []
    assert queue_link(as_nurse) is None

    withdraw(cellfina)

    [row] = rows(as_nurse)
    today = timezone.localdate()
    for words in (sent.full_name, sent.reference, CELLFINA, f"withdrawn since {today.day} {today:%B %Y}"):
        assert words in row
    for words in ("in 3 days", "In review", "Care team", "Sora Ito"):
        assert words in row
    assert "Creams" not in row
    assert queue_link(as_nurse) == "1 names a withdrawn treatment"

    publish(cellfina, state="available")

    assert rows(as_nurse) == []
    assert queue_link(as_nurse) is None
    assert "No open form names a withdrawn treatment" in soup(as_nurse.get(LIST)).text
    assert not Submission.objects.filter(names_withdrawn=True).exists()


def test_urgent_first_then_by_visit(as_nurse, cellfina):
    for name, visit_in in {"no visit": None, "late visit": 9, "early visit": 2}.items():
        naming("cellfina", name=name, visit_in=visit_in)
    withdraw(cellfina)
    assert [row.split(" visit")[0].split()[-1] for row in rows(as_nurse)] == ["early", "late", "no"]


def test_each_treatment_is_named_and_the_link_counts_forms(as_nurse, cellfina):
    aveli = Treatment.objects.create(slug="aveli", name=AVELI, summary="x", certainty="low")
    naming("cellfina", "aveli")
    naming("aveli")
    withdraw(cellfina)
    assert queue_link(as_nurse) == "1 names a withdrawn treatment"
    withdraw(aveli)
    assert queue_link(as_nurse) == "2 name a withdrawn treatment"
    assert [(CELLFINA in row, AVELI in row) for row in rows(as_nurse)] == [(True, True), (False, True)]
    publish(aveli, state="available")
    assert [(CELLFINA in row, AVELI in row) for row in rows(as_nurse)] == [(True, False)]


def test_what_a_patient_has_had_is_history_and_lists_nobody(as_nurse):
    SubmissionFactory(answers=complete_answers({"tried": ["collagenase"], "tried-result": "little"}))
    mark_open_forms.call()
    assert rows(as_nurse) == []


def test_a_closed_form_leaves_the_list_and_a_reopened_one_is_looked_at_again(as_nurse, nurse, cellfina):
    sent = naming("cellfina", status=Status.READY, owner=nurse)
    withdraw(cellfina)
    actions.move(submission=sent, to=Status.CLOSED, by=nurse)
    assert rows(as_nurse) == []
    assert queue_link(as_nurse) is None
    actions.move(submission=sent, to=Status.IN_REVIEW, by=nurse, reason="Called again.")
    assert len(rows(as_nurse)) == 1
    actions.move(submission=sent, to=Status.READY, by=nurse)
    actions.move(submission=sent, to=Status.CLOSED, by=nurse)
    publish(cellfina, state="available")
    actions.move(submission=sent, to=Status.IN_REVIEW, by=nurse, reason="Called again.")
    assert not Submission.objects.get().names_withdrawn


def test_a_form_that_was_closed_at_the_flip_is_listed_when_it_is_reopened(as_nurse, nurse, cellfina):
    sent = naming("cellfina", status=Status.CLOSED, owner=nurse)
    withdraw(cellfina)
    assert not Submission.objects.get().names_withdrawn
    actions.move(submission=sent, to=Status.IN_REVIEW, by=nurse, reason="Called again.")
    assert len(rows(as_nurse)) == 1


def test_since_stays_when_the_record_is_published_again(cellfina):
    withdraw(cellfina)
    cellfina.refresh_from_db()
    since = Withdrawal.objects.get(slug="cellfina").since
    assert since == cellfina.last_published_at
    withdraw(cellfina, notice="Better words.")
    assert Withdrawal.objects.get(slug="cellfina").since == since
    publish(cellfina, state="available")
    assert not Withdrawal.objects.filter(slug="cellfina").exists()


def test_a_deleted_record_lists_nobody_but_for_the_one_that_counts_as_withdrawn_without(as_nurse, cellfina):
    qwo = Treatment.objects.create(slug="collagenase", name="Qwo", summary="x", certainty="low")
    naming("cellfina", name="Thinks of Cellfina")
    naming("collagenase", name="Thinks of Qwo")
    withdraw(cellfina)
    cellfina.delete()
    assert rows(as_nurse) == []
    qwo.delete()
    [row] = rows(as_nurse)
    assert "Thinks of Qwo" in row and "Collagenase injections (Qwo)" in row


def notice(client, sent):
    box = soup(client.get(sent.get_absolute_url())).select_one(".named-withdrawn")
    return box and " ".join(box.get_text(" ").split())


def test_the_face_sheet_says_what_is_withdrawn_since_when_and_why(as_nurse, cellfina):
    sent = naming("cellfina", "creams")
    assert notice(as_nurse, sent) is None
    withdraw(cellfina)
    today = timezone.localdate()
    assert notice(as_nurse, sent) == (
        f"Named here, no longer available {CELLFINA} , withdrawn since {today.day} {today:%B %Y} "
        "The maker stopped selling it."
    )
    copied = face_sheet(sent)["plain_text"]
    assert "NAMED HERE, NO LONGER AVAILABLE\n- Guided subcision (Cellfina), withdrawn since" in copied
    publish(cellfina, state="available")
    assert notice(as_nurse, sent) is None
    assert "NO LONGER AVAILABLE" not in face_sheet(sent)["plain_text"]


def test_of_a_draft_of_a_record_staff_read_that_it_is_withdrawn_and_no_words_of_it(as_nurse, cellfina):
    sent = naming("cellfina")
    withdraw(cellfina, notice="Words that nobody approved.").unpublish()
    assert CELLFINA in notice(as_nurse, sent)
    assert "nobody approved" not in notice(as_nurse, sent)


def test_the_notice_takes_its_place_on_the_printed_sheet(cellfina):
    long = naming("cellfina", "aveli", "creams", notes=3)
    long.answers |= {"goal-own-words": "Fewer dents, please. " * 28}
    before = cuts(face_sheet(long))
    withdraw(cellfina)
    assert cuts(face_sheet(long)) >= before


def queries(client, path):
    client.get(path)  # what is read once and kept
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_the_cost_does_not_grow_with_the_list(as_nurse, cellfina):
    sent = naming("cellfina", notes=1)
    withdraw(cellfina)
    few = {path: queries(as_nurse, path) for path in (LIST, "/staff/", sent.get_absolute_url())}
    for number in range(PAGE_SIZE + 5):
        owner = UserFactory(role="nurse")
        naming("cellfina", "creams", visit_in=number, owner=owner, status=Status.IN_REVIEW)
    mark_open_forms.call()
    assert {path: queries(as_nurse, path) for path in few} == few
    assert few[LIST] <= 7
    assert few["/staff/"] <= 9


def test_a_long_list_comes_in_pages(as_nurse, cellfina):
    for number in range(PAGE_SIZE + 2):
        naming("cellfina", name=f"Patient {number:02}", submitted_at=timezone.now() + timedelta(minutes=number))
    withdraw(cellfina)
    first = soup(as_nurse.get(LIST))
    following = next(link["href"] for link in first.select(".pager a") if link.text.startswith("Next"))
    assert len(first.select("tbody tr")) == PAGE_SIZE
    assert [row.split()[2] for row in rows(as_nurse, following)] == ["25", "26"]
    assert len(rows(as_nurse, "?after=AAA-AAA")) == PAGE_SIZE
    assert len(rows(as_nurse, "?after=%00")) == PAGE_SIZE


def test_the_list_is_found_by_its_own_index():
    if connection.vendor == "sqlite":  # PostgreSQL reads so small a table whole
        assert "submission_names_withdrawn" in Submission.objects.naming_withdrawn().by_need()[:26].explain()


def test_the_database_does_not_tell_which_treatment_was_named(cellfina):
    naming("cellfina")
    withdraw(cellfina)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM intake_submission")
        stored = str(cursor.fetchall())
    assert "cellfina" not in stored.lower()
