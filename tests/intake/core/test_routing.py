from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.routing import URGENCIES, Hours, Opening, due, load_rules, route
from tests.intake.core.strategies import many_cases
from tests.intake.core.test_notes import PLAIN

LONDON = ZoneInfo("Europe/London")


def taken(rules, **changes):
    found = route(rules, PLAIN | {key.replace("_", "-"): value for key, value in changes.items()})
    return found.rule.number, found.team, found.urgency, found.because


def test_every_other_form_goes_to_the_care_team(rules):
    assert taken(rules) == (7, "care-team", "routine", {})
    assert taken(rules, legs_pattern="unsure")[0] == 7
    assert route(rules, {}).team == "care-team"


@pytest.mark.parametrize(
    "sign", ["one-leg", "breathless", "spreading-skin", "worsening-pain", "allergic", "both-legs", "after-treatment"]
)
def test_an_urgent_sign_goes_to_the_clinical_lead(rules, sign):
    because = {"urgent-signs": [sign]}
    assert taken(rules, urgent_signs=["new-lump", sign]) == (1, "clinical-lead", "urgent", because)


@pytest.mark.parametrize("sign", ["breast-change", "new-lump"])
def test_a_sign_to_look_at_soon_goes_to_a_doctor(rules, sign):
    assert taken(rules, urgent_signs=[sign]) == (3, "doctor", "soon", {"urgent-signs": [sign]})


def test_legs_that_may_need_other_care_go_to_a_doctor(rules):
    assert taken(rules, legs_pattern="yes") == (3, "doctor", "soon", {"legs-pattern": "yes"})
    both = {"urgent-signs": ["new-lump"], "legs-pattern": "yes"}
    assert taken(rules, urgent_signs=["new-lump"], legs_pattern="yes") == (3, "doctor", "soon", both)


def test_the_first_rule_wins(rules):
    assert taken(rules, urgent_signs=["one-leg"], legs_pattern="yes")[0] == 1
    assert [rule.number for rule in rules] == [1, 3, 7]
    assert all(rule.reason for rule in rules)


def test_without_a_last_rule_nothing_is_routed_silently(rules):
    with pytest.raises(LookupError):
        route(rules[:1], PLAIN)


RULE = '[[rule]]\nnumber = {number}\nteam = "{team}"\nurgency = "soon"\nreason = "R"\n'
WHEN = 'when = { question = "goal", answer = "learn" }\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (RULE.format(number=1, team="nurse") * 2, "the rules are not numbered upwards"),
        (
            RULE.format(number=2, team="nurse") + WHEN + RULE.format(number=1, team="nurse"),
            "the rules are not numbered upwards",
        ),
        (RULE.format(number=1, team="nurse") + WHEN, "the last rule, and no other"),
        (RULE.format(number=1, team="nurse") + RULE.format(number=2, team="nurse"), "the last rule, and no other"),
        ("", "the last rule, and no other"),
        (RULE.format(number=1, team="reception"), "rule 1: unknown team or urgency: 'reception', 'soon'"),
        (RULE.format(number=1, team="nurse") + 'colour = "red"', r"rule 1: missing \[\], unknown \['colour'\]"),
        ('[[rule]]\nteam = "nurse"\nurgency = "soon"\nreason = "R"', r"rule 1: missing \['number'\]"),
        (RULE.format(number=1, team="nurse") + WHEN.replace("answer", "reply"), "rule 1: when: 'goal' needs"),
    ],
)
def test_faulty_rules_are_refused(tmp_path, text, says):
    path = tmp_path / "routes.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"routes.toml: {says}"):
        load_rules(path)


def clinic(*openings, holidays=()):
    return Hours(tuple(Opening(day, time(*a), time(*b)) for day, a, b in openings), frozenset(holidays))


# Monday to Thursday 8:30 to 18:00, Friday morning and afternoon.
WEEK = [*((day, (8, 30), (18, 0)) for day in range(4)), (4, (9, 0), (12, 0)), (4, (13, 0), (15, 0))]
HOURS = clinic(*WEEK)


def at(text, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


# 23 November 2026 is a Monday.
@pytest.mark.parametrize(
    ("urgency", "submitted", "expected"),
    [
        ("urgent", "2026-11-23 10:00", "2026-11-23 18:00"),
        ("urgent", "2026-11-23 07:00", "2026-11-23 18:00"),
        ("urgent", "2026-11-23 18:00", "2026-11-24 18:00"),
        ("urgent", "2026-11-23 23:00", "2026-11-24 18:00"),
        ("urgent", "2026-11-27 11:59", "2026-11-27 12:00"),
        ("urgent", "2026-11-27 12:30", "2026-11-27 15:00"),
        ("urgent", "2026-11-27 19:00", "2026-11-30 18:00"),
        ("urgent", "2026-11-28 10:00", "2026-11-30 18:00"),
        ("soon", "2026-11-23 10:00", "2026-11-25 18:00"),
        ("soon", "2026-11-25 23:59", "2026-11-27 15:00"),
        ("soon", "2026-11-27 19:00", "2026-12-01 18:00"),
        ("soon", "2026-11-29 10:00", "2026-12-01 18:00"),
        ("routine", "2026-11-23 10:00", "2026-11-30 18:00"),
        ("routine", "2026-11-27 19:00", "2026-12-04 15:00"),
    ],
)
def test_due_counts_openings_and_working_days(urgency, submitted, expected):
    assert due(urgency, at(submitted), HOURS, None) == at(expected)


def test_holidays_are_no_working_days():
    hours = clinic(*WEEK, holidays=[date(2026, 11, 24), date(2026, 11, 26)])
    assert due("soon", at("2026-11-23 10:00"), hours, None) == at("2026-11-27 15:00")
    assert due("urgent", at("2026-11-23 19:00"), hours, None) == at("2026-11-25 18:00")


@pytest.mark.parametrize(
    ("urgency", "submitted", "appointment", "expected"),
    [
        ("routine", "2026-11-23 10:00", date(2026, 11, 26), "2026-11-25 18:00"),
        ("routine", "2026-11-23 10:00", date(2027, 11, 26), "2026-11-30 18:00"),
        ("soon", "2026-11-23 10:00", date(2026, 11, 24), "2026-11-23 18:00"),
        ("routine", "2026-11-26 10:00", date(2026, 11, 30), "2026-11-27 15:00"),
        # The last working day before the appointment is over: due at once.
        ("soon", "2026-11-23 19:00", date(2026, 11, 24), "2026-11-23 19:00"),
        ("routine", "2026-11-28 10:00", date(2026, 11, 30), "2026-11-28 10:00"),
        ("urgent", "2026-11-28 10:00", date(2026, 11, 30), "2026-11-28 10:00"),
        ("routine", "2026-11-23 10:00", date(2026, 11, 23), "2026-11-23 10:00"),
    ],
)
def test_due_before_the_appointment(urgency, submitted, appointment, expected):
    assert due(urgency, at(submitted), HOURS, appointment) == at(expected)


def test_a_holiday_before_the_appointment_moves_the_due_time_forward():
    hours = clinic(*WEEK, holidays=[date(2026, 11, 26), date(2026, 11, 27)])
    assert due("routine", at("2026-11-23 10:00"), hours, date(2026, 11, 30)) == at("2026-11-25 18:00")


def test_without_hours_office_hours_count():
    assert due("soon", at("2026-11-27 19:00"), Hours(), None) == at("2026-12-01 17:00")
    assert due("urgent", at("2026-11-23 08:00"), Hours(), None) == at("2026-11-23 17:00")
    holiday = Hours(holidays=frozenset({date(2026, 11, 30)}))
    assert due("soon", at("2026-11-27 19:00"), holiday, None) == at("2026-12-02 17:00")


def test_due_keeps_the_clock_of_the_clinic_over_a_clock_change():
    # The clocks go forward on 28 March 2027, and back on 31 October.
    spring = due("soon", at("2027-03-26 16:00"), Hours(), None)
    assert (spring.isoformat(), spring.tzinfo) == ("2027-03-30T17:00:00+01:00", LONDON)
    assert due("soon", at("2027-10-29 16:00"), Hours(), None).isoformat() == "2027-11-02T17:00:00+00:00"


def test_the_hour_that_comes_twice_is_told_apart():
    nights = clinic((6, (0, 0), (1, 30)), (0, (9, 0), (17, 0)))
    assert due("urgent", at("2027-10-31 01:15"), nights, None) == at("2027-10-31 01:30")
    assert due("urgent", at("2027-10-31 01:15", fold=1), nights, None) == at("2027-11-01 17:00")


def test_a_clinic_that_never_opens_still_has_a_due_time():
    never = Hours(
        (Opening(0, time(9), time(17)),), frozenset(date(2026, 11, 23) + timedelta(n) for n in range(-400, 900))
    )
    submitted = at("2026-11-24 10:00")
    assert due("urgent", submitted, never, None) == submitted
    assert due("soon", submitted, never, None) == submitted + timedelta(days=2)
    assert due("routine", submitted, never, None) == submitted + timedelta(days=5)
    assert due("routine", submitted, never, date(2026, 11, 26)) == at("2026-11-26 00:00")


CLOCK = st.times().map(lambda t: t.replace(tzinfo=None))
OPENINGS = st.builds(lambda day, a, b: Opening(day, min(a, b), max(a, b)), st.integers(0, 6), CLOCK, CLOCK)
DAYS = st.dates(date(2026, 11, 1), date(2027, 4, 30))


@many_cases
@given(
    st.datetimes(datetime(2026, 11, 1), datetime(2027, 4, 1), timezones=st.just(LONDON)),
    st.builds(Hours, st.lists(OPENINGS, max_size=8).map(tuple), st.frozensets(DAYS, max_size=30)),
    st.none() | DAYS,
)
def test_due_is_never_in_the_past_nor_after_the_appointment(submitted, hours, appointment):
    times = [due(urgency, submitted, hours, appointment).astimezone(UTC) for urgency in URGENCIES]
    began = submitted.astimezone(UTC)
    assert began <= times[0] <= times[1] <= times[2]
    if appointment:
        day = datetime.combine(appointment, time(), tzinfo=LONDON).astimezone(UTC)
        assert times[2] <= max(day, began)
