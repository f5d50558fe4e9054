"""Mails: to whom, with what in them, and what happens when they can't be sent."""

import logging
import re
import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from intake.models import Team
from intake.tasks import mail_patient, mail_team
from portal.models import ClinicSettings
from portal.outbox import RETRY_AFTER
from portal.roles import ROLES
from tests.factories import SubmissionFactory, UserFactory, complete_answers

TYPED = ("Amara", "Nwosu", "1985", "amara@example.org", "shorts", "dents")


@pytest.fixture
def staff(db):
    return {role: UserFactory(role=role, email=f"{role}@clinic.example") for role in ROLES}


@pytest.fixture
def submission(db):
    return SubmissionFactory(answers=complete_answers({"goal-own-words": "to wear shorts"}))


def run(task, submission):
    task.call(submission.pk)
    return mail.outbox


@pytest.mark.parametrize(
    ("team", "role"),
    [
        (Team.NURSE, "nurse"),
        (Team.CARE_TEAM, "nurse"),
        (Team.DOCTOR, "practitioner"),
        (Team.CLINICAL_LEAD, "practitioner"),
    ],
)
def test_the_mail_goes_to_the_role_of_the_team_and_to_nobody_else(staff, team, role):
    [message] = run(mail_team, SubmissionFactory(team=team))
    assert message.recipients() == [f"{role}@clinic.example"]


def test_the_teams_mail_holds_a_link_and_nothing_about_the_patient(staff, submission, settings):
    [message] = run(mail_team, submission)
    assert message.subject == "A form is ready to read"
    assert f"\n{settings.SITE_URL}/staff/intakes/{submission.reference}/\n" in message.body
    assert_says_nothing(message)


def test_an_urgent_form_says_so_without_a_name(staff):
    submission = SubmissionFactory(answers=complete_answers({"urgent-signs": ["one-leg"]}))
    [message] = run(mail_team, submission)
    assert message.subject == "Urgent: a form needs reading now"
    assert "leg" not in message.body
    assert_says_nothing(message)


def assert_says_nothing(message):
    raw = message.message().as_string()
    for typed in TYPED:
        assert typed not in raw.replace(f"To: {message.to[0]}", "")


def test_only_active_people_with_an_address_are_mailed(submission):
    for name, changes in {"a": {}, "b": {"is_active": False}, "c": {"email": ""}}.items():
        UserFactory(role="nurse", **{"email": f"{name}@clinic.example"} | changes)
    [message] = run(mail_team, submission)
    assert message.to == ["a@clinic.example"]


def test_a_team_without_anybody_is_a_warning_and_no_crash(submission, caplog):
    assert run(mail_team, submission) == []
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == "Nobody to mail: no active nurse has an e-mail address"


def test_the_patients_mail_holds_the_reference_and_nothing_that_was_typed(submission):
    clinic = ClinicSettings.load()
    clinic.name, clinic.phone = "Riverside & Co", "555 0142"
    clinic.save()
    [message] = run(mail_patient, submission)
    assert message.to == ["amara@example.org"]
    assert message.subject == "Your form has arrived at Riverside & Co"
    assert f"Your reference is {submission.reference}." in message.body
    assert "call us on 555 0142" in message.body
    assert "Riverside & Co" in message.body
    assert_says_nothing(message)
    assert not re.search(r"https?://", message.body)


def test_without_a_phone_number_the_mail_promises_no_call(submission):
    [message] = run(mail_patient, submission)
    assert "call us" not in message.body


@pytest.mark.parametrize(
    "email", ["иван@почта.рф", "jürgen@bücher.example", "o'neill+x@example.org", "a" * 64 + "@example.org"]
)
def test_an_address_in_any_script_that_the_form_takes_can_be_mailed(db, email):
    [message] = run(mail_patient, SubmissionFactory(answers=complete_answers({"email": email})))
    assert message.recipients() == [email]
    assert message.message()["To"].isascii()


@pytest.mark.parametrize("by", ["phone", "text"])
def test_who_chose_no_mail_gets_none(db, by):
    answers = complete_answers({"contact-by": by, "phone": "020 7946 0000", "email": None})
    assert run(mail_patient, SubmissionFactory(answers=answers)) == []


def test_a_submission_that_is_gone_is_no_crash(db):
    mail_team.call(1)
    mail_patient.call(1)
    assert mail.outbox == []


def test_no_header_can_be_smuggled_in(staff, submission):
    clinic = ClinicSettings.load()
    clinic.name = "Riverside\r\nBcc: all@example.org\r\n\r\nBuy now"
    clinic.save()
    staff["nurse"].delete()
    UserFactory(role="nurse", email="nurse@clinic.example")
    for task in (mail_patient, mail_team):
        task.call(submission.pk)
    for message in mail.outbox:
        sent = message.message()
        assert set(sent.keys()) == {
            "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID"
        }  # fmt: skip
        assert "\n" not in sent["Subject"]
        assert len(message.recipients()) == 1


def test_an_address_with_a_line_break_is_never_sent(db):
    answers = complete_answers({"email": "amara@example.org\nBcc: all@example.org"})
    with pytest.raises(ValueError, match="newlines"):
        mail_patient.call(SubmissionFactory(answers=answers).pk)
    assert mail.outbox == []


class Down(EmailBackend):
    """A mail server that is away."""

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("please run connect() first")


@pytest.fixture
def down(settings):
    settings.EMAIL_BACKEND = "tests.intake.test_tasks.Down"


def test_a_mail_that_cannot_be_sent_is_tried_again_later(outbox, down, submission, caplog):
    before = timezone.now()
    for attempt, wait in enumerate(RETRY_AFTER):
        mail_patient.call(submission.pk, attempt)
        row = DBTaskResult.objects.get()
        assert row.args_kwargs == {"args": [submission.pk, attempt + 1], "kwargs": {}}
        assert before + wait <= row.run_after <= timezone.now() + wait
        row.delete()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        mail_patient.call(submission.pk, len(RETRY_AFTER))
    assert not DBTaskResult.objects.exists()
    assert "amara" not in caplog.text.lower()
    assert submission.reference not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_each_mail_once_even_after_a_failure(outbox, settings):
    submission = SubmissionFactory()
    UserFactory(role="nurse")
    mail_team.enqueue(submission.pk)
    mail_patient.enqueue(submission.pk)
    settings.EMAIL_BACKEND = "tests.intake.test_tasks.Down"
    work()
    assert mail.outbox == []
    assert DBTaskResult.objects.filter(status="SUCCESSFUL").count() == 2
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now() - timedelta(seconds=1))
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for _again in range(2):
        work()
    assert sorted(message.subject for message in mail.outbox) == [
        "A form is ready to read",
        "Your form has arrived at Example Clinic",
    ]
    assert not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists()


def work():
    Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        backend_name="outbox",
        worker_id="test",
        batch=True,
        interval=0,
        startup_delay=False,
        max_tasks=None,
    ).run()
