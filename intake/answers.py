"""Answers in words: as the patient reads them on the check page and staff read them as asked."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from intake.conditions import values
from intake.path import walk
from intake.questionnaire import Question
from portal.templatetags.portal_tags import day


@dataclass(frozen=True)
class Row:
    """One question as asked, with its answer in words; an empty text means that it was left open."""

    question: Question
    text: str


def in_words(question, answer):
    """The label of a code, a date in the clinic's style, a text as it was written."""
    labels = {option.code: option.label for option in question.options}
    return "; ".join(_word(question, labels, value) for value in values({"": answer}, ""))


def _word(question, labels, value):
    if question.kind == "boolean":
        return _("Yes") if value else _("No")
    if question.kind == "date":
        return day(date.fromisoformat(value))
    return labels.get(value, str(value))


def by_step(questionnaire, answers):
    """(step, rows) for each step on the path of these answers, in the order of the form."""
    return [
        (entry.step, [_row(question, answers) for question in entry.questions])
        for entry in walk(questionnaire, answers)
    ]


def _row(question, answers):
    return Row(question, in_words(question, answers.get(question.link_id)))


def deciding_rows(questionnaire, because):
    """What decided a note or a route, in words, frozen with it. Facts that no question asks keep their name."""
    return [_deciding_row(questionnaire, link_id, answer) for link_id, answer in because.items()]


def _deciding_row(questionnaire, link_id, answer):
    question = questionnaire.question(link_id)
    if question is None:
        return {"question": link_id, "text": link_id, "answer": str(answer)}
    return {"question": link_id, "text": question.text, "answer": in_words(question, answer)}
