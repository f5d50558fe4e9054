"""Which steps and questions apply. Always derived from the answers in one pass, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from intake.conditions import All, Condition, Test, evaluate, values
from intake.conditions import questions as looks_at
from intake.questionnaire import Question, Questionnaire, Step

# A step for each treatment that was chosen: its own name would tell the choice to whoever sees the address.
NUMBERED = "hope-"


@dataclass(frozen=True)
class PathStep:
    """A step with the questions that it shows. `name` is what its address says of it."""

    step: Step
    questions: tuple[Question, ...]
    name: str


def names(questionnaire: Questionnaire) -> frozenset[str]:
    """Every name that an address of this form can hold."""
    own = {step.name for step in questionnaire.steps if not _is_numbered(step)}
    return frozenset(own | {f"{NUMBERED}{number}" for number in range(1, _most_numbered(questionnaire) + 1)})


def walk(questionnaire: Questionnaire, answers: Mapping) -> tuple[PathStep, ...]:
    """The steps that apply, in order, each with the questions it shows."""
    path, seen, numbered = [], {}, 0
    for step in questionnaire.steps:
        if not evaluate(step.condition, seen):
            continue
        shown = tuple(question for question in step.questions if evaluate(question.condition, seen))
        if shown:
            numbered += _is_numbered(step)
            path.append(PathStep(step, shown, f"{NUMBERED}{numbered}" if _is_numbered(step) else step.name))
            seen.update((q.link_id, answers[q.link_id]) for q in shown if q.link_id in answers)
    return tuple(path)


def find(path: tuple[PathStep, ...], name: str) -> PathStep | None:
    return next((entry for entry in path if entry.name == name), None)


def prune(questionnaire: Questionnaire, answers: Mapping) -> dict:
    """The answers to questions that are shown. Those that are off stay in the mapping given, for a way back."""
    shown = [question.link_id for entry in walk(questionnaire, answers) for question in entry.questions]
    return {link_id: answers[link_id] for link_id in shown if values(answers, link_id)}


def is_complete(path_step: PathStep, answers: Mapping) -> bool:
    return all(_is_settled(question, answers) for question in path_step.questions)


def first_incomplete(path: tuple[PathStep, ...], answers: Mapping) -> PathStep | None:
    return next((entry for entry in path if not is_complete(entry, answers)), None)


def back(path: tuple[PathStep, ...], name: str) -> PathStep | None:
    """The step before the one named; None for the first, and for one that is not on the path."""
    places = [entry.name for entry in path]
    place = places.index(name) if name in places else 0
    return path[place - 1] if place else None


def progress(questionnaire: Questionnaire, answers: Mapping, name: str) -> tuple[int, int]:
    """Where a step of the path stands, and how many steps there can be: each answer given only lowers that."""
    places = [entry.name for entry in walk(questionnaire, answers)]
    return places.index(name) + 1, _count_possible(questionnaire, answers)


def _is_numbered(step: Step) -> bool:
    return step.name.startswith(NUMBERED)


def _most_numbered(questionnaire: Questionnaire) -> int:
    """How many numbered steps one path can hold: as many as the question that opens them takes answers."""
    steps = [step for step in questionnaire.steps if _is_numbered(step)]
    openers = {link_id for step in steps for link_id in looks_at(step.condition)}
    most = [questionnaire.question(link_id).max_occurs or len(steps) for link_id in openers]
    return min(len(steps), *most) if most else len(steps)


def _is_settled(question: Question, answers: Mapping) -> bool:
    if question.required:
        # A required tick box has to be ticked.
        return any(value is not False for value in values(answers, question.link_id))
    return question.link_id in answers


def _count_possible(questionnaire: Questionnaire, answers: Mapping) -> int:
    """Steps that are on the path, or that could still come by an answer which has not been given yet."""
    count, numbered, settled, pending = 0, 0, {}, set()
    for step in questionnaire.steps:
        asked = [q for q in step.questions if _assume(True, All((step.condition, q.condition)), settled, pending)]
        if _is_numbered(step):
            numbered += bool(asked)
        else:
            count += bool(asked)
        for question in asked:
            certain = _assume(False, All((step.condition, question.condition)), settled, pending)
            if certain and question.link_id in answers:
                settled[question.link_id] = answers[question.link_id]
            else:
                pending.add(question.link_id)
    return count + min(numbered, _most_numbered(questionnaire))


def _assume(outcome: bool, condition: Condition, settled: Mapping, pending: set[str]) -> bool:
    """Evaluate with one outcome assumed of every test on a question whose answer is not settled yet."""
    if isinstance(condition, Test):
        return outcome if condition.question in pending else evaluate(condition, settled)
    parts = (_assume(outcome, part, settled, pending) for part in condition.conditions)
    return all(parts) if isinstance(condition, All) else any(parts)
