"""Every change of state: keyword-only, one transaction each, the change and its history row together."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from education.models import Source, Treatment
from intake.answers import deciding_rows
from intake.facts import facts
from intake.forms import OFFER_QUESTION, StepForm
from intake.models import (
    AccessLog,
    Comment,
    Draft,
    QuestionnaireVersion,
    Status,
    StatusChange,
    Submission,
    SubmissionNote,
    Urgency,
    draft_expiry,
    new_reference,
)
from intake.notes import applied, for_patient
from intake.path import first_incomplete, prune, walk
from intake.routing import Hours, Opening, due, route
from intake.rulebook import notes, routes, urgent_signs
from intake.tasks import mail_patient, mail_team
from portal.models import ClinicSettings

ADULT_AGE = 18

# from -> to. Claiming takes a form into review, putting it back makes it new again, and a decision is reopened by
# moving back into review.
TRANSITIONS = {
    Status.NEW: (Status.IN_REVIEW,),
    Status.IN_REVIEW: (Status.READY, Status.CALL_FIRST, Status.NOT_NOW, Status.NEW),
    Status.READY: (Status.CLOSED, Status.IN_REVIEW),
    Status.CALL_FIRST: (Status.CLOSED, Status.IN_REVIEW),
    Status.NOT_NOW: (Status.CLOSED, Status.IN_REVIEW),
    Status.CLOSED: (Status.IN_REVIEW,),
}


class Refused(Exception):
    """The change can't be made; the message says why and what to do, in words for the person who asked.

    `field` is what to look at in the form that asked for it.
    """

    def __init__(self, message, field=None):
        super().__init__(message)
        self.field = field


class NoSuchStep(LookupError):
    """The form has no step of this name."""


class Incomplete(Exception):
    """A Draft can't be handed in yet; `step` is the first one that lacks an answer."""

    def __init__(self, step):
        super().__init__(step.name)
        self.step = step


@dataclass(frozen=True)
class Saved:
    draft: Draft
    form: StepForm | None  # None when the step is not on the path of these answers
    under_age: bool = False


def key_of(token):
    """What the database knows of a patient's cookie: enough to find the Draft, not enough to forge the cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_draft():
    """A new Draft and the token that its patient keeps. Drafts past their day go at the same time."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Draft.objects.filter(expires_at__lte=timezone.now()).delete()
        draft = Draft.objects.create(key=key_of(token), version_id=QuestionnaireVersion.current_id())
    return draft, token


@transaction.atomic
def save_step(*, key, step_name, data):
    """Keeps what was typed in one step, valid or not. Returns None when there is no such Draft (any more)."""
    draft = Draft.objects.alive().select_for_update().filter(key=key).first()
    if draft is None:
        return None
    step = draft.questionnaire.step(step_name)
    if step is None:
        raise NoSuchStep(step_name)
    shown = next((entry for entry in walk(draft.questionnaire, draft.answers) if entry.step is step), None)
    form = StepForm(shown, offer=offer_for(shown), data=data) if shown else None
    _merge(draft, step, form, data)
    if facts(draft.answers, timezone.localdate()).get("age", ADULT_AGE) < ADULT_AGE:
        draft.delete()
        return Saved(draft, form, under_age=True)
    draft.expires_at = draft_expiry()
    draft.save(update_fields=["answers", "typed", "expires_at"])
    return Saved(draft, form)


@transaction.atomic
def start_with_step(*, step_name, data):
    """A new Draft that begins with what was typed in one step. Returns what save_step returns, and the token."""
    draft, token = start_draft()
    return save_step(key=draft.key, step_name=step_name, data=data), token


def _merge(draft, step, form, data):
    """Valid answers go to `answers`, the rest stays as typed, also for questions that are off just now."""
    valid = form.answers() if form else {}
    answers, typed = dict(draft.answers), dict(draft.typed)
    for question in step.questions:
        link_id = question.link_id
        if link_id in valid:
            answers[link_id] = valid[link_id]
            typed.pop(link_id, None)
        elif link_id in data or (form and link_id in form.fields):
            answers.pop(link_id, None)
            typed[link_id] = data.getlist(link_id)
    draft.answers, draft.typed = answers, typed


def offer_for(shown):
    """Which treatments to hold back and which to put first; None where the step offers none (no query then)."""
    if shown and any(question.link_id == OFFER_QUESTION for question in shown.questions):
        return Treatment.objects.offer()
    return None


def incomplete_step(draft):
    """The first step on the path that lacks a valid answer; None when the Draft can be handed in."""
    missing = first_incomplete(walk(draft.questionnaire, draft.answers), draft.answers)
    return missing.step if missing else None


@transaction.atomic
def submit(*, key):
    """Turns a Draft into its one Submission and returns it; asked again, returns the same one.

    Returns None when there is neither. Raises Incomplete while an answer is missing.
    """
    draft = Draft.objects.alive().select_for_update().filter(key=key).first()
    if draft is None:
        return Submission.objects.filter(draft_key=key).first()
    missing = incomplete_step(draft)
    if missing:
        raise Incomplete(missing)
    submission = _freeze(draft, timezone.now())
    StatusChange.objects.create(submission=submission, to_status=Status.NEW, at=submission.submitted_at)
    mail_team.enqueue(submission.pk)
    if submission.email:
        mail_patient.enqueue(submission.pk)
    draft.delete()
    return submission


def _freeze(draft, now):
    questionnaire = draft.questionnaire
    answers = prune(questionnaire, draft.answers)
    known = {**answers, **facts(answers, timezone.localdate(now))}
    clinic = ClinicSettings.load()
    way = route(routes(), known)
    appointment = date.fromisoformat(answers["appointment-date"]) if "appointment-date" in answers else None
    submission = Submission.objects.create(
        reference=_free_reference(),
        draft_key=draft.key,
        version_id=draft.version_id,
        answers=answers,
        full_name=answers["full-name"],
        birth_date=answers["birth-date"],
        email=answers.get("email"),
        phone=answers.get("phone"),
        appointment_date=appointment,
        submitted_at=now,
        team=way.team,
        urgency=way.urgency,
        urgency_rank=Urgency.values.index(way.urgency),
        due_at=due(way.urgency, timezone.localtime(now), _hours(clinic), appointment),
        route_why={
            "rule": way.rule.number,
            "reason": way.rule.reason,
            "answers": deciding_rows(questionnaire, way.because),
        },
    )
    _freeze_notes(submission, questionnaire, known, clinic)
    return submission


def _hours(clinic):
    openings, holidays = clinic.hours()
    return Hours(tuple(Opening(*opening) for opening in openings), holidays)


def _freeze_notes(submission, questionnaire, known, clinic):
    found = applied(notes(), known)
    shown = {entry.note.code for entry in for_patient(found, urgent=bool(urgent_signs(known)))}
    citations = _citations(code for entry in found for code in entry.note.sources)
    numbers = clinic.numbers()
    SubmissionNote.objects.bulk_create(
        SubmissionNote(
            submission=submission,
            code=entry.note.code,
            version=entry.note.version,
            rank=entry.note.rank,
            title=entry.note.title,
            staff_text=entry.note.staff,
            patient_title=entry.note.patient_title,
            patient_text=entry.note.patient.format(**numbers),
            for_patient=entry.note.code in shown,
            awaiting_review=entry.note.awaiting_review,
            sources=[{"code": code, "citation": citations.get(code, "")} for code in entry.note.sources],
            why=deciding_rows(questionnaire, entry.because),
        )
        for entry in found
    )


def _citations(codes):
    return dict(Source.objects.filter(code__in=set(codes)).values_list("code", "citation"))


def _free_reference():
    """A reference that nobody has. With a million rows one in a thousand is taken, so ask before the insert."""
    while True:
        reference = new_reference()
        if not Submission.objects.filter(reference=reference).exists():
            return reference


@transaction.atomic
def delete_draft(*, key):
    Draft.objects.filter(key=key).delete()


@transaction.atomic
def claim(*, submission, by):
    """Makes `by` the owner of a new form. Two may press at once: one wins, the other is told who has it."""
    new = Submission.objects.filter(pk=submission.pk, status=Status.NEW, owner=None)
    won = new.update(owner=by, status=Status.IN_REVIEW)
    submission.refresh_from_db()
    if not won and submission.owner == by:
        raise Refused(_("You have this form already."))
    if not won:
        raise Refused(_("%(owner)s has this form already.") % {"owner": submission.owner})
    return _record_change(submission, Status.NEW, by)


@transaction.atomic
def move(*, submission, to, by, reason=""):
    """Moves a Submission along TRANSITIONS and writes the history row. Raises Refused.

    Putting a form back to "new" frees it for a colleague to claim.
    """
    seen = Status(submission.status)
    _check_move(seen, to, reason)
    change = {"status": to, "owner": None} if to == Status.NEW else {"status": to}
    if not Submission.objects.filter(pk=submission.pk, status=seen).update(**change):
        raise Refused(_("Somebody moved this form at the same moment. Look at it again."), "to")
    submission.refresh_from_db()
    return _record_change(submission, seen, by, reason)


def _check_move(seen, to, reason):
    if to not in Status.values:
        raise Refused(_("Choose where to move this form."), "to")
    if to not in moves(seen):
        raise Refused(
            _("This form is “%(now)s”: it can't be moved to “%(to)s”. Look at it again.")
            % {"now": seen.label, "to": Status(to).label},
            "to",
        )
    if needs_reason(to) and not reason.strip():
        raise Refused(_("Write a short reason, so that your colleagues understand this move."), "reason")


def moves(status):
    """Where staff may move a form of this status. A new form is claimed, not moved."""
    return () if status == Status.NEW else TRANSITIONS[Status(status)]


def needs_reason(to):
    """Moves that a colleague will ask about later: calling first, not now, and reopening."""
    return to in (Status.CALL_FIRST, Status.NOT_NOW, Status.IN_REVIEW)


def _record_change(submission, seen, by, reason=""):
    return StatusChange.objects.create(
        submission=submission, from_status=seen, to_status=submission.status, by=by, reason=reason.strip() or None
    )


def comment(*, submission, by, text):
    """Adds an internal comment. Raises Refused when it is empty."""
    if not text.strip():
        raise Refused(_("Write something before you save the note."), "text")
    return Comment.objects.create(submission=submission, by=by, text=text.strip())


def record_access(*, submission, by):
    return AccessLog.objects.create(submission=submission, by=by)


@transaction.atomic
def publish_questionnaire(*, resource):
    """Stores a version of the form, once. The same version with other words is refused: a version never changes."""
    version, created = QuestionnaireVersion.objects.get_or_create(
        url=resource["url"], version=resource["version"], defaults={"resource": resource}
    )
    if not created and version.resource != resource:
        raise Refused(
            _("%(version)s is published already, with other words: give the new words a new version.")
            % {"version": version}
        )
    return version, created
