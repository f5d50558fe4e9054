"""What staff do with a Submission: TRANSITIONS is the whole truth, and each change leaves its history row."""

import re
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from intake import actions
from intake.actions import TRANSITIONS, Refused, needs_reason
from intake.models import Comment, Status, StatusChange, Submission
from tests.factories import SubmissionFactory, UserFactory

EVERY_PAIR = [(seen, to) for seen in Status for to in Status]
MOVES = [(seen, to) for seen, allowed in TRANSITIONS.items() for to in allowed if seen != Status.NEW]


def named(pair):
    return "-to-".join(pair)


@pytest.fixture
def nurse(db):
    return UserFactory(role="nurse")


def submission_in(status, owner=None):
    return SubmissionFactory(status=status, owner=owner)


@pytest.mark.parametrize(("seen", "to"), EVERY_PAIR, ids=map(named, EVERY_PAIR))
def test_a_form_moves_along_transitions_and_nowhere_else(nurse, seen, to):
    submission = submission_in(seen, owner=None if seen == Status.NEW else nurse)
    if (seen, to) in MOVES:
        actions.move(submission=submission, to=to, by=nurse, reason="She asked for it.")
        assert Submission.objects.get().status == to
    else:
        with pytest.raises(Refused):
            actions.move(submission=submission, to=to, by=nurse, reason="She asked for it.")
        assert Submission.objects.get().status == seen
        assert StatusChange.objects.count() == 1


@pytest.mark.parametrize(("seen", "to"), MOVES, ids=map(named, MOVES))
def test_a_move_is_written_down_with_who_and_why(nurse, seen, to):
    submission = submission_in(seen, owner=nurse)
    actions.move(submission=submission, to=to, by=nurse, reason="  She asked for it.\n")
    row = submission.changes.last()
    assert (row.from_status, row.to_status, row.by, row.reason) == (seen, to, nurse, "She asked for it.")


@pytest.mark.parametrize(("seen", "to"), MOVES, ids=map(named, MOVES))
@pytest.mark.parametrize("reason", ["", " \n"], ids=["empty", "blank"])
def test_some_moves_need_a_reason(nurse, seen, to, reason):
    submission = submission_in(seen, owner=nurse)
    if needs_reason(to):
        with pytest.raises(Refused) as refused:
            actions.move(submission=submission, to=to, by=nurse, reason=reason)
        assert refused.value.field == "reason"
        assert Submission.objects.get().status == seen
    else:
        actions.move(submission=submission, to=to, by=nurse, reason=reason)
        assert submission.changes.last().reason is None


@pytest.mark.parametrize("to", ["", "nowhere", "New"])
def test_a_move_to_no_state_at_all_is_refused(nurse, to):
    submission = submission_in(Status.IN_REVIEW, owner=nurse)
    with pytest.raises(Refused) as refused:
        actions.move(submission=submission, to=to, by=nurse, reason="Because.")
    assert refused.value.field == "to"


def test_every_state_has_a_way_out_and_none_leads_to_itself():
    assert set(TRANSITIONS) == set(Status)
    assert all(allowed and seen not in allowed for seen, allowed in TRANSITIONS.items())


def test_states_md_says_what_the_code_does():
    text = (Path(settings.BASE_DIR) / "docs" / "states.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| `([\w-]+)` \| (.+) \| (yes|no) \|$", text, re.MULTILINE)
    claimed = {(Status.NEW, Status.IN_REVIEW): ("Claim", "no")}
    moved = {(seen, to): ("Move to…", "yes" if needs_reason(to) else "no") for seen, to in MOVES}
    assert {(seen, to): (how, reason) for seen, to, how, reason in rows} == claimed | moved
    for status in Status:
        assert f"| `{status}` | {status.label} |" in text


def test_two_who_move_the_same_form_from_the_same_page(nurse):
    submission = submission_in(Status.IN_REVIEW, owner=nurse)
    stale = Submission.objects.get()
    actions.move(submission=submission, to=Status.READY, by=nurse)
    with pytest.raises(Refused):
        actions.move(submission=stale, to=Status.NEW, by=UserFactory(role="practitioner"))
    assert Submission.objects.get().status == Status.READY
    assert StatusChange.objects.count() == 2


def test_a_form_put_back_is_nobodys_and_can_be_claimed(nurse):
    submission = submission_in(Status.IN_REVIEW, owner=nurse)
    actions.move(submission=submission, to=Status.NEW, by=nurse)
    assert submission.owner is None
    doctor = UserFactory(role="practitioner")
    actions.claim(submission=submission, by=doctor)
    assert submission.owner == doctor


def test_claiming_makes_an_owner_and_a_row(nurse):
    submission = submission_in(Status.NEW)
    actions.claim(submission=submission, by=nurse)
    assert (submission.owner, submission.status) == (nurse, Status.IN_REVIEW)
    row = submission.changes.last()
    assert (row.from_status, row.to_status, row.by) == (Status.NEW, Status.IN_REVIEW, nurse)


def test_the_second_to_claim_is_told_who_has_it(nurse):
    submission = submission_in(Status.NEW)
    stale = Submission.objects.get()
    actions.claim(submission=submission, by=nurse)
    with pytest.raises(Refused, match=str(nurse)):
        actions.claim(submission=stale, by=UserFactory(role="practitioner"))
    assert Submission.objects.get().owner == nurse
    assert StatusChange.objects.count() == 2


def test_who_presses_claim_twice_is_told_that_they_have_it(nurse):
    submission = submission_in(Status.NEW)
    actions.claim(submission=submission, by=nurse)
    with pytest.raises(Refused, match="You have this form"):
        actions.claim(submission=submission, by=nurse)


@pytest.mark.parametrize("status", [status for status in Status if status != Status.NEW])
def test_only_a_new_form_can_be_claimed(nurse, status):
    submission = submission_in(status, owner=nurse)
    with pytest.raises(Refused):
        actions.claim(submission=submission, by=UserFactory(role="practitioner"))
    assert Submission.objects.get().owner == nurse


@pytest.mark.django_db(transaction=True)
def test_of_two_claims_at_the_same_moment_one_wins():
    submission = submission_in(Status.NEW)
    people = [UserFactory(role="nurse") for _person in range(4)]
    start, outcomes = threading.Barrier(len(people)), []

    def press(person):
        mine = Submission.objects.get()
        start.wait()
        try:
            actions.claim(submission=mine, by=person)
            outcomes.append(person)
        except Refused as refused:
            outcomes.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    submission.refresh_from_db()
    assert outcomes.count(submission.owner) == 1
    assert outcomes.count(f"{submission.owner} has this form already.") == len(people) - 1
    assert submission.changes.filter(to_status=Status.IN_REVIEW).count() == 1


def test_a_comment_keeps_its_author(nurse):
    submission = submission_in(Status.NEW)
    actions.comment(submission=submission, by=nurse, text="  Called, no answer.\n")
    comment = submission.comments.get()
    assert (comment.by, comment.text) == (nurse, "Called, no answer.")


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_comment_is_refused(nurse, text):
    with pytest.raises(Refused) as refused:
        actions.comment(submission=submission_in(Status.NEW), by=nurse, text=text)
    assert refused.value.field == "text"
    assert not Comment.objects.exists()


def test_what_staff_write_is_not_readable_in_the_database(nurse):
    submission = submission_in(Status.IN_REVIEW, owner=nurse)
    actions.comment(submission=submission, by=nurse, text="Called, no answer.")
    actions.move(submission=submission, to=Status.CALL_FIRST, by=nurse, reason="Her leg hurts.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM intake_comment UNION SELECT reason FROM intake_statuschange")
        stored = str(cursor.fetchall())
    assert "Called" not in stored
    assert "leg" not in stored


def test_opening_is_recorded(nurse):
    submission = submission_in(Status.NEW)
    actions.record_access(submission=submission, by=nurse)
    access = submission.accesses.get()
    assert (access.by, access.action) == (nurse, "opened")
