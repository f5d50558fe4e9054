from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.routing import LAST_RESORT, URGENCIES, Hours, Opening, due, next_opening, route
from tests.intake.core.strategies import many_cases
from tests.intake.core.test_notes import considers, known, tried

LONDON = ZoneInfo("Europe/London")


def taken(form, rules, changes):
    found = route(rules, known(form, changes))
    return found.rule.number, found.team, found.urgency


PLACES = {
    1: ("clinical-lead", "urgent"),
    2: ("clinical-lead", "soon"),
    3: ("doctor", "soon"),
    4: ("doctor", "soon"),
    5: ("nurse", "soon"),
    6: ("nurse", "routine"),
    7: ("care-team", "routine"),
}
HARD = "one-leg breathless spreading-skin worsening-pain allergic both-legs after-treatment".split()
CUTS = considers("cellfina")
ROUTES = [
    *((1, {"urgent-signs": ["new-lump", sign], "bother": 9}) for sign in HARD),
    (2, {"bother": 8, "urgent-signs": ["new-lump"]}),
    (2, {"time-thinking": "1-3h"}),
    (2, {"avoids": "often", "food-worry": "yes"}),
    (3, {"urgent-signs": ["breast-change"]}),
    (3, {"urgent-signs": ["new-lump"], "bother": 7}),
    (3, {"legs-pattern": "yes"}),
    (3, {"conditions": ["cancer-treatment"]}),
    (3, {"conditions": ["lymph"]}),
    (3, tried("home-roller", **{"roller-shared": "yes"})),
    (3, tried("creams", result="worse")),
    *((4, CUTS | {"medicines": [code]}) for code in ("blood-thinner", "isotretinoin", "immune", "steroids")),
    *(
        (4, CUTS | {"conditions": [code], "food-worry": "yes"})
        for code in "bleeding clot-history keloid diabetes-unsettled weak-immune connective-tissue".split()
    ),
    *((4, CUTS | {"implants": [code]}) for code in ("electronic", "metal-near")),
    *((4, CUTS | {"allergies": [code]}) for code in ("numbing", "collagenase")),
    *(
        (4, considers(slug) | {"allergies": ["metal"]})
        for slug in ("home-micro-needling", "clinic-micro-needling", "rf-micro-needling")
    ),
    (5, {"food-worry": "yes"}),
    (5, considers("creams") | {"food-worry": "yes", "medicines": ["blood-thinner"]}),
    *((6, {"pregnancy": code}) for code in ("pregnant", "trying", "breastfeeding")),
    (6, {"medicines": ["blood-thinner"]}),
    (6, considers("creams") | {"conditions": ["keloid"]}),
    (6, {"conditions": ["diabetes"]}),
    (6, CUTS | {"conditions": ["vein-disease"]}),
    (6, CUTS | {"allergies": ["latex"]}),
    (6, CUTS | {"allergies": ["metal"]}),
    *((6, CUTS | {"skin-now": [code]}) for code in "infection cold-sores eczema-psoriasis open-or-healing".split()),
    *((6, CUTS | {"dark-marks": code}) for code in ("yes", "unsure")),
    (6, CUTS | {"sun": "yes"}),
    (6, CUTS | {"nicotine": "yes"}),
    (6, CUTS | {"recent-procedure": "yes"}),
    *((6, {"weight-plan": code}) for code in ("lose", "gain")),
    (6, tried("home-roller")),
    (6, considers("home-micro-needling")),
    (6, {"health-notes": "Hay fever"}),
    (6, {"legs-pattern": "unsure"}),
    (7, {}),
    (7, CUTS),
    (7, tried("creams", result="no-change")),
    (7, {"urgent-signs": ["none"], "bother": 7, "avoids": "sometimes", "time-thinking": "under-1h"}),
    (7, CUTS | {"nicotine": "rather-not-say"}),
    (7, {"pregnancy": "rather-not-say", "weight-plan": "rather-not-say", "food-worry": "no"}),
    (7, tried("creams", **{"roller-shared": "yes"})),
    # What is asked of procedures only counts for nothing without one.
    (7, {"sun": "yes", "dark-marks": "yes", "implants": ["electronic"]}),
]


@pytest.mark.parametrize(("number", "changes"), ROUTES)
def test_each_form_goes_where_it_should(form, rules, number, changes):
    assert taken(form, rules, changes) == (number, *PLACES[number])


def test_a_route_says_why(form, rules):
    found = route(rules, known(form, {"urgent-signs": ["new-lump"], "legs-pattern": "yes"}))
    assert found.because == {"urgent-signs": ["new-lump"], "legs-pattern": "yes"}
    assert route(rules, known(form, {})).because == {}


def test_there_are_seven_rules_and_each_says_what_staff_read(rules):
    assert {rule.number: (rule.team, rule.urgency) for rule in rules} == PLACES
    assert all(rule.reason and rule.awaiting_review for rule in rules)


def test_rules_are_tried_by_number_in_whatever_order_they_come(form, rules):
    answers = known(form, {"urgent-signs": ["one-leg"], "bother": 9})
    assert route(rules[::-1], answers).rule.number == 1


def test_a_form_reaches_somebody_also_when_the_last_rule_is_gone(form, rules):
    found = route(rules[:1], known(form, {}))
    assert (found.rule, found.team, found.urgency) == (LAST_RESORT, "nurse", "soon")
    assert route([], {}).team == "nurse"


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23 10:00", None),
        ("2026-11-23 07:00", "2026-11-23 08:30"),
        ("2026-11-23 18:00", "2026-11-24 08:30"),
        ("2026-11-27 12:30", "2026-11-27 13:00"),
        ("2026-11-27 15:00", "2026-11-30 08:30"),
    ],
)
def test_when_the_clinic_opens_again(now, opens):
    assert next_opening(at(now), HOURS) == (at(opens) if opens else None)


def test_a_clinic_that_has_entered_no_hours_is_not_said_to_be_shut():
    assert next_opening(at("2026-11-28 03:00"), Hours()) is None


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
