import pytest

from intake.gaps import LEVELS, GapRecord, gap, gaps

UNKNOWN = GapRecord()
CREAMS = GapRecord("little", "weeks", "none")
SUBCISION = GapRecord("clear", None, "two-weeks")
RF_NEEDLING = GapRecord("little", "months", None)
CELLFINA = GapRecord("clear", "years", "two-weeks")


@pytest.mark.parametrize(
    ("hope", "level"),
    [("none", "less"), ("little", "less"), ("clear", "in-line"), ("almost-gone", "more"), ("gone", "more")],
)
def test_change_beside_clear(hope, level):
    assert gap("change", hope, CELLFINA) == level


@pytest.mark.parametrize(
    ("hope", "level"), [("weeks", "less"), ("months", "less"), ("years", "in-line"), ("permanent", "more")]
)
def test_lasting_beside_years(hope, level):
    assert gap("lasts", hope, CELLFINA) == level


@pytest.mark.parametrize(
    ("hope", "level"), [("none", "more"), ("few-days", "more"), ("two-weeks", "in-line"), ("month", "less")]
)
def test_fewer_days_of_bruising_than_usual_is_a_hope_for_more(hope, level):
    assert gap("bruising", hope, CELLFINA) == level


@pytest.mark.parametrize("record", [UNKNOWN, CREAMS, CELLFINA, GapRecord("gone", "permanent", None)])
def test_gone_and_permanent_are_always_more(record):
    assert gap("change", "gone", record) == "more"
    assert gap("lasts", "permanent", record) == "more"


@pytest.mark.parametrize("dimension", LEVELS)
def test_unsure_is_unknown(dimension):
    assert gap(dimension, "unsure", CELLFINA) == "unknown"


@pytest.mark.parametrize(("dimension", "hope"), [("change", "almost-gone"), ("lasts", "years"), ("bruising", "none")])
def test_beside_an_unknown_usual_everything_else_is_unknown(dimension, hope):
    assert gap(dimension, hope, UNKNOWN) == "unknown"


@pytest.mark.parametrize("hope", [None, ""])
def test_no_gap_without_a_hope(hope):
    assert gap("change", hope, UNKNOWN) is None
    assert gaps({"hope-creams-change": hope}, {"creams": CREAMS}) == {}


def hopes(slug, change, lasts, bruising):
    return {f"hope-{slug}-change": change, f"hope-{slug}-lasts": lasts, f"hope-{slug}-bruising": bruising}


@pytest.mark.parametrize(
    ("slug", "record", "hoped", "levels"),
    [
        ("home-micro-needling", UNKNOWN, ("gone", "permanent", "none"), ("more", "more", "unknown")),
        ("manual-subcision", SUBCISION, ("clear", "years", "two-weeks"), ("in-line", "unknown", "in-line")),
        ("rf-micro-needling", RF_NEEDLING, ("little", "months", "few-days"), ("in-line", "in-line", "unknown")),
    ],
)
def test_sample_patients(slug, record, hoped, levels):
    found = gaps(hopes(slug, *hoped), {slug: record})
    assert found == dict(zip((f"{slug}-change", f"{slug}-lasts", f"{slug}-bruising"), levels, strict=True))


def test_a_treatment_without_a_record_is_unknown():
    assert gaps({"hope-aveli-change": "clear", "hope-aveli-lasts": "permanent"}, {}) == {
        "aveli-change": "unknown",
        "aveli-lasts": "more",
    }


def test_other_answers_have_no_gap():
    assert gaps({"goal": "eliminate", "hope-creams-size": "small", "areas": ["tummy"]}, {"creams": CREAMS}) == {}
