"""The queue: what stands in it, in which order, under which filters, at what cost."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.models import Status, Submission, Team, Urgency
from intake.staff.filters import PAGE_SIZE, marked, page
from portal.roles import ADMIN, PRACTITIONER
from tests.factories import SubmissionFactory, UserFactory, complete_answers

pytestmark = pytest.mark.django_db

NOW = timezone.now()
QUEUE = "/staff/"


def submission(name="Amara Nwosu", *, answers=(), visit_in=None, **fields):
    given = complete_answers({"full-name": name} | dict(answers))
    if visit_in is not None:
        given["appointment-date"] = (timezone.localdate() + timedelta(days=visit_in)).isoformat()
    return SubmissionFactory(answers=given, **fields)


def soup(response):
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def rows(client, query="?team=all"):
    return soup(client.get(f"{QUEUE}{query}")).select("table.queue tbody tr")


def names(client, query="?team=all"):
    return [row.select_one("a.pt").text for row in rows(client, query)]


def cell(row, column):
    return " ".join(row.select_one(f".c-{column}").get_text(" ").split())


def counts(client, group, query="?team=all"):
    """{choice: count} of one filter, "" where nothing is counted."""
    found = soup(client.get(f"{QUEUE}{query}")).select(f'ul[aria-labelledby="group-{group}"] a')
    return {
        link.find(string=True).strip(): link.select_one(".n").text if link.select_one(".n") else "" for link in found
    }


def test_urgent_first_then_by_visit_then_oldest(as_nurse):
    submission("no visit, young", submitted_at=NOW)
    submission("no visit, old", submitted_at=NOW - timedelta(days=3))
    submission("late visit", visit_in=9)
    submission("early visit, young", visit_in=2, submitted_at=NOW)
    submission("early visit, old", visit_in=2, submitted_at=NOW - timedelta(days=1))
    submission("soon", answers={"legs-pattern": "yes"})
    submission("urgent", answers={"urgent-signs": ["one-leg"]})
    assert names(as_nurse) == [
        "urgent",
        "soon",
        "early visit, old",
        "early visit, young",
        "late visit",
        "no visit, old",
        "no visit, young",
    ]


def test_a_row_says_who_why_when_and_whose(as_nurse):
    sent = submission(
        "Imani Okafor", answers={"urgent-signs": ["one-leg"], "birth-date": "1992-05-09"}, visit_in=3, notes=1
    )
    (row,) = rows(as_nurse)
    age = timezone.localdate().year - 1992 - ((timezone.localdate().month, timezone.localdate().day) < (5, 9))
    assert cell(row, "urg") == "Urgent"
    assert row.select_one(".c-urg use")["href"].endswith("#i-urgent")
    assert cell(row, "pt") == f"Imani Okafor {sent.reference} · {age} years"
    assert cell(row, "why").startswith("Urgent sign ticked One leg is newly swollen")
    assert cell(row, "appt").endswith("in 3 days")
    assert cell(row, "state") == "New"
    assert cell(row, "team") == "Clinical lead"
    assert row.select_one("form")["action"] == reverse("staff:claim", args=[sent.reference])
    assert row.select_one("form button").get_text() == "Claim Imani Okafor"


def test_an_answer_that_says_nothing_alone_comes_with_its_question(as_nurse):
    submission(answers={"legs-pattern": "yes"})
    assert cell(rows(as_nurse)[0], "why").endswith("large, tender and easy to bruise, but not your feet? Yes")


def test_where_no_answer_decided_the_notes_say_what_it_is_about(as_nurse):
    sent = submission(notes=3)
    titles = [note.title for note in sent.notes.all()]
    assert cell(rows(as_nurse)[0], "why") == f"Nothing needs a doctor first {titles[0]} · {titles[1]}"


def test_an_owner_is_named_instead_of_the_button(as_nurse, nurse):
    doctor = UserFactory(role=PRACTITIONER, first_name="Sora", last_name="Ito")
    submission("hers", status=Status.IN_REVIEW, owner=doctor)
    submission("mine", status=Status.READY, owner=nurse)
    owners = {row.select_one("a.pt").text: row.select_one(".act").get_text().strip() for row in rows(as_nurse)}
    assert owners == {"hers": "Sora Ito", "mine": "You"}


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(minutes=5), "Overdue 5 min"),
        (timedelta(hours=2), "Overdue 2 h"),
        (timedelta(hours=47), "Overdue 47 h"),
        (timedelta(days=3), "Overdue 3 days"),
    ],
)
def test_overdue_says_by_how_much(as_nurse, late, words):
    submission(due_at=timezone.now() - late)
    (row,) = rows(as_nurse)
    assert cell(row, "due") == words
    assert row.select_one(".overdue use")["href"].endswith("#i-clock")


def test_what_has_been_read_is_not_overdue(as_nurse, nurse):
    submission(due_at=NOW - timedelta(days=3), status=Status.READY, owner=nurse)
    assert "Overdue" not in cell(rows(as_nurse)[0], "due")


@pytest.mark.parametrize(("days", "words"), [(0, "Today"), (1, "in 1 day"), (-2, "2 days ago")])
def test_a_visit_says_how_far_away_it_is(as_nurse, days, words):
    submission(visit_in=days)
    assert cell(rows(as_nurse)[0], "appt").endswith(words)


def test_no_visit_is_said(as_nurse):
    submission()
    assert cell(rows(as_nurse)[0], "appt") == "No date given"


@pytest.mark.parametrize("role", ["nurse", PRACTITIONER, ADMIN])
def test_people_begin_with_their_own_teams(client, role):
    for team in Team:
        submission(team, team=team)
    client.force_login(UserFactory(role=role))
    mine = {"nurse": ["nurse", "care-team"], PRACTITIONER: ["clinical-lead", "doctor"], ADMIN: Team.values}[role]
    assert names(client, "") == mine
    assert len(names(client, "?team=all")) == 4
    assert names(client, "?team=doctor") == ["doctor"]


def test_status_shows_the_open_ones_one_kind_or_the_closed(as_nurse, nurse):
    for status in Status:
        submission(status, status=status, owner=None if status == Status.NEW else nurse)
    assert sorted(names(as_nurse)) == sorted(set(Status.values) - {"closed"})
    for status in Status:
        assert names(as_nurse, f"?team=all&status={status}") == [status]


def test_owner_shows_anyones_mine_or_nobodys(as_nurse, nurse):
    submission("nobody's")
    submission("mine", status=Status.IN_REVIEW, owner=nurse)
    submission("hers", status=Status.IN_REVIEW, owner=UserFactory(role=PRACTITIONER))
    assert len(names(as_nurse)) == 3
    assert names(as_nurse, "?team=all&owner=me") == ["mine"]
    assert names(as_nurse, "?team=all&owner=none") == ["nobody's"]


def test_attention_leads_to_what_should_not_wait(as_nurse, nurse):
    urgent = {"answers": {"urgent-signs": ["one-leg"]}, "due_at": NOW + timedelta(days=1)}
    submission("urgent, unread", **urgent)
    submission("urgent, being read", status=Status.IN_REVIEW, owner=nurse, **urgent)
    submission("late", due_at=NOW - timedelta(hours=1))
    submission("here today", visit_in=0, status=Status.READY, owner=nurse)
    submission("closed and late", due_at=NOW - timedelta(hours=1), status=Status.CLOSED, owner=nurse)
    links = soup(as_nurse.get(QUEUE)).select(".attention a")
    found = {" ".join(link.get_text(" ").split()): names(as_nurse, link["href"]) for link in links}
    assert found == {
        "1 urgent, unread": ["urgent, unread"],
        "1 overdue": ["late"],
        "1 with a visit today": ["here today"],
        "2 with no owner": ["urgent, unread", "late"],
    }


def test_nothing_to_attend_to_is_not_listed(as_nurse, nurse):
    submission(status=Status.READY, owner=nurse)
    assert not soup(as_nurse.get(QUEUE)).select(".attention")


def test_counts_say_what_a_choice_would_show(as_nurse, nurse):
    submission(team=Team.NURSE)
    submission(team=Team.NURSE, status=Status.READY, owner=nurse)
    submission(team=Team.DOCTOR, status=Status.IN_REVIEW, owner=nurse)
    submission(team=Team.DOCTOR, status=Status.CLOSED, owner=nurse)
    assert counts(as_nurse, "team") == {
        "Mine": "2",
        "Everyone's": "3",
        "Clinical lead": "0",
        "Doctor": "1",
        "Nurse": "2",
        "Care team": "0",
    }
    assert counts(as_nurse, "status")["Open"] == "3"
    assert counts(as_nurse, "status")["Closed"] == ""
    assert counts(as_nurse, "status", "?team=doctor")["Open"] == "1"
    assert counts(as_nurse, "owner", "?team=all&status=ready") == {"Anyone": "1", "Me": "1", "No one": "0"}
    assert set(counts(as_nurse, "team", "?status=closed").values()) == {""}


def test_each_filter_keeps_the_others(as_nurse):
    page = soup(as_nurse.get(f"{QUEUE}?team=doctor&status=new&owner=me&only=overdue"))
    links = [link["href"] for link in page.select(".filters a")]
    assert "?team=doctor&status=closed&owner=me&only=overdue" in links
    assert "?status=new&owner=me&only=overdue" in links
    assert page.select_one('.picker input[name="only"]')["value"] == "overdue"
    chosen = [option["value"] for option in page.select(".picker option[selected]")]
    assert chosen == ["doctor", "new", "me"]


@pytest.mark.parametrize(
    "query",
    [
        "?team=cooks&status=lost&owner=you&only=fun",
        "?team=doctor%00&status=&owner=%27",
        "?team=all&team=nonsense",
        "?after=AAA-AAA",
        "?after=%00",
        "?after=%ff&page=-1&x=%F0%9F%98%80",
    ],
)
def test_what_no_filter_knows_is_ignored(as_nurse, query):
    submission("Amara Nwosu")
    assert names(as_nurse, query) == ["Amara Nwosu"]


def test_an_empty_queue_says_so_and_what_to_do(as_nurse):
    submission(team=Team.DOCTOR)
    empty = soup(as_nurse.get(QUEUE)).select_one(".empty")
    assert "Nothing waiting" in empty.text
    assert len(names(as_nurse, empty.a["href"])) == 1


def test_pages_hold_every_form_once(as_nurse):
    for number in range(2 * PAGE_SIZE + 3):
        submission(f"{number}", visit_in=number % 4 or None, urgency=Urgency.values[number % 3])
    wanted = [sent.full_name for sent in Submission.objects.by_need()]
    seen, query = [], "?team=all"
    while query:
        shown = soup(as_nurse.get(f"{QUEUE}{query}"))
        seen += [link.text for link in shown.select("a.pt")]
        link = shown.find("a", string=f"Next {PAGE_SIZE}")
        query = link["href"] if link else None
    assert seen == wanted


def test_a_page_misses_nothing_when_forms_leave_the_queue(nurse):
    for number in range(PAGE_SIZE + 5):
        submission(f"{number}", submitted_at=NOW + timedelta(minutes=number))
    shown, more = page(marked(Submission.objects.open(), nurse))
    Submission.objects.filter(pk__in=[sent.pk for sent in shown[:20]]).update(status=Status.CLOSED)
    rest, _more = page(marked(Submission.objects.open(), nurse), last=shown[-1])
    assert more
    assert [sent.full_name for sent in rest] == [str(PAGE_SIZE + number) for number in range(5)]


def test_late_means_the_same_in_the_list_and_in_the_row(nurse):
    for status in Status:
        for hours in (-1, 1):
            submission(status=status, due_at=timezone.now() + timedelta(hours=hours))
    for sent in marked(Submission.objects.all(), nurse):
        assert sent.late == sent.overdue


def test_the_cost_does_not_grow_with_the_queue(as_nurse):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert as_nurse.get(f"{QUEUE}?team=all").status_code == 200
        return len(captured)

    submission()
    queries()  # what is read once and kept
    for number in range(2):
        submission(visit_in=number, notes=2)
    with_3 = queries()
    for number in range(57):
        owner = UserFactory(role="nurse") if number % 2 else None
        submission(visit_in=number, notes=2, owner=owner, status=Status.IN_REVIEW if owner else Status.NEW)
    assert queries() == with_3 <= 11


def test_nothing_is_counted_row_by_row(as_nurse):
    submission()
    with CaptureQueriesContext(connection) as captured:
        as_nurse.get(f"{QUEUE}?team=all")
    counting = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert len(counting) == 1
    assert "GROUP BY" in counting[0]


def test_a_script_in_a_name_is_only_text(as_nurse):
    submission("<script>alert(1)</script>", answers={"birth-date": "1990-01-01"})
    page = as_nurse.get(QUEUE).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
