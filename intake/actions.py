"""Every change of state: keyword-only, one transaction each, the change and its history row together."""

import hashlib
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from education.models import offer_now
from intake.facts import age
from intake.forms import OFFER_QUESTION, StepForm
from intake.frozen import freeze
from intake.models import (
    AccessLog,
    Comment,
    Draft,
    QuestionnaireVersion,
    Status,
    StatusChange,
    Submission,
    SubmissionNote,
    draft_expiry,
)
from intake.path import NUMBERED, find, first_incomplete, names, walk
from intake.tasks import mail_patient, mail_team
from intake.withdrawal import TOLD, as_seen, gone_from_draft, names_withdrawn, take_off, without

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
    """A Draft can't be handed in yet; `step` is the name of the first step that lacks an answer.

    None: what lacks an answer is withdrawn, which the patient has to be told before.
    """

    def __init__(self, step):
        super().__init__(step)
        self.step = step


@dataclass(frozen=True)
class Saved:
    draft: Draft
    form: StepForm | None  # None when the step is not on the path of these answers
    under_age: bool = False


def key_of(token):
    """What the database knows of a patient's cookie: enough to find the Draft, not enough to forge the cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_draft(*, shared=False):
    """A new Draft and the token that its patient keeps. Drafts past their day go at the same time.

    `shared`: on a device that is handed round, where a Draft lives for minutes.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Draft.objects.filter(expires_at__lte=timezone.now()).delete()
        draft = Draft.objects.create(
            key=key_of(token), version_id=QuestionnaireVersion.current_id(), expires_at=draft_expiry(shared)
        )
    return draft, token


def save_step(*, key, name, data, shared=False):
    """Keeps what was typed in one step, valid or not. Returns None when there is no such Draft (any more).

    Reading and checking hold no lock. One statement writes, if nobody else has written since; else all begins again.
    """
    while True:
        draft = Draft.objects.of(key)
        if draft is None:
            return None
        form = _fill_in(draft, name, data)
        years = age(draft.answers.get("birth-date"), timezone.localdate())
        if years is not None and years < ADULT_AGE:
            Draft.objects.filter(pk=draft.pk).delete()
            return Saved(draft, form, under_age=True)
        take_off(draft, data.getlist(TOLD))
        draft.expires_at = draft_expiry(shared)
        if _keep(draft):
            return Saved(as_seen(draft), form)


def _keep(draft):
    """Writes a Draft, if nobody else has written since it was read."""
    as_read = Draft.objects.filter(pk=draft.pk, revision=draft.revision)
    kept = {"answers": draft.answers, "typed": draft.typed, "expires_at": draft.expires_at}
    return as_read.update(revision=draft.revision + 1, **kept)


def _fill_in(draft, name, data):
    """Puts what was typed into the Draft in memory. Returns the form, or None when no step here is on the path."""
    if name not in names(draft.questionnaire):
        raise NoSuchStep(name)
    gone = {one.code for one in gone_from_draft(draft)}
    path = walk(draft.questionnaire, without(draft.answers, gone))
    steps = _steps_answered(draft.questionnaire, path, name, data)
    shown = next((entry for entry in path if entry.step in steps), None)
    form = StepForm(shown, offer=offer_for(shown), data=data) if shown else None
    for step in steps:
        _merge(draft, step, form if shown and step is shown.step else None, data)
    return form


def _steps_answered(questionnaire, path, name, data):
    """The steps that a post to this address answers.

    The address of a numbered step changes its meaning with the treatments that are chosen, perhaps in another tab:
    the fields that were sent say which step they belong to.
    """
    if name.startswith(NUMBERED):
        numbered = [step for step in questionnaire.steps if step.name.startswith(NUMBERED)]
        sent = [step for step in numbered if any(question.link_id in data for question in step.questions)]
        here = find(path, name)
        return sent or ([here.step] if here else [])
    return [questionnaire.step(name)]


@transaction.atomic
def start_with_step(*, name, data, shared=False):
    """A new Draft that begins with what was typed in one step. Returns what save_step returns, and the token."""
    draft, token = start_draft(shared=shared)
    return save_step(key=draft.key, name=name, data=data, shared=shared), token


def go_on(*, key, told):
    """The patient has read what is no longer available, and goes on without it. Returns the Draft, or None."""
    while True:
        draft = Draft.objects.of(key)
        if draft is None or not take_off(draft, told) or _keep(draft):
            return draft and as_seen(draft)


def keep_alive(*, key):
    """Somebody is reading on a shared device: their Draft lives for some minutes more."""
    Draft.objects.alive().filter(key=key).update(expires_at=draft_expiry(shared=True))


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
    """Which treatments to hold back and which to put first; None where the step offers none."""
    if shown and any(question.link_id == OFFER_QUESTION for question in shown.questions):
        return offer_now()
    return None


def incomplete_step(draft):
    """The name of the first step on the path that lacks a valid answer; None when the Draft can be handed in."""
    missing = first_incomplete(walk(draft.questionnaire, draft.answers), draft.answers)
    return missing.name if missing else None


def submit(*, key, told=()):
    """Turns a Draft into its one Submission and returns it; asked again, returns the same one.

    Returns None when there is neither. Raises Incomplete while an answer is missing. What is handed in is worked out
    first, without a lock: whoever takes the Draft away, as it was read, is the one who hands it in. A treatment that
    was withdrawn without the patient's knowledge is handed in as it was chosen, and marked.
    """
    while True:
        draft = Draft.objects.of(key)
        if draft is None:
            return Submission.objects.filter(draft_key=key).first()
        take_off(draft, told)
        if incomplete_step(draft):
            raise Incomplete(incomplete_step(as_seen(draft)))
        submission, notes = freeze(draft, timezone.now())
        if _hand_in(draft, submission, notes):
            return submission


@transaction.atomic
def _hand_in(draft, submission, notes):
    """The Draft out, the Submission with its notes, history and mails in: all of it, or nothing."""
    taken, _rows = Draft.objects.filter(pk=draft.pk, revision=draft.revision).delete()
    if not taken:
        return False
    submission.names_withdrawn = names_withdrawn(submission.answers)
    submission.save(force_insert=True)
    for note in notes:
        note.submission = submission
    SubmissionNote.objects.bulk_create(notes)
    StatusChange.objects.create(submission=submission, to_status=Status.NEW, at=submission.submitted_at)
    mail_team.enqueue(submission.pk)
    if submission.email:
        mail_patient.enqueue(submission.pk)
    return True


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
    if seen == Status.CLOSED:
        change["names_withdrawn"] = names_withdrawn(submission.answers)  # nobody has looked while it was closed
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
