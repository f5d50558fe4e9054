"""Many at once, each with a connection of its own: nothing is lost, nothing is doubled."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django_tasks_db.models import DBTaskResult

from intake.models import Draft, StatusChange, Submission, SubmissionNote
from tests.factories import DraftFactory, VersionFactory, complete_answers, put_rules_in_force
from tests.intake.answers import CHECK, DELETE, DONE, START, STEPS, address, follow, main, send

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "token-of-the-patient"
MANY = 8


def tab(token=TOKEN):
    """One more window of the patient's browser."""
    client = Client()
    if token:
        client.cookies[settings.DRAFT_COOKIE_NAME] = token
    return client


def at_once(*acts):
    """Runs all at the same moment and returns their results in order. A failure of one is raised."""
    ready = Barrier(len(acts))

    def run(act):
        try:
            ready.wait(10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def press_send():
    return follow(tab().post(CHECK))


def test_the_same_check_page_sent_eight_times_is_one_submission(outbox):
    put_rules_in_force()
    DraftFactory(token=TOKEN, answers=complete_answers({"goal": "eliminate"}))
    assert at_once(*[press_send] * MANY) == [DONE] * MANY
    submission = Submission.objects.get()
    assert not Draft.objects.exists()
    assert StatusChange.objects.count() == SubmissionNote.objects.count() == 1
    assert DBTaskResult.objects.count() == 2
    shown = at_once(*[lambda: main(tab().get(DONE)).select_one("[data-reference]")["data-reference"]] * MANY)
    assert shown == [submission.reference] * MANY


def test_a_form_sent_while_other_tabs_save_is_whole(outbox):
    DraftFactory(token=TOKEN, answers=complete_answers({"goal": "firmer"}))
    saves = [lambda: follow(send(tab(), "goals", {"goal": "smoother", "visits-ok": "many"}))] * (MANY // 2)
    found = at_once(*saves, *[press_send] * (MANY // 2))
    assert set(found) <= {CHECK, DONE}
    assert found[-1] == DONE
    answers = Submission.objects.get().answers
    assert (answers["goal"], answers["visits-ok"]) in {("firmer", "few"), ("smoother", "many")}
    assert not Draft.objects.exists()


def test_a_form_sent_and_deleted_at_once_is_one_or_the_other(outbox):
    DraftFactory(token=TOKEN)
    at_once(press_or_start, lambda: follow(tab().post(DELETE)))
    assert not Draft.objects.exists()
    assert DBTaskResult.objects.count() == 2 * Submission.objects.count()


def press_or_start():
    assert follow(tab().post(CHECK)) in {DONE, START}


def test_steps_saved_in_many_tabs_at_once_are_all_kept():
    DraftFactory(token=TOKEN, answers={})
    at_once(*[lambda name=name: follow(send(tab(), name)) for name in STEPS])
    draft = Draft.objects.get()
    # Whether the e-mail address is asked for depends on which tab was first; it is kept either way.
    assert set(draft.answers) | set(draft.typed) == {link_id for step in STEPS.values() for link_id in step}
    follow(send(tab(), "contact"))
    assert press_send() == DONE


def test_many_patients_at_once_get_a_form_each(outbox):
    VersionFactory()

    def whole_form():
        client = tab(token=None)
        follow(client.post(START))
        for name in STEPS:
            follow(send(client, name))
        return follow(client.post(CHECK))

    assert at_once(*[whole_form] * 4) == [DONE] * 4
    assert len(set(Submission.objects.values_list("reference", flat=True))) == 4
    assert not Draft.objects.exists()


def test_start_pressed_many_times_goes_on_with_one_draft():
    DraftFactory(token=TOKEN, answers={})
    assert at_once(*[lambda: follow(tab().post(START))] * MANY) == [address("privacy")] * MANY
    assert Draft.objects.count() == 1
