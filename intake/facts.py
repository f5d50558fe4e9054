"""Named facts: computed from the answers so far, and offered to conditions like answers.

Cut-offs are proposals of non-clinicians (the form's outline) and await clinical review.
"""

from collections.abc import Mapping
from datetime import date

from intake.conditions import Any, Condition, Test, evaluate, explain, values
from intake.gaps import GapRecord, gaps

PROCEDURES = (
    "home-micro-needling",
    "clinic-micro-needling",
    "rf-micro-needling",
    "acoustic-wave",
    "rapid-acoustic-pulse",
    "radiofrequency",
    "laser-1440",
    "manual-subcision",
    "cellfina",
    "aveli",
    "collagenase",
    "fillers",
    "cryolipolysis",
    "liposuction",
)
DECLINED = "rather-not-say"
GAP = "gap-"
# What a number is computed from.
INPUTS = {
    "age": "birth-date",
    "days-to-event": "event-date",
    "days-to-appointment": "appointment-date",
    "count-considering": "considering",
    "count-tried": "tried",
}
TRUTHS = ("procedure", "high-hope", "wants-permanent", "high-distress")
NAMES = frozenset({*INPUTS, *TRUTHS, "declined"})


def is_fact(name: str) -> bool:
    return name in NAMES or name.startswith(GAP)


def facts(questionnaire, answers: Mapping, today: date, records: Mapping[str, GapRecord] | None = None) -> dict:
    """Every fact that these answers give; one whose answers are missing is absent, like an answer not given.

    `records` are the reviewed gap fields of treatments by slug. Days are whole days from `today`.
    """
    numbers = {
        "age": age(answers.get("birth-date"), today),
        "days-to-event": _days_to(answers.get("event-date"), today),
        "days-to-appointment": _days_to(answers.get("appointment-date"), today),
        "count-considering": _count(answers, "considering", "none-yet"),
        "count-tried": _count(answers, "tried", "nothing"),
        "declined": len(_declined(questionnaire, answers)),
    }
    truths = {name: _holds(condition, answers) for name, condition in _truths(answers).items()}
    found = {GAP + name: level for name, level in gaps(answers, records or {}).items()}
    return {name: value for name, value in {**numbers, **truths, **found}.items() if value is not None}


def behind(name: str, questionnaire, answers: Mapping) -> dict:
    """The answers that decided a fact."""
    if name in TRUTHS:
        return explain(_truths(answers)[name], answers)
    if name == "declined":
        return _declined(questionnaire, answers)
    question = f"hope-{name.removeprefix(GAP)}" if name.startswith(GAP) else INPUTS[name]
    return {question: answers.get(question)}


def age(born: object, today: date) -> int | None:
    """Whole years; who was born on 29 February has the birthday on 1 March in a common year."""
    birth = _day(born)
    if birth is None or birth > today:
        return None
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _truths(answers: Mapping) -> dict[str, Condition]:
    """The true-or-false facts are conditions themselves, so that what decided them can be told."""
    hopes = [name for name in answers if name.startswith("hope-")]
    changes = [name for name in hopes if name.endswith("-change")]
    lasts = [name for name in hopes if name.endswith("-lasts")]
    return {
        "procedure": _any("considering", *PROCEDURES),
        "high-hope": Any(
            (Test("goal", "=", "eliminate"), *(_any(name, "almost-gone", "gone") for name in changes)),
        ),
        "wants-permanent": Any(tuple(Test(name, "=", "permanent") for name in lasts)),
        "high-distress": Any(
            (
                _any("time-thinking", "over-3h", "1-3h"),
                Test("avoids", "=", "often"),
                Test("bother", ">=", 8),
            )
        ),
    }


def _any(question: str, *codes: str) -> Any:
    return Any(tuple(Test(question, "=", code) for code in codes))


def _holds(condition: Condition, answers: Mapping) -> bool | None:
    """None while nothing that it looks at has been answered."""
    if evaluate(condition, answers):
        return True
    return False if any(given is not None for given in explain(condition, answers).values()) else None


def _count(answers: Mapping, question: str, none: str) -> int | None:
    given = values(answers, question)
    return sum(code != none for code in given) if given else None


def _declined(questionnaire, answers: Mapping) -> dict:
    """Questions that the patient would rather not answer. Only an option counts, never the same words in a text."""
    found = {}
    for link_id in answers:
        question = questionnaire.question(link_id) if DECLINED in values(answers, link_id) else None
        if question and question.options:
            found[link_id] = answers[link_id]
    return found


def _days_to(day: object, today: date) -> int | None:
    """Whole days ahead; a day that has passed is none to plan for."""
    found = _day(day)
    return (found - today).days if found and found >= today else None


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None
