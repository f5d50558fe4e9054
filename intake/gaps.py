"""What a patient hopes of a treatment, beside what its evidence record says is usual. A talking point, no verdict."""

from collections.abc import Mapping
from dataclasses import dataclass

# From the least to the most that can be hoped for, or put up with.
LEVELS = {
    "change": ("none", "little", "clear", "almost-gone", "gone"),
    "lasts": ("weeks", "months", "years", "permanent"),
    "bruising": ("none", "few-days", "two-weeks", "month"),
}
# No treatment does these, whatever a record says.
BEYOND_ALL = {("change", "gone"), ("lasts", "permanent")}


@dataclass(frozen=True)
class GapRecord:
    """Usual change, longest lasting that was shown, usual bruising; None where that is not known."""

    change: str | None = None
    lasts: str | None = None
    bruising: str | None = None


def gap(dimension: str, hope: str | None, record: GapRecord) -> str | None:
    """more: hopes for more benefit, or less burden, than usual. None: not asked, or left open."""
    if not hope:
        return None
    usual = getattr(record, dimension)
    if (dimension, hope) in BEYOND_ALL:
        return "more"
    if hope == "unsure" or usual is None:
        return "unknown"
    levels = LEVELS[dimension]
    above = levels.index(hope) - levels.index(usual)
    # Bruising is a burden: to accept fewer days of it is to hope for more.
    above = -above if dimension == "bruising" else above
    return "more" if above > 0 else "less" if above < 0 else "in-line"


def gaps(answers: Mapping, records: Mapping[str, GapRecord]) -> dict[str, str]:
    """Every gap of answers `hope-<slug>-<dimension>`, by `<slug>-<dimension>`."""
    found = {}
    for link_id, hope in answers.items():
        slug, _, dimension = link_id.removeprefix("hope-").rpartition("-")
        if link_id.startswith("hope-") and dimension in LEVELS:
            found[f"{slug}-{dimension}"] = gap(dimension, hope, records.get(slug, GapRecord()))
    return {name: level for name, level in found.items() if level}
