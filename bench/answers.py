"""Answers to whatever form is published: nothing alarming, and one treatment considered."""

from datetime import timedelta

from django.utils import timezone

from education.models import Treatment
from intake.forms import OFFER_QUESTION
from intake.path import first_incomplete, walk

CALM = ("none", "no")
WORDS = "I would like to know what can be changed, how long it takes and what I can do myself before the visit."


def complete(questionnaire):
    answers, offer = {}, Treatment.objects.offer()
    while entry := first_incomplete(walk(questionnaire, answers), answers):
        answers |= {question.link_id: _answer(question, offer) for question in entry.questions}
    return answers


def before(step_name, questionnaire, answers):
    """What is answered when somebody comes to this step."""
    names = [entry.name for entry in walk(questionnaire, answers)]
    earlier = walk(questionnaire, answers)[: names.index(step_name)]
    return {question.link_id: answers[question.link_id] for entry in earlier for question in entry.questions}


def of_step(step_name, questionnaire, answers):
    shown = next(entry for entry in walk(questionnaire, answers) if entry.name == step_name)
    return {question.link_id: answers[question.link_id] for question in shown.questions}


def _answer(question, offer):
    if not question.required and question.kind != "text":
        return None
    if question.kind == "choice":
        code = _option(question, offer)
        return [code] if question.repeats else code
    if question.kind == "boolean":
        return True
    if question.kind == "date":
        return _day(question)
    if question.kind in ("integer", "decimal"):
        return 1 if question.min_value is None else question.min_value
    text = {"email": "amara@example.org", "phone": "020 7946 0000"}.get(question.format)
    return text or ("Amara Nwosu" if question.kind == "string" else WORDS)[: question.max_length]


def _option(question, offer):
    options = question.options
    if question.link_id == OFFER_QUESTION:
        return next(o.code for o in options if o.code not in offer.withheld and not o.exclusive)
    calm = [option.code for option in options if option.exclusive or option.code in CALM]
    return (calm or [options[0].code])[0]


def _day(question):
    return "1985-03-14" if question.date_window == "past" else str(timezone.localdate() + timedelta(days=30))
