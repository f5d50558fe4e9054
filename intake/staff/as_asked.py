"""All answers as asked, in two parts: what matters stands open, a plain no is folded away. Nothing is left out."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from intake.answers import by_step
from intake.conditions import values
from intake.questionnaire import Question

NONE_OF_THESE = {"none", "none-yet", "nothing"}
TYPED = {"string", "text"}


@dataclass(frozen=True)
class Answer:
    """`decided` names the notes that this answer brought up, and the route."""

    question: Question
    text: str
    plain_no: bool
    decided: tuple[str, ...]

    @property
    def matters(self):
        return bool(self.decided) or not self.plain_no

    @property
    def own_words(self):
        return bool(self.text) and self.question.kind == "text"


@dataclass(frozen=True)
class Part:
    """(title of a step, answers) in the order of the form."""

    steps: tuple[tuple[str, tuple[Answer, ...]], ...]

    @property
    def count(self):
        return sum(len(answers) for _title, answers in self.steps)


def as_asked(submission, notes):
    """Every question that was asked, by step."""
    decided = _decided(submission, notes)
    return Part(
        tuple(
            (entry.step.title, tuple(_answer(submission, row, decided) for row in rows))
            for entry, rows in by_step(submission.questionnaire, submission.answers)
        )
    )


def split(whole):
    """(what matters, what does not)."""
    return tuple(
        Part(tuple((title, kept) for title, answers in whole.steps if (kept := _kept(answers, matters))))
        for matters in (True, False)
    )


def _kept(answers, matters):
    return tuple(answer for answer in answers if answer.matters == matters)


def _answer(submission, row, decided):
    given = values(submission.answers, row.question.link_id)
    plain_no = all(_is_plain_no(row.question, value) for value in given)
    return Answer(row.question, row.text, plain_no, tuple(decided.get(row.question.link_id, ())))


def _is_plain_no(question, value):
    """No, or what stands alone for none of the others. "No dents" on a scale of dents is an answer, not a no."""
    if question.kind == "boolean":
        return value is False
    alone = {option.code for option in question.options if option.exclusive}
    return bool(question.options) and (value == "no" or value in alone & NONE_OF_THESE)


def _decided(submission, notes):
    rows = [(note.code, row) for note in notes for row in note.why]
    rows += [(_("route"), row) for row in submission.route_why["answers"]]
    found = {}
    for name, row in rows:
        found.setdefault(row["question"], []).append(name)
    return found
