"""Named facts: computed from the answers so far, and offered to conditions like answers."""

from collections.abc import Mapping
from datetime import date

NAMES = frozenset({"age"})


def facts(answers: Mapping, today: date) -> dict:
    age = _age(answers.get("birth-date"), today)
    return {} if age is None else {"age": age}


def _age(born: object, today: date) -> int | None:
    """Whole years; who was born on 29 February has the birthday on 1 March in a common year."""
    try:
        birth = date.fromisoformat(born)
    except (TypeError, ValueError):
        return None
    if birth > today:
        return None
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
