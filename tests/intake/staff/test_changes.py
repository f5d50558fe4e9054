"""Claim, move and comment over HTTP: where they lead, and that a refusal loses nothing."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from intake.models import Status, Submission
from tests.factories import SubmissionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(nurse):
    """One that the nurse is reading."""
    return SubmissionFactory(status=Status.IN_REVIEW, owner=nurse)


def post(client, name, submission, **data):
    return client.post(reverse(f"staff:{name}", args=[submission.reference]), data)


def followed(client, response):
    """The page that a change leads to, and what it says has been done."""
    page = BeautifulSoup(client.get(response.url).content, "html.parser")
    return page, page.select_one('[role="status"]').get_text(" ", strip=True)


def refused(response):
    assert response.status_code == 422
    page = BeautifulSoup(response.content, "html.parser")
    assert page.title.get_text(" ", strip=True).startswith("Error:")
    (link,) = page.select('.error-summary[role="alert"] a')
    target = page.find(id=link["href"].removeprefix("#"))
    assert page.find(id=target["aria-describedby"].split()[-1]).get_text() == link.get_text()
    return page, link.get_text(), target


def test_a_claim_makes_the_form_mine(as_nurse, nurse):
    new = SubmissionFactory()
    page, said = followed(as_nurse, post(as_nurse, "claim", new))
    assert said == "This form is yours now."
    assert page.main["data-status"] == "in-review"
    assert "Owner Rana Haddad" in " ".join(page.select_one(".face-meta").get_text(" ").split())


def test_who_comes_second_sees_who_has_it(as_nurse):
    taken = SubmissionFactory(
        status=Status.IN_REVIEW, owner=UserFactory(role="practitioner", first_name="Sora", last_name="Ito")
    )
    _page, said = followed(as_nurse, post(as_nurse, "claim", taken))
    assert said == "Sora Ito has this form already."
    assert Submission.objects.get().owner.first_name == "Sora"


def test_a_move_says_where_it_went(as_nurse, submission):
    page, said = followed(as_nurse, post(as_nurse, "move", submission, to="call-first", reason="Sounds worried."))
    assert said == "Moved to “Call first”."
    assert page.main["data-status"] == "call-first"
    assert "“Sounds worried.”" in page.select_one(".tl").text


def test_a_move_without_its_reason_keeps_the_choice(as_nurse, submission):
    page, said, target = refused(post(as_nurse, "move", submission, to="not-now", reason=" "))
    assert said.startswith("Write a short reason")
    assert target["id"] == "reason"
    assert page.select_one('input[value="not-now"]').has_attr("checked")
    assert page.select_one("details.picker").has_attr("open")
    assert Submission.objects.get().status == Status.IN_REVIEW


@pytest.mark.parametrize("to", ["", "closed", "nowhere", "<script>"])
def test_a_move_that_can_not_be_keeps_the_reason(as_nurse, submission, to):
    page, _said, target = refused(post(as_nurse, "move", submission, to=to, reason="She asked & <b>begged</b>."))
    assert target["id"] == "to"
    assert page.select_one("textarea#reason").text.strip() == "She asked & <b>begged</b>."
    assert page.main["data-status"] == "in-review"


def test_a_move_from_a_page_that_is_out_of_date_shows_how_it_stands_now(as_nurse, submission):
    Submission.objects.update(status=Status.READY)
    page, said, _target = refused(post(as_nurse, "move", submission, to="call-first", reason="Sounds worried."))
    assert "“Ready for visit”" in said
    assert page.main["data-status"] == "ready"
    assert [radio["value"] for radio in page.select('[name="to"]')] == ["closed", "in-review"]
    assert page.select_one("textarea#reason").text.strip() == "Sounds worried."


def test_a_form_that_was_put_back_meanwhile_can_not_be_moved_and_the_reason_stays(as_nurse):
    page, said, _target = refused(post(as_nurse, "move", SubmissionFactory(), to="ready", reason="Sounds fine."))
    assert "“New”" in said
    assert page.select_one("textarea#reason").text.strip() == "Sounds fine."
    assert not page.select('form[action$="/move/"] button')
    assert Submission.objects.get().status == Status.NEW


def test_a_comment_is_kept_and_shown(as_nurse, submission):
    page, said = followed(as_nurse, post(as_nurse, "comment", submission, text="Called.\nNo answer."))
    assert said == "Note saved."
    note = page.select_one('section[aria-labelledby="comments"] li')
    assert "Rana Haddad: Called. No answer." in " ".join(note.get_text(" ").split())


def test_an_empty_comment_is_refused(as_nurse, submission):
    _page, said, target = refused(post(as_nurse, "comment", submission, text="  "))
    assert said == "Write something before you save the note."
    assert target["id"] == "text"


@pytest.mark.parametrize("name", ["claim", "move", "comment"])
def test_a_post_from_elsewhere_is_refused(nurse, submission, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(nurse)
    assert post(client, name, submission, to="ready", text="Called.").status_code == 403
    assert Submission.objects.get().status == Status.IN_REVIEW
