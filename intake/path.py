"""Which steps and questions apply. Always derived from the answers in one pass, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from intake.conditions import All, Condition, Test, evaluate, values
from intake.questionnaire import Question, Questionnaire, Step


@dataclass(frozen=True)
class PathStep:
    step: Step
    questions: tuple[Question, ...]


def walk(questionnaire: Questionnaire, answers: Mapping) -> tuple[PathStep, ...]:
    """The steps that apply, in order, each with the questions it shows."""
    path, seen = [], {}
    for step in questionnaire.steps:
        shown = tuple(question for question in step.questions if evaluate(question.condition, seen))
        if shown and evaluate(step.condition, seen):
            path.append(PathStep(step, shown))
            seen.update((q.link_id, answers[q.link_id]) for q in shown if q.link_id in answers)
    return tuple(path)


def prune(questionnaire: Questionnaire, answers: Mapping) -> dict:
    """The answers to questions that are shown. Those that are off stay in the mapping given, for a way back."""
    shown = [question.link_id for entry in walk(questionnaire, answers) for question in entry.questions]
    return {link_id: answers[link_id] for link_id in shown if values(answers, link_id)}


def is_complete(path_step: PathStep, answers: Mapping) -> bool:
    return all(_is_settled(question, answers) for question in path_step.questions)


def first_incomplete(path: tuple[PathStep, ...], answers: Mapping) -> PathStep | None:
    return next((entry for entry in path if not is_complete(entry, answers)), None)


def back(path: tuple[PathStep, ...], name: str) -> Step | None:
    """The step before the one named; None for the first, and for one that is not on the path."""
    names = [entry.step.name for entry in path]
    place = names.index(name) if name in names else 0
    return path[place - 1].step if place else None


def progress(questionnaire: Questionnaire, answers: Mapping, name: str) -> tuple[int, int]:
    """Where a step of the path stands, and how many steps there can be: each answer given only lowers that."""
    names = [entry.step.name for entry in walk(questionnaire, answers)]
    return names.index(name) + 1, _count_possible(questionnaire, answers)


def _is_settled(question: Question, answers: Mapping) -> bool:
    if question.required:
        # A required tick box has to be ticked.
        return any(value is not False for value in values(answers, question.link_id))
    return question.link_id in answers


def _count_possible(questionnaire: Questionnaire, answers: Mapping) -> int:
    """Steps that are on the path, or that could still come by an answer which has not been given yet."""
    count, settled, pending = 0, {}, set()
    for step in questionnaire.steps:
        asked = [q for q in step.questions if _assume(True, All((step.condition, q.condition)), settled, pending)]
        count += bool(asked)
        for question in asked:
            certain = _assume(False, All((step.condition, question.condition)), settled, pending)
            if certain and question.link_id in answers:
                settled[question.link_id] = answers[question.link_id]
            else:
                pending.add(question.link_id)
    return count


def _assume(outcome: bool, condition: Condition, settled: Mapping, pending: set[str]) -> bool:
    """Evaluate with one outcome assumed of every test on a question whose answer is not settled yet."""
    if isinstance(condition, Test):
        return outcome if condition.question in pending else evaluate(condition, settled)
    parts = (_assume(outcome, part, settled, pending) for part in condition.conditions)
    return all(parts) if isinstance(condition, All) else any(parts)
