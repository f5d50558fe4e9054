"""Who is reminded of which review, when, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from education import tasks
from education.models import ReviewReminder, Treatment
from education.reminders import remind
from intake.models import Note
from portal.outbox import RETRY_AFTER
from tests.factories import UserFactory, put_rules_in_force

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """today(DAY) goes on by a day. What is mailed at once looks at the same calendar."""
    clock = {"now": TODAY}

    def go_on(time=timedelta()):
        clock["now"] += time
        return clock["now"]

    monkeypatch.setattr(tasks.timezone, "localdate", go_on)
    return go_on


@pytest.fixture
def outbox(settings):
    """Tasks wait in the database, as in production."""
    settings.TASKS = settings.TASKS | {
        "outbox": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []},
    }


@pytest.fixture
def owner(db):
    return UserFactory(role="editor", username="owner")


def record(name, due, owner=None, **changes):
    return Treatment.objects.create(
        slug=name.lower(), name=name, summary="S.", certainty="low", next_review=due, review_owner=owner, **changes
    )


def mails():
    """(to, titles that the mail names) of what was sent since the last look."""
    names = list(Treatment.objects.values_list("name", flat=True))
    sent = [(message.to, [name for name in names if f"\n{name}\n" in message.body]) for message in mail.outbox]
    mail.outbox.clear()
    return sorted(sent)


def test_an_owner_gets_one_mail_with_all_that_is_due(owner, today):
    creams = record("Creams", TODAY + 30 * DAY, owner)
    record("Lasers", TODAY - DAY, owner)
    record("Later", TODAY + 31 * DAY, owner)
    record("Undated", None, owner)

    assert remind(today()) == 1

    [message] = mail.outbox
    assert message.subject == "2 reviews are due"
    assert f"http://localhost:8000/cms/snippets/education/treatment/edit/{creams.pk}/" in message.body
    assert "Lasers\nOverdue since 23 November 2026" in message.body
    assert "Creams\nDue on 24 December 2026" in message.body
    assert message.body.index("Lasers") < message.body.index("Creams")
    assert mails() == [([owner.email], ["Creams", "Lasers"])]


def test_nobody_is_reminded_twice_however_often_it_runs(owner, today):
    record("Creams", TODAY, owner)
    for _minute in range(3):
        call_command("send_review_reminders", verbosity=0)

    assert len(mails()) == 1


def test_a_review_is_reminded_of_once_before_it_is_due_and_weekly_after(owner, today):
    record("Creams", TODAY + 10 * DAY, owner)
    days = {}
    for day in range(40):
        remind(today())
        if mails():
            days[day] = True
        today(DAY)

    assert list(days) == [0, 11, 18, 25, 32, 39]


def test_what_nobody_sees_to_goes_to_all_reviewers_who_can_be_reached(today):
    for username, changes in {"a": {}, "b": {"is_active": False}, "c": {"email": ""}, "d": {}}.items():
        UserFactory(role="reviewer", username=username, **changes)
    gone = UserFactory(role="editor", is_active=False)
    unreachable = UserFactory(role="editor", email="")
    for name, owner in {"Creams": None, "Lasers": gone, "Wraps": unreachable}.items():
        record(name, TODAY, owner)

    remind(today())

    names = ["Creams", "Lasers", "Wraps"]
    assert mails() == [(["a@clinic.example"], names), (["d@clinic.example"], names)]


def test_while_there_is_nobody_to_mail_the_reminder_waits(today):
    record("Creams", TODAY)
    assert remind(today()) == 0
    assert not ReviewReminder.objects.exists()

    UserFactory(role="reviewer")

    assert remind(today(DAY)) == 1


def test_a_new_date_is_reminded_of_anew(owner, today):
    creams = record("Creams", TODAY - 3 * DAY, owner)
    remind(today())
    mails()
    creams.next_review = TODAY + 365 * DAY
    creams.save()

    remind(today(30 * DAY))
    assert mails() == []
    remind(today(305 * DAY))
    assert mails() == [([owner.email], ["Creams"])]


def test_drafts_and_the_rules_of_the_form_are_reminded_of_too(owner, today):
    put_rules_in_force()
    Note.objects.filter(code="E3").update(next_review=TODAY, review_owner=owner)
    record("Creams", TODAY, owner, live=False)

    remind(today())

    [message] = mail.outbox
    assert "Creams\n" in message.body
    assert "E3 " in message.body


def test_a_mail_waits_in_the_outbox_with_nothing_but_ids(owner, outbox, today):
    record("Creams", TODAY, owner)
    remind(today())

    row = DBTaskResult.objects.get()
    assert row.args_kwargs == {"args": [owner.pk, [ReviewReminder.objects.get().pk]], "kwargs": {}}
    assert (row.backend_name, row.queue_name) == ("outbox", "mail")


def test_what_was_reviewed_while_the_mail_waited_is_left_out(owner, outbox, today):
    creams, lasers, gone = (record(name, TODAY, owner) for name in ("Creams", "Lasers", "Gone"))
    remind(today())
    arguments = DBTaskResult.objects.get().args_kwargs["args"]
    Treatment.objects.filter(pk=creams.pk).update(next_review=TODAY + 365 * DAY)
    gone.delete()

    tasks.mail_reviews.call(*arguments)
    assert mails() == [([owner.email], ["Lasers"])]
    lasers.delete()
    tasks.mail_reviews.call(*arguments)

    assert mails() == []


@pytest.mark.parametrize("changes", [{"is_active": False}, {"email": ""}])
def test_who_has_left_meanwhile_gets_no_mail(owner, outbox, today, changes):
    record("Creams", TODAY, owner)
    remind(today())
    for name, value in changes.items():
        setattr(owner, name, value)
    owner.save()

    tasks.mail_reviews.call(*DBTaskResult.objects.get().args_kwargs["args"])

    assert mails() == []


class Down(EmailBackend):
    """A mail server that is away."""

    def send_messages(self, messages):
        raise ConnectionRefusedError


def test_a_mail_that_cannot_be_sent_is_tried_again_later(owner, outbox, settings, today):
    record("Creams", TODAY, owner)
    remind(today())
    first, before = DBTaskResult.objects.get(), timezone.now()
    settings.EMAIL_BACKEND = f"{__name__}.Down"

    tasks.mail_reviews.call(*first.args_kwargs["args"])

    again = DBTaskResult.objects.exclude(pk=first.pk).get()
    assert again.args_kwargs["args"] == [*first.args_kwargs["args"], 1]
    assert again.run_after - before >= RETRY_AFTER[0]
    with pytest.raises(ConnectionRefusedError):
        tasks.mail_reviews.call(*first.args_kwargs["args"], attempt=len(RETRY_AFTER))


def test_it_looks_at_each_kind_once_however_much_there_is(owner, today, django_assert_num_queries):
    for number in range(3):
        record(f"Old {number}", TODAY - 365 * DAY, owner)
        remind(today())
    # Two for the transaction, one for the reviewers, one for each kind, one for each reminder that is there already.
    with django_assert_num_queries(2 + 1 + 5 + 3):
        remind(today())


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_remind_once(outbox):
    owner = UserFactory(role="editor")
    for number in range(5):
        record(f"Old {number}", TODAY, owner)
    ready = Barrier(4)

    def run(_number):
        try:
            ready.wait(10)
            return remind(TODAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        sent = list(threads.map(run, range(4)))

    args = [row.args_kwargs["args"] for row in DBTaskResult.objects.all()]
    assert sum(sent) == len(args)
    reminded = [pk for _owner, reminders in args for pk in reminders]
    assert sorted(reminded) == sorted(ReviewReminder.objects.values_list("pk", flat=True))
    assert len(reminded) == 5
