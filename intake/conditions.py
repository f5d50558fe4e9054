"""The one language that decides whether a question shows, a note appears or a route is taken.

An answer that is missing, None, "" or [] is unanswered: nothing but `!=` and `exists` = false holds of it.
Of several answers to one question at least one has to satisfy a test; `!=` holds when none is equal.
"""

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ORDERINGS = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
OPERATORS = ("exists", "=", "!=", *ORDERINGS)


@dataclass(frozen=True)
class Test:
    question: str
    operator: str
    answer: str | bool | int | float


@dataclass(frozen=True)
class All:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class Any:
    conditions: tuple["Condition", ...]


Condition = Test | All | Any

ALWAYS = All(())


def values(answers: Mapping, question: str) -> tuple:
    """What was answered, as a tuple; empty when unanswered."""
    answer = answers.get(question)
    if answer is None or answer == "":
        return ()
    if isinstance(answer, (list, tuple)):
        return tuple(value for value in answer if value is not None and value != "")
    return (answer,)


def evaluate(condition: Condition, answers: Mapping) -> bool:
    # By far the most frequent, hundreds of times for each page that is sent.
    if condition is ALWAYS:
        return True
    if isinstance(condition, All):
        return all(evaluate(part, answers) for part in condition.conditions)
    if isinstance(condition, Any):
        return any(evaluate(part, answers) for part in condition.conditions)
    given = values(answers, condition.question)
    if condition.operator == "exists":
        return bool(given) == condition.answer
    satisfied = any(_satisfies(value, condition) for value in given)
    return not satisfied if condition.operator == "!=" else satisfied


def explain(condition: Condition, answers: Mapping) -> dict:
    """The answers that decided the outcome: as long as these stay, no other answer can change it."""
    decided: dict[str, list] = {}
    for test in _deciding(condition, answers):
        given = values(answers, test.question)
        matched = [value for value in given if _satisfies(value, test)]
        decided.setdefault(test.question, []).extend(matched or given)
    return {question: _as_given(answers, question, found) for question, found in decided.items()}


def questions(condition: Condition) -> frozenset[str]:
    if isinstance(condition, Test):
        return frozenset({condition.question})
    return frozenset().union(*(questions(part) for part in condition.conditions))


def parse(data: Mapping, where: str = "condition") -> Condition:
    """Read a condition as it is written in TOML or JSON."""
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: expected a table, found {data!r}")
    for key, kind in (("all", All), ("any", Any)):
        if key in data:
            return kind(_parse_parts(data, key, where))
    question = data.get("question")
    if not isinstance(question, str) or not question:
        raise ValueError(f"{where}: needs a question, or all, or any")
    match sorted(set(data) - {"question"}):
        case ["in"]:
            codes = _listed(data, "in", where)
            return Any(tuple(_parse_test(question, "=", code, f"{where}.in[{n}]") for n, code in enumerate(codes)))
        case ["exists"]:
            return _parse_test(question, "exists", data["exists"], where)
        case ["answer"] | ["answer", "operator"]:
            return _parse_test(question, data.get("operator", "="), data["answer"], where)
        case keys:
            raise ValueError(f"{where}: {question!r} needs an answer, in or exists, found {keys}")


def _satisfies(value: object, test: Test) -> bool:
    if test.operator == "exists" or isinstance(value, bool) != isinstance(test.answer, bool):
        return False
    if test.operator in ("=", "!="):
        return value == test.answer
    # A draft keeps what was typed, valid or not: text in a number field is no number to compare.
    if isinstance(value, str) != isinstance(test.answer, str):
        return False
    return ORDERINGS[test.operator](value, test.answer)


def _deciding(condition: Condition, answers: Mapping) -> Iterator[Test]:
    """The tests behind the outcome: of All and Any, only the branches that came out like the whole."""
    if isinstance(condition, Test):
        yield condition
        return
    outcome = evaluate(condition, answers)
    for part in condition.conditions:
        if evaluate(part, answers) == outcome:
            yield from _deciding(part, answers)


def _as_given(answers: Mapping, question: str, found: list) -> object:
    given = values(answers, question)
    if not given:
        return None
    if isinstance(answers[question], (list, tuple)):
        return [value for value in given if value in found]
    return given[0]


def _parse_parts(data: Mapping, key: str, where: str) -> tuple[Condition, ...]:
    if set(data) != {key}:
        raise ValueError(f"{where}: {key} stands alone, found {sorted(data)}")
    parts = _listed(data, key, where)
    return tuple(parse(part, f"{where}.{key}[{n}]") for n, part in enumerate(parts))


def _parse_test(question: str, comparison: object, answer: object, where: str) -> Test:
    if comparison not in OPERATORS:
        raise ValueError(f"{where}: unknown operator {comparison!r}, use one of {' '.join(OPERATORS)}")
    if not isinstance(answer, (str, bool, int, float)) or answer == "":
        raise ValueError(f"{where}: {answer!r} is no answer to compare {question!r} with")
    if (comparison == "exists") and not isinstance(answer, bool):
        raise ValueError(f"{where}: exists takes true or false, found {answer!r}")
    if comparison in ORDERINGS and isinstance(answer, bool):
        raise ValueError(f"{where}: {comparison} does not order true and false")
    return Test(question, comparison, answer)


def _listed(data: Mapping, key: str, where: str) -> list:
    if not isinstance(data[key], list) or not data[key]:
        raise ValueError(f"{where}.{key}: expected a list with at least one entry, found {data[key]!r}")
    return data[key]
