"""The face sheet: what a clinician needs first of one Submission, in words, from what was frozen with it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.actions import moves, needs_reason
from intake.answers import each_in_words, in_words
from intake.conditions import values
from intake.models import Status
from intake.signs import NO_SIGN, SIGNS_QUESTION, urgent_signs
from intake.staff.as_asked import as_asked, split
from intake.staff.hopes import hopes
from intake.staff.paper import FIRST_QUESTIONS, cuts
from intake.staff.plain_text import plain_text
from intake.staff.withdrawn import named

TOP_NOTES = 3
LATEST_ACCESSES = 50
IN_SHORT = {
    "goal": gettext_lazy("Wants most"),
    "by-when": gettext_lazy("By when"),
    "self-rating": gettext_lazy("Sees"),
    "considering": gettext_lazy("Thinks about"),
    "why-now": gettext_lazy("For"),
}
TOLD = {
    "emergency": gettext_lazy("The patient was told to call the emergency number now and went on with the form."),
    "today": gettext_lazy("The patient was told to get urgent care today and went on with the form."),
    "soon": gettext_lazy("The patient was told to see a doctor within days and went on with the form."),
}
BACK_WORDS = {
    Status.NEW: gettext_lazy("New (a colleague can claim it)"),
    Status.IN_REVIEW: gettext_lazy("In review (open it again)"),
}


@dataclass(frozen=True)
class Flag:
    code: str
    text: str
    level: str
    told: str


@dataclass(frozen=True)
class Event:
    at: datetime
    text: str
    reason: str = ""


@dataclass(frozen=True)
class Move:
    to: str
    label: str
    needs_reason: bool


def face_sheet(submission):
    sheet = {
        "submission": submission,
        **_who(submission),
        **_in_the_patients_words(submission),
        **_from_rules(submission),
        "withdrawn": named(submission),
        "timeline": timeline(submission),
        "comments": submission.comments.select_related("by"),
        "moves": [Move(to, BACK_WORDS.get(to, to.label), needs_reason(to)) for to in moves(submission.status)],
    }
    sheet["matters"], sheet["plain_no"] = split(sheet["answers"])
    return sheet | {"plain_text": plain_text(sheet), "cuts": cuts(sheet), "first_questions": FIRST_QUESTIONS}


def _who(submission):
    return {
        "born": date.fromisoformat(submission.birth_date),
        "contact": _words(submission, "contact-by"),
        "visit_help": submission.answers.get("visit-help"),
    }


def _in_the_patients_words(submission):
    return {
        "own_words": submission.answers.get("goal-own-words"),
        "in_short": [(label, _words(submission, link_id)) for link_id, label in IN_SHORT.items()],
        "questions": each_in_words(submission.questionnaire, submission.answers, "top-questions"),
        "own_question": submission.answers.get("own-question"),
    }


def _from_rules(submission):
    notes = list(submission.notes.all())
    ranked = list(enumerate(notes, 1))
    hoped = hopes(submission)
    return {
        "flags": flags(submission),
        "top_notes": ranked[:TOP_NOTES],
        "more_notes": ranked[TOP_NOTES:],
        "hopes": hoped,
        "hopes_await_review": any(treatment.awaiting_review for treatment in hoped),
        "answers": as_asked(submission, notes),
        # One that does not say that it was reviewed was not.
        "route_awaits_review": submission.route_why.get("awaiting_review", True),
    }


def _words(submission, link_id):
    question = submission.questionnaire.question(link_id)
    return in_words(question, submission.answers.get(link_id)) if question else ""


def flags(submission):
    """The urgent signs that the patient ticked, the most urgent first, in the words of the form."""
    levels = {sign.code: sign.level for sign in urgent_signs(submission.answers)}
    ticked = [code for code in values(submission.answers, SIGNS_QUESTION) if code != NO_SIGN]
    question = submission.questionnaire.question(SIGNS_QUESTION)
    return [
        Flag(code, in_words(question, code), levels.get(code, ""), TOLD.get(levels.get(code), ""))
        for code in sorted(ticked, key=[*levels, *ticked].index)
    ]


def timeline(submission):
    """Sent, routed, every change, and who has opened it: each person once a day."""
    routed = _("Routed to %(team)s, %(urgency)s: %(reason)s") % {
        "team": submission.get_team_display(),
        "urgency": submission.get_urgency_display(),
        "reason": submission.route_why["reason"],
    }
    events = [_change(submission, change) for change in submission.changes.select_related("by")]
    events.append(Event(submission.submitted_at, routed))
    return sorted(events + _openings(submission), key=lambda event: event.at)


def _change(submission, change):
    if not change.from_status:
        version = submission.questionnaire.version
        return Event(change.at, _("Sent by the patient, form version %(version)s") % {"version": version})
    words = {"person": change.by, "before": change.get_from_status_display(), "now": change.get_to_status_display()}
    return Event(change.at, _("%(person)s: from “%(before)s” to “%(now)s”") % words, change.reason or "")


def _openings(submission):
    latest = submission.accesses.select_related("by")[:LATEST_ACCESSES]
    first = {(access.by_id, timezone.localdate(access.at)): access for access in latest}
    return [Event(access.at, _("Opened by %(person)s") % {"person": access.by}) for access in first.values()]
