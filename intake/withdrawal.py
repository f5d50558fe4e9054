"""What becomes of forms that name a treatment which is no longer available: those being filled in, and those sent."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from education.citations import plain
from education.models import Treatment, offer_now
from education.naming import names
from intake.conditions import values
from intake.forms import OFFER_QUESTION
from intake.models import Submission, Withdrawal

BATCH = 200
TOLD = "told"  # the hidden field of a page that tells what is gone


@dataclass(frozen=True)
class Gone:
    """A treatment that somebody chose and nobody can have any more, in the words of the form that offered it."""

    code: str
    label: str
    why: str
    url: str


def gone_from(questionnaire, *chosen):
    """What is withdrawn of the treatments in these answers to the question of the offer, each once."""
    question = questionnaire.question(OFFER_QUESTION)
    codes = {code for given in chosen for code in values({"": given}, "")}
    offered = question.options if question else ()
    options = [option for option in offered if option.code in codes and not option.exclusive]
    gone = [option for option in options if option.code in offer_now().withheld]
    records = {record.slug: record for record in names().withdrawn} if gone else {}
    return [_gone(option, records.get(option.code)) for option in gone]


def _gone(option, record):
    """Of a draft of a record nothing is told but that it is withdrawn."""
    if record is None or not record.live:
        return Gone(option.code, option.label, "", "")
    return Gone(option.code, option.label, plain(record.withdrawn_notice), record.get_absolute_url())


def gone_from_draft(draft):
    return gone_from(draft.questionnaire, draft.answers.get(OFFER_QUESTION), draft.typed.get(OFFER_QUESTION))


def named_in(submission):
    return gone_from(submission.questionnaire, submission.answers.get(OFFER_QUESTION))


def without(answers, codes):
    """Answers in which these treatments are not chosen. What was hoped of them stays, for a way back."""
    chosen = values(answers, OFFER_QUESTION)
    left = [code for code in chosen if code not in codes]
    if len(left) == len(chosen):
        return answers
    rest = {link_id: answer for link_id, answer in answers.items() if link_id != OFFER_QUESTION}
    return rest | {OFFER_QUESTION: left} if left else rest


def as_seen(draft):
    """The Draft as its patient sees it: what is gone is not chosen, and `gone` tells of it. Not to be saved."""
    draft.gone = gone_from_draft(draft)
    draft.answers = without(draft.answers, {one.code for one in draft.gone})
    return draft


def take_off(draft, told):
    """Takes what is gone out of the Draft, as far as its patient was told. Whatever came back meanwhile stays."""
    codes = {one.code for one in gone_from_draft(draft)}.intersection(told) if told else ()
    if codes:
        draft.answers, draft.typed = without(draft.answers, codes), without(draft.typed, codes)
    return bool(codes)


def names_withdrawn(answers):
    """Whether a form that is handed in names a withdrawn treatment; within a transaction.

    It keeps the switch from being flipped until the form is in, so that whoever flips it next finds the form.
    """
    chosen = values(answers, OFFER_QUESTION)
    return bool(chosen) and not _withheld(Treatment.objects.filter(slug__in=chosen)).isdisjoint(chosen)


def _withheld(treatments):
    return treatments.select_for_update().offer().withheld


@transaction.atomic
def follow_switch(**signal):
    """Notes which treatments are withdrawn now, and has the open forms looked through where that changed."""
    known = set(Withdrawal.objects.values_list("slug", flat=True))
    now = Treatment.objects.offer().withheld
    if now == known:
        return
    since = dict(Treatment.objects.filter(slug__in=now - known, live=True).values_list("slug", "last_published_at"))
    new = [Withdrawal(slug=slug, since=since.get(slug) or timezone.now()) for slug in now - known]
    Withdrawal.objects.bulk_create(new, ignore_conflicts=True)
    Withdrawal.objects.filter(slug__in=known - now).delete()
    mark_open_forms.enqueue()


@task(backend="outbox", queue_name="forms")
def mark_open_forms():
    """Marks the open forms that name a withdrawn treatment, and no others. Begun again, it does no harm."""
    open_forms = list(Submission.objects.open().order_by().values_list("pk", flat=True))
    for start in range(0, len(open_forms), BATCH):
        forms = Submission.objects.filter(pk__in=open_forms[start : start + BATCH]).only("answers")
        # Decrypting takes its time, and what was handed in does not change: no lock is held for that.
        _mark({form.pk: values(form.answers, OFFER_QUESTION) for form in forms})


@transaction.atomic
def _mark(chosen):
    withheld = _withheld(Treatment.objects)
    naming = [pk for pk, codes in chosen.items() if not withheld.isdisjoint(codes)]
    forms = Submission.objects.filter(pk__in=chosen)
    forms.filter(pk__in=naming, names_withdrawn=False).update(names_withdrawn=True)
    forms.exclude(pk__in=naming).filter(names_withdrawn=True).update(names_withdrawn=False)
