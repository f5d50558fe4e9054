"""Mails, sent by the worker from the outbox. They hold a reference or a link, and nothing that anyone answered."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from intake.models import Submission, Team, Urgency
from portal.models import User, the_clinic
from portal.roles import NURSE, PRACTITIONER

logger = logging.getLogger(__name__)

TEAM_ROLE = {
    Team.NURSE: NURSE,
    Team.CARE_TEAM: NURSE,
    Team.DOCTOR: PRACTITIONER,
    Team.CLINICAL_LEAD: PRACTITIONER,
}
RETRY_AFTER = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]


@task(backend="outbox", queue_name="mail")
def mail_team(submission_id, attempt=0):
    submission = Submission.objects.filter(pk=submission_id).first()
    if submission is None:
        return
    people = User.objects.filter(is_active=True, groups__name=TEAM_ROLE[submission.team]).exclude(email="")
    addresses = list(people.values_list("email", flat=True))
    if not addresses:
        logger.warning("Nobody to mail: no active %s has an e-mail address", TEAM_ROLE[submission.team])
        return
    urgent = submission.urgency == Urgency.URGENT
    subject = _("Urgent: a form needs reading now") if urgent else _("A form is ready to read")
    context = {"link": settings.SITE_URL + submission.get_absolute_url(), "urgent": urgent}
    _send(mail_team, submission_id, attempt, subject, "staff/mail/team.txt", context, addresses)


@task(backend="outbox", queue_name="mail")
def mail_patient(submission_id, attempt=0):
    submission = Submission.objects.filter(pk=submission_id).first()
    if submission is None or not submission.email:
        return
    clinic = the_clinic()
    subject = _("Your form has arrived at %(clinic)s") % {"clinic": " ".join(clinic.name.split())}
    context = {"reference": submission.reference, "clinic": clinic}
    _send(mail_patient, submission_id, attempt, subject, "intake/mail/received.txt", context, [submission.email])


def _send(this, submission_id, attempt, subject, template, context, addresses):
    """Sends, or tries again later: a mail server may be away for a while."""
    try:
        EmailMessage(subject, render_to_string(template, context), to=addresses).send()
    except OSError as error:  # smtplib's errors are OSErrors, like a refused connection
        logger.error("A mail could not be sent (%s), attempt %s", type(error).__name__, attempt + 1)
        if attempt == len(RETRY_AFTER):
            raise
        later = timezone.now() + RETRY_AFTER[attempt]
        this.using(run_after=later).enqueue(submission_id, attempt + 1)
