"""Answers in words: as the patient reads them on the check page and staff read them as asked."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.conditions import values
from intake.facts import GAP, behind, is_fact
from intake.path import walk
from intake.questionnaire import Question
from portal.templatetags.portal_tags import day

FACTS = {
    "age": gettext_lazy("age in years"),
    "days-to-event": gettext_lazy("days to the special day"),
    "days-to-appointment": gettext_lazy("days to the appointment"),
    "procedure": gettext_lazy("a procedure is considered"),
    "count-considering": gettext_lazy("treatments considered"),
    "count-tried": gettext_lazy("treatments tried before"),
    "declined": gettext_lazy("questions answered with “I'd rather not say”"),
    "high-hope": gettext_lazy("high hope (all of it gone, or a treatment that takes almost all or all of it away)"),
    "wants-permanent": gettext_lazy("hope for a result for good"),
    "high-distress": gettext_lazy(
        "high distress (an hour or more a day, often avoids things, or bother of 8 and more)"
    ),
}
DIMENSIONS = {
    "change": gettext_lazy("change"),
    "lasts": gettext_lazy("how long it lasts"),
    "bruising": gettext_lazy("bruising"),
}


@dataclass(frozen=True)
class Row:
    """One question as asked, with its answers in words, a line each; an empty text means that it was left open."""

    question: Question
    text: str


def in_words(question, answer):
    """The label of a code, a date in the clinic's style, a text as it was written."""
    return "; ".join(_words(question, answer))


def _words(question, answer):
    labels = {option.code: option.label for option in question.options}
    return [_word(question, labels, value) for value in values({"": answer}, "")]


def _word(question, labels, value):
    if question.kind == "boolean":
        return _("Yes") if value else _("No")
    if question.kind == "date":
        return day(date.fromisoformat(value))
    return labels.get(value, str(value))


def each_in_words(questionnaire, answers, link_id):
    """Each answer to one question by itself, in the order in which they were given; none where nobody asks it."""
    question = questionnaire.question(link_id)
    return [in_words(question, value) for value in values(answers, link_id)] if question else []


def by_step(questionnaire, answers):
    """(step of the path, rows) for each step that these answers open, in the order of the form."""
    return [
        (entry, [_row(question, answers) for question in entry.questions]) for entry in walk(questionnaire, answers)
    ]


def _row(question, answers):
    return Row(question, "\n".join(_words(question, answers.get(question.link_id))))


def deciding_rows(questionnaire, answers, because):
    """What decided a note or a route, in words, frozen with it: answers, and facts with the answers behind them."""
    rows = {}
    for name, value in because.items():
        if is_fact(name):
            rows[name] = {"question": name, "text": fact_in_words(name), "answer": fact_value(value)}
            value_of = behind(name, questionnaire, answers)
        else:
            value_of = {name: value}
        for link_id, answer in value_of.items():
            if values(value_of, link_id):
                rows.setdefault(link_id, _deciding_row(questionnaire, link_id, answer))
    return list(rows.values())


def _deciding_row(questionnaire, link_id, answer):
    words = in_words(questionnaire.question(link_id), answer)
    return {"question": link_id, "text": questionnaire.name(link_id), "answer": words}


def fact_in_words(name):
    """What a fact is called; a gap by its treatment and dimension, and what no form asks any more by its name."""
    if name.startswith(GAP):
        slug, _dash, dimension = name.removeprefix(GAP).rpartition("-")
        return _("gap of %(treatment)s, %(dimension)s") % {"treatment": slug, "dimension": DIMENSIONS[dimension]}
    return str(FACTS.get(name, name))


def fact_value(value):
    if value is None:
        return _("not answered")
    return {"True": _("yes"), "False": _("no")}.get(str(value), str(value))
