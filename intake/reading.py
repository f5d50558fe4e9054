"""Which articles are worth reading before a visit, each with its reason in words for the patient."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from intake.conditions import ALWAYS, Condition, evaluate, parse

LIMIT = 3


@dataclass(frozen=True)
class Pick:
    slug: str
    reason: str
    condition: Condition


def load_picks(path: Path) -> tuple[Pick, ...]:
    """Read picks from a TOML file, the most specific first. Raises ValueError with what is wrong."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["pick"]
    return tuple(Pick(row["slug"], row["reason"], _condition(row, path)) for row in rows)


def picked(picks: Collection[Pick], known: Mapping, live: Collection[str]) -> list[Pick]:
    """The first picks that fit and whose article is live, each article once."""
    return list(_fitting(picks, known, live))[:LIMIT]


def _fitting(picks: Collection[Pick], known: Mapping, live: Collection[str]) -> Iterator[Pick]:
    taken = set()
    for pick in picks:
        if pick.slug in live and pick.slug not in taken and evaluate(pick.condition, known):
            taken.add(pick.slug)
            yield pick


def _condition(row: Mapping, path: Path) -> Condition:
    return parse(row["when"], f"{path.name}: {row['slug']}") if "when" in row else ALWAYS
