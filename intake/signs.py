"""What each urgent sign needs, read once from its file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from intake.conditions import values

RULES = Path(__file__).parent / "rules"
SIGNS_QUESTION = "urgent-signs"
NO_SIGN = "none"


@dataclass(frozen=True)
class UrgentSign:
    """What a patient who ticked a sign reads. `level`: emergency (call now), today, soon (a doctor, within days)."""

    code: str
    level: str
    name: str
    steps: tuple[str, ...]


@cache
def _signs():
    rows = tomllib.loads((RULES / "urgent.toml").read_text())["sign"]
    return tuple(UrgentSign(**{**row, "steps": tuple(row["steps"])}) for row in rows)


def urgent_signs(answers):
    """The signs that a patient ticked, the most urgent first."""
    ticked = values(answers, SIGNS_QUESTION)
    return [sign for sign in _signs() if sign.code in ticked]
