"""Which team reviews a submission, how urgent it is, and by when it should be read."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from intake.conditions import ALWAYS, Condition, evaluate, explain

TEAMS = ("clinical-lead", "doctor", "nurse", "care-team")
URGENCIES = ("urgent", "soon", "routine")
# Working days after the day of submission; urgent counts openings instead.
WORKING_DAYS = {"soon": 2, "routine": 5}
# A clinic that is shut for longer than this has not entered its hours.
HORIZON = 366


@dataclass(frozen=True)
class Rule:
    number: int
    team: str
    urgency: str
    condition: Condition
    reason: str
    version: int = 0
    awaiting_review: bool = True


@dataclass(frozen=True)
class Route:
    rule: Rule
    team: str
    urgency: str
    because: dict


# A form must reach somebody, also when a rule that took all that was left has been taken out of use.
LAST_RESORT = Rule(0, "nurse", "soon", ALWAYS, "No rule in use takes these answers")


@dataclass(frozen=True)
class Opening:
    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Hours:
    openings: tuple[Opening, ...] = ()
    holidays: frozenset[date] = frozenset()


# Common office hours, so that every submission has a due time before the clinic has entered its own.
OFFICE_HOURS = tuple(Opening(weekday, time(9), time(17)) for weekday in range(5))


def route(rules: Collection[Rule], answers: Mapping) -> Route:
    """The first rule that holds over answers and facts, by its number."""
    in_order = sorted(rules, key=lambda rule: rule.number)
    rule = next((rule for rule in in_order if evaluate(rule.condition, answers)), LAST_RESORT)
    return Route(rule, rule.team, rule.urgency, explain(rule.condition, answers))


def due(urgency: str, submitted: datetime, hours: Hours, appointment: date | None) -> datetime:
    """By when a submission should be read: at the latest when the last working day before the appointment closes.

    `submitted` is aware and in the clinic's own zone, and so is the answer.
    """
    hours = hours if hours.openings else Hours(OFFICE_HOURS, hours.holidays)
    wanted = _end_of_opening(submitted, hours) if urgency == "urgent" else _end_of_day(urgency, submitted, hours)
    latest = _last_closing_before(appointment, submitted, hours) if appointment else wanted
    return max(min(wanted, latest, key=_instant), submitted, key=_instant)


def next_opening(now: datetime, hours: Hours) -> datetime | None:
    """When a clinic that is shut opens again. None while it is open, and where its hours are not known."""
    times = [
        (_at(day, opening.opens, now), _at(day, opening.closes, now))
        for day in _days(now.date(), 1)
        for opening in _openings(day, hours)
    ]
    ahead = [(opens, closes) for opens, closes in times if _instant(closes) > _instant(now)]
    opens = min((opens for opens, _closes in ahead), key=_instant, default=None)
    return opens if opens and _instant(opens) > _instant(now) else None


def _end_of_opening(submitted: datetime, hours: Hours) -> datetime:
    """The end of the clinic's present opening, or of its next one when it is shut."""
    ends = (
        end
        for day in _days(submitted.date(), 1)
        for end in sorted(_at(day, opening.closes, submitted) for opening in _openings(day, hours))
        if _instant(end) > _instant(submitted)
    )
    return next(ends, submitted)


def _end_of_day(urgency: str, submitted: datetime, hours: Hours) -> datetime:
    count = WORKING_DAYS[urgency]
    working = (day for day in _days(submitted.date() + timedelta(days=1), 1) if _openings(day, hours))
    day = next((day for number, day in enumerate(working, 1) if number == count), None)
    return _closing(day, submitted, hours) if day else submitted + timedelta(days=count)


def _last_closing_before(appointment: date, submitted: datetime, hours: Hours) -> datetime:
    working = (day for day in _days(appointment - timedelta(days=1), -1) if _openings(day, hours))
    day = next(working, None)
    return _closing(day, submitted, hours) if day else _at(appointment, time(), submitted)


def _closing(day: date, submitted: datetime, hours: Hours) -> datetime:
    return max(_at(day, opening.closes, submitted) for opening in _openings(day, hours))


def _openings(day: date, hours: Hours) -> tuple[Opening, ...]:
    if day in hours.holidays:
        return ()
    return tuple(opening for opening in hours.openings if opening.weekday == day.weekday())


def _days(first: date, step: int) -> Iterator[date]:
    return (first + timedelta(days=step * number) for number in range(HORIZON))


def _at(day: date, clock: time, submitted: datetime) -> datetime:
    return datetime.combine(day, clock, tzinfo=submitted.tzinfo)


def _instant(moment: datetime) -> datetime:
    """Two times of one zone compare by their clocks; around a clock change only UTC tells which is first."""
    return moment.astimezone(UTC)
