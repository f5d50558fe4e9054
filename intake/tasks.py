"""Mails, sent by the worker from the outbox. They hold a reference or a link, and nothing that anyone answered."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django_tasks import task

from intake.models import Submission, Team, Urgency
from portal import outbox
from portal.models import User, the_clinic
from portal.roles import NURSE, PRACTITIONER

logger = logging.getLogger(__name__)

TEAM_ROLE = {
    Team.NURSE: NURSE,
    Team.CARE_TEAM: NURSE,
    Team.DOCTOR: PRACTITIONER,
    Team.CLINICAL_LEAD: PRACTITIONER,
}


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
    message = EmailMessage(subject, render_to_string("staff/mail/team.txt", context), to=addresses)
    outbox.send(message, mail_team, submission_id, attempt=attempt)


@task(backend="outbox", queue_name="mail")
def mail_patient(submission_id, attempt=0):
    submission = Submission.objects.filter(pk=submission_id).first()
    if submission is None or not submission.email:
        return
    clinic = the_clinic()
    subject = _("Your form has arrived at %(clinic)s") % {"clinic": " ".join(clinic.name.split())}
    context = {"reference": submission.reference, "clinic": clinic}
    message = EmailMessage(subject, render_to_string("intake/mail/received.txt", context), to=[submission.email])
    outbox.send(message, mail_patient, submission_id, attempt=attempt)
