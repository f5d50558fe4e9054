from datetime import date

import pytest

from intake.facts import NAMES, facts


@pytest.mark.parametrize(
    ("born", "today", "age"),
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
def test_age_in_whole_years(born, today, age):
    assert facts({"birth-date": born}, today) == {"age": age}


@pytest.mark.parametrize("born", [None, "", "31/03/1991", "1991-02-30", [], 1991, "2027-01-01"])
def test_no_age_without_a_date_in_the_past(born):
    assert facts({"birth-date": born}, date(2026, 11, 23)) == {}


def test_no_age_when_not_asked():
    assert facts({}, date(2026, 11, 23)) == {}


def test_every_fact_is_named():
    assert facts({"birth-date": "1991-03-31"}, date(2026, 11, 23)).keys() == NAMES
