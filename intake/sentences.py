"""Conditions as sentences, in the words of the questions and answers of a form."""

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.answers import fact_in_words, fact_value, in_words
from intake.conditions import All, Any, Test
from intake.models import QuestionnaireVersion, compiled

COMPARED = {
    ">": gettext_lazy("is more than"),
    "<": gettext_lazy("is less than"),
    ">=": gettext_lazy("is at least"),
    "<=": gettext_lazy("is at most"),
}


def sentence(condition, form=None):
    """A condition in the words of a form; without one, of the form that is published now."""
    return _words(condition, form or compiled(QuestionnaireVersion.current_id()))


def who_sees(note, form=None):
    """Who sees a note of the core, in words."""
    if not note.to_patient:
        return _("Staff only")
    if note.unless:
        return _("Staff; the patient too, unless %(condition)s") % {"condition": sentence(note.unless, form)}
    return _("Staff and the patient, also beside urgent advice") if note.alone else _("Staff and the patient")


def _words(condition, form):
    if isinstance(condition, Test):
        return _test(condition, [condition.answer], form)
    if not condition.conditions:
        return _("always") if isinstance(condition, All) else _("never")
    return (_("; and ") if isinstance(condition, All) else _("; or ")).join(_parts(condition, form))


def _parts(condition, form):
    """The parts in words: several answers to one question are told together, and nested parts stand in brackets."""
    together = {}
    for part in condition.conditions:
        one_of = isinstance(condition, Any) and isinstance(part, Test) and part.operator == "="
        together.setdefault(part.question if one_of else part, []).append(part)
    for parts in together.values():
        if isinstance(parts[0], Test):
            yield _test(parts[0], [part.answer for part in parts], form)
        else:
            words = _words(parts[0], form)
            yield f"({words})" if len(list(_parts(parts[0], form))) > 1 else words


def _test(test, answers, form):
    question = form.question(test.question)
    named = f"“{form.name(test.question)}”" if question else fact_in_words(test.question)
    given = get_text_list([_answer(question, answer) for answer in answers], _("or"))
    match test.operator:
        case "exists":
            return _("%(question)s is answered") % {"question": named}
        case "=":
            words = (
                _("%(question)s includes %(answer)s")
                if question and question.repeats
                else _("%(question)s is %(answer)s")
            )
        case "!=":
            words = _("%(question)s is not %(answer)s")
        case _:
            words = "%(question)s " + str(COMPARED[test.operator]) + " %(answer)s"
    return words % {"question": named, "answer": given}


def _answer(question, answer):
    if question and question.options:
        return f"“{in_words(question, answer)}”"
    return fact_value(answer)
