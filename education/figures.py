"""Drawings from the evidence records: what stands where. Words beside each drawing say the same."""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# A hundred people stand in ten rows of ten, each on a square of this side (static/img/people.svg).
ROW = 10
SIDE = 20


class Crowd(NamedTuple):
    """The first people of a hundred: how high their whole rows are, and how wide the rest in the next row is."""

    rows: int
    rest: int


@dataclass(frozen=True)
class Group:
    """How many of 100 people, from the lowest to the highest number that was seen."""

    low: int
    high: int
    label: str

    @property
    def words(self):
        if self.low == self.high:
            return gettext("%(number)s in 100") % {"number": self.low}
        return gettext("%(low)s to %(high)s in 100") % {"low": self.low, "high": self.high}

    @property
    def ranges(self):
        return self.low < self.high

    @property
    def at_least(self):
        return crowd(self.low)

    @property
    def at_most(self):
        return crowd(self.high)


def crowd(number):
    return Crowd(number // ROW * SIDE, number % ROW * SIDE)


def groups(outcome, label=""):
    """Whom an Outcome counts out of 100: nobody, one group, or two that were compared."""
    if outcome.per_100_low is None:
        return []
    treated = Group(outcome.per_100_low, outcome.per_100_high, label or gettext("with the treatment"))
    if outcome.per_100_compare_low is None:
        return [treated]
    return [
        treated,
        Group(outcome.per_100_compare_low, outcome.per_100_compare_high, gettext("in the group compared with it")),
    ]


STATIONS = [_("Day 0"), _("Week 1"), _("First result"), _("Fades")]
# Each station stands in the middle of its quarter of the track, above its word.
QUARTER = 80
START, FIRST_RESULT, FADES = 0, 2, 3

# How far a bar reaches, counted in stations. The scale is one of order, not of days.
HEALED_BY = {"few-days": 0.7, "two-weeks": 1.4, "month": 1.75}
SHOWN_UNTIL = {"weeks": 2.25, "months": 2.5, "years": 2.75, "permanent": 3.5}


class Span(NamedTuple):
    x: int
    width: int

    @property
    def hatches(self):
        """Where the strokes over an unknown stretch begin."""
        return range(self.x + 2, self.x + self.width - 6, 6)


def span(start, end):
    x, until = (round((station + 0.5) * QUARTER) for station in (start, end))
    return Span(x, until - x)


@dataclass(frozen=True)
class Bar:
    """One line of a timeline: what the record says in words, and how far that is known or not."""

    kind: str
    words: str
    known: Span | None = None
    unknown: Span | None = None


class Timeline(NamedTuple):
    bars: list
    stations: list

    @property
    def gaps(self):
        return any(bar.unknown for bar in self.bars)

    @property
    def nothing_known(self):
        return all(bar.unknown and not bar.known for bar in self.bars)


def timeline(treatment):
    """What happens when after a treatment, as far as its record says."""
    return Timeline([_healing(treatment), _result(treatment)], STATIONS)


def _healing(treatment):
    if not treatment.usual_bruising:
        return Bar("healing", gettext("Bruises: unknown"), unknown=span(START, FIRST_RESULT))
    words = gettext("Bruises: %(how_long)s") % {"how_long": treatment.get_usual_bruising_display().lower()}
    end = HEALED_BY.get(treatment.usual_bruising)
    return Bar("healing", words, known=span(START, end) if end else None)


def _result(treatment):
    if treatment.usual_change == "none":
        return Bar("result", gettext("Usual change: none"))
    words = _result_in_words(treatment)
    if not treatment.longest_lasting:
        return Bar("result", words, unknown=span(FIRST_RESULT, FADES))
    end = SHOWN_UNTIL[treatment.longest_lasting]
    beyond = span(end, FADES) if end < FADES else None
    return Bar("result", words, known=span(FIRST_RESULT, end), unknown=beyond)


def _result_in_words(treatment):
    change, lasting = treatment.get_usual_change_display(), treatment.get_longest_lasting_display()
    if not (change or lasting):
        return gettext("Result: unknown")
    unknown = gettext("unknown")
    return gettext("Usual change: %(change)s. Longest shown: %(lasting)s.") % {
        "change": change.lower() or unknown,
        "lasting": lasting.lower() or unknown,
    }
