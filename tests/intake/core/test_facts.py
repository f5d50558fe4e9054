from datetime import date

import pytest

from intake.facts import NAMES, PROCEDURES, age, behind, facts, is_fact
from intake.gaps import GapRecord
from tests.factories import COMPLETE, hopes

TODAY = date(2026, 11, 23)


@pytest.fixture
def known(form):
    return lambda answers, records=None: facts(form, answers, TODAY, records)


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        ("2008-11-23", date(2026, 11, 22), 17),
        ("2008-11-23", date(2026, 11, 23), 18),
        ("2008-11-23", date(2026, 11, 24), 18),
        ("2008-02-29", date(2026, 2, 28), 17),
        ("2008-02-29", date(2026, 3, 1), 18),
        ("2008-02-29", date(2028, 2, 28), 19),
        ("2008-02-29", date(2028, 2, 29), 20),
        ("2026-11-23", date(2026, 11, 23), 0),
    ],
)
def test_age_in_whole_years(born, today, years):
    assert age(born, today) == years


@pytest.mark.parametrize("born", [None, "", "31/03/1991", "1991-02-30", [], 1991, "2027-01-01"])
def test_no_age_without_a_date_in_the_past(born):
    assert age(born, TODAY) is None


def test_a_fact_is_absent_while_nothing_it_looks_at_is_answered(known):
    assert known({}) == {"declined": 0}
    assert set(known(COMPLETE)) == NAMES - {"days-to-event", "days-to-appointment", "wants-permanent", "high-distress"}


@pytest.mark.parametrize(("day", "days"), [("2026-11-23", 0), ("2027-02-21", 90), ("2026-11-22", None), ("x", None)])
def test_days_ahead(known, day, days):
    assert known({"event-date": day}).get("days-to-event") == days
    assert known({"appointment-date": day}).get("days-to-appointment") == days


@pytest.mark.parametrize(
    ("given", "count"), [(["none-yet"], 0), (["creams"], 1), (["creams", "other", "massage"], 3), ([], None)]
)
def test_every_code_counts_but_none(known, given, count):
    assert known({"considering": given}).get("count-considering") == count
    assert known({"tried": ["nothing" if code == "none-yet" else code for code in given]}).get("count-tried") == count


@pytest.mark.parametrize("slug", PROCEDURES)
def test_procedures(known, slug):
    assert known({"considering": ["creams", slug]})["procedure"] is True


@pytest.mark.parametrize("slug", ["creams", "massage", "weight-and-exercise", "wraps-and-heat", "other", "none-yet"])
def test_what_is_no_procedure(known, slug):
    assert known({"considering": [slug]})["procedure"] is False


def test_every_treatment_of_the_form_is_sorted(form):
    offered = {option.code for option in form.question("considering").options}
    others = {"creams", "massage", "weight-and-exercise", "wraps-and-heat", "other", "none-yet"}
    assert offered == set(PROCEDURES) | others


@pytest.mark.parametrize(
    ("answers", "high"),
    [
        ({"goal": "eliminate"}, True),
        ({"goal": "smoother"} | hopes("creams", change="almost-gone"), True),
        ({"goal": "smoother"} | hopes("creams", change="clear") | hopes("massage", change="gone"), True),
        ({"goal": "smoother"} | hopes("creams", change="clear"), False),
        ({"goal": "smoother"}, False),
    ],
)
def test_high_hope(known, answers, high):
    assert known(answers)["high-hope"] is high


def test_hope_for_good(known):
    assert known(hopes("creams") | hopes("massage", lasts="permanent"))["wants-permanent"] is True
    assert known(hopes("creams", lasts="years"))["wants-permanent"] is False


@pytest.mark.parametrize(
    ("answers", "high"),
    [
        ({"bother": 8}, True),
        ({"bother": 7}, False),
        ({"time-thinking": "1-3h"}, True),
        ({"time-thinking": "over-3h"}, True),
        ({"time-thinking": "under-1h"}, False),
        ({"avoids": "often"}, True),
        ({"avoids": "sometimes", "bother": 10}, True),
        ({"avoids": "rather-not-say"}, False),
        ({"food-worry": "yes"}, None),
    ],
)
def test_high_distress(known, answers, high):
    assert known(answers).get("high-distress") is high


def test_only_an_option_declines(known):
    assert known({"avoids": "rather-not-say", "why-now": ["rather-not-say"]})["declined"] == 2
    assert known({"full-name": "rather-not-say", "goal-own-words": "rather-not-say"})["declined"] == 0


def test_gaps_are_facts(known):
    found = known(hopes("creams", change="gone", lasts="weeks"), {"creams": GapRecord("little", "weeks", "none")})
    assert found["gap-creams-change"] == "more"
    assert found["gap-creams-lasts"] == "in-line"
    assert is_fact("gap-creams-change") and not is_fact("creams")


@pytest.mark.parametrize(
    ("name", "answers", "decided"),
    [
        ("age", {"birth-date": "1991-03-31"}, {"birth-date": "1991-03-31"}),
        ("high-distress", {"bother": 9, "avoids": "never"}, {"bother": 9}),
        ("high-hope", hopes("creams", change="gone"), {"hope-creams-change": "gone"}),
        ("procedure", {"considering": ["creams", "cellfina"]}, {"considering": ["cellfina"]}),
        ("declined", {"avoids": "rather-not-say", "bother": 1}, {"avoids": "rather-not-say"}),
        ("gap-creams-lasts", hopes("creams"), {"hope-creams-lasts": "months"}),
    ],
)
def test_what_is_behind_a_fact(form, name, answers, decided):
    assert behind(name, form, answers) == decided
