"""Each note appears, and does not at its nearest miss."""

from datetime import date, timedelta

import pytest

from intake import conditions, facts
from intake.conditions import ALWAYS
from intake.gaps import GapRecord, gaps
from intake.notes import AppliedNote, Note, applied, for_patient
from intake.path import prune
from intake.routing import route
from tests.factories import COMPLETE, PROCEDURE, hopes

TODAY = date(2026, 11, 24)

# "Unless said": the outline's plain patient, to whom no note applies.
PLAIN = COMPLETE | PROCEDURE | {"goal": "smoother"}


def in_days(days):
    return (TODAY + timedelta(days)).isoformat()


def considers(*slugs, **changes):
    """Treatments in mind, with the plain hopes for each."""
    found = {"considering": list(slugs)}
    for slug in slugs:
        found |= hopes(slug)
    return found | {name.replace("_", "-"): value for name, value in changes.items()}


def event(days):
    return {"why-now": ["event"], "event-date": in_days(days)}


def tried(*codes, result="little", **changes):
    roller = {"roller-shared": "no", "roller-products": "unsure"}
    return {"tried": list(codes), "tried-result": result} | roller | changes


# What brings a note up, and what nearly does.
EACH = {
    "E1": ([{"goal": "eliminate"}], [{"goal": "fewer-dents"}]),
    "E2": (
        [{"goal": "eliminate", "pattern": "waves"}, {"goal": "eliminate", "pattern": "loose-skin"}],
        [
            {"goal": "eliminate", "pattern": "unsure"},
            {"goal": "eliminate", "pattern": "dents"},
            {"goal": "firmer", "pattern": "waves"},
        ],
    ),
    "E3": ([{"by-when": "4-weeks"}], [{"by-when": "3-months"}]),
    "E4": ([event(90), event(0)], [event(91), event(10) | {"why-now": ["work"]}]),
    "E5": (
        [considers("home-micro-needling")],
        [
            considers("home-micro-needling", "creams"),
            considers("home-micro-needling") | {"considering": ["home-micro-needling", "other"]},
            considers("clinic-micro-needling"),
        ],
    ),
    "E6": (
        [tried("home-roller", **{"roller-products": "yes"})],
        [tried("home-roller", **{"roller-products": "no"}), tried("creams", **{"roller-products": "yes"})],
    ),
    "E7": (
        [tried("home-roller", **{"roller-shared": "yes"})],
        [tried("home-roller", **{"roller-shared": "unsure"}), tried("creams", **{"roller-shared": "yes"})],
    ),
    "E8": (
        [
            tried("home-roller") | {"conditions": ["keloid"]},
            tried("home-roller") | {"medicines": ["blood-thinner"]},
            considers("home-micro-needling") | {"dark-marks": "yes"},
            considers("home-micro-needling") | {"skin-now": ["cold-sores"]},
            considers("home-micro-needling") | {"skin-now": ["infection", "eczema-psoriasis"]},
            considers("home-micro-needling") | {"skin-now": ["open-or-healing"]},
        ],
        [
            tried("home-roller"),
            tried("creams") | {"conditions": ["keloid"]},
            tried("home-roller") | {"conditions": ["bleeding"]},
            # Without a procedure in mind nobody is asked about the skin.
            tried("home-roller") | {"dark-marks": "yes"},
            considers("home-micro-needling") | {"skin-now": ["eczema-psoriasis"]},
            considers("home-micro-needling") | {"dark-marks": "unsure"},
            considers("clinic-micro-needling") | {"dark-marks": "yes"},
        ],
    ),
    "E9": ([{"visits-ok": "one"}], [{"visits-ok": "few"}, {"visits-ok": "unsure"}]),
    "E10": (
        [considers("creams") | hopes("creams", lasts="permanent")],
        [
            considers("creams") | hopes("creams", lasts="years"),
            considers("creams") | hopes("massage", lasts="permanent"),
        ],
    ),
    "E11": (
        [tried("home-roller", **{"roller-products": "no"})],
        [tried("home-roller", **{"roller-products": "yes"}), tried("creams", **{"roller-products": "no"})],
    ),
    "E12": (
        [
            considers("creams") | hopes("creams", change="gone"),
            considers("creams") | hopes("creams", change="almost-gone"),
        ],
        [
            considers("creams") | hopes("creams", change="clear"),
            considers("massage") | hopes("massage", change="gone") | hopes("creams", change="gone"),
        ],
    ),
    "E13": (
        [considers("massage"), considers("wraps-and-heat"), tried("wraps-and-heat")],
        [considers("creams"), tried("massage")],
    ),
    "E14": (
        [considers("cellfina") | {"nicotine": "yes"}],
        [considers("cellfina") | {"nicotine": "rather-not-say"}, considers("creams") | {"nicotine": "yes"}],
    ),
    "E15": (
        [considers("cellfina") | {"sun": "yes"}],
        [considers("cellfina"), considers("creams") | {"sun": "yes"}],
    ),
    "E16": (
        [{"weight-plan": "lose"}, {"weight-plan": "gain", "food-worry": "yes"}],
        [{"weight-plan": "no"}, {"weight-plan": "rather-not-say"}],
    ),
    "E17": (
        [considers("weight-and-exercise") | hopes("weight-and-exercise", change="gone")],
        [
            considers("weight-and-exercise") | hopes("weight-and-exercise", change="clear"),
            considers("massage") | hopes("weight-and-exercise", change="gone"),
        ],
    ),
    "E18": (
        [tried("creams", "massage", result="no-change"), tried("creams", "massage", "other", result="worse")],
        [
            tried("creams", "massage", result="little"),
            tried("creams", "massage", result="mixed"),
            tried("creams", result="no-change"),
            {"tried": ["nothing"], "tried-result": "worse"},
        ],
    ),
    "E19": ([tried("collagenase"), considers("collagenase")], [tried("subcision"), considers("fillers")]),
    "E20": (
        [
            {"time-thinking": "over-3h"},
            {"time-thinking": "1-3h"},
            {"avoids": "often"},
            {"bother": 8},
            {"bother": 10, "avoids": "never"},
        ],
        [{"time-thinking": "under-1h"}, {"avoids": "sometimes"}, {"bother": 7}, {"time-thinking": "rather-not-say"}],
    ),
    "E21": (
        [{"bother": 8, "self-rating": "none"}, {"avoids": "often", "self-rating": "pinch-only"}],
        [{"bother": 8, "self-rating": "few-standing"}, {"bother": 7, "self-rating": "none"}],
    ),
    "E22": ([{"why-now": ["others"]}, {"why-now": ["myself", "work"]}], [{"why-now": ["myself", "clothes"]}]),
    "E23": (
        [{"pregnancy": "pregnant"}, {"pregnancy": "trying"}, {"pregnancy": "breastfeeding"}],
        [{"pregnancy": "no"}, {"pregnancy": "rather-not-say"}],
    ),
    "E24": (
        [{"medicines": ["blood-thinner"]}, {"conditions": ["bleeding"]}],
        [{"medicines": ["steroids"]}, {"conditions": ["clot-history"]}],
    ),
    "E25": ([{"conditions": ["keloid"]}], [{"conditions": ["connective-tissue"]}]),
    "E26": ([{"medicines": ["isotretinoin"]}], [{"medicines": ["immune"]}]),
    "E28": ([{"legs-pattern": "yes"}], [{"legs-pattern": "unsure"}]),
    "E29": (
        [{"urgent-signs": ["breathless", "one-leg"]}],
        [{"urgent-signs": ["both-legs", "breathless"]}, {"urgent-signs": ["none"]}],
    ),
    "E30": (
        [
            considers("rf-micro-needling") | {"implants": ["electronic"]},
            considers("radiofrequency") | {"implants": ["metal-near"]},
        ],
        [considers("radiofrequency"), considers("cellfina") | {"implants": ["electronic"]}],
    ),
    "E31": (
        [
            considers("rf-micro-needling") | {"dark-marks": "yes"},
            considers("laser-1440") | {"dark-marks": "yes"},
            considers("fillers") | {"dark-marks": "yes"},
        ],
        [considers("laser-1440") | {"dark-marks": "unsure"}, considers("cellfina") | {"dark-marks": "yes"}],
    ),
    "E32": ([considers("rf-micro-needling")], [considers("clinic-micro-needling"), considers("radiofrequency")]),
    "E34": ([considers("liposuction"), considers("cryolipolysis")], [considers("fillers"), tried("fat-removal")]),
    "E35": (
        [
            {"goal": "learn"},
            {"goal": "unsure"},
            {"bother": 2},
            {"bother": 0},
            {"goal": "learn", "time-thinking": "under-1h"},
        ],
        [
            {"goal": "smoother"},
            {"bother": 3},
            {"goal": "learn", "avoids": "often"},
            {"bother": 1, "time-thinking": "1-3h"},
            {"goal": "unsure", "bother": 8},
        ],
    ),
    "E36": (
        [
            {"goal": "eliminate", "self-rating": "few-standing"},
            {"goal": "eliminate", "self-rating": "none"},
            considers("creams") | hopes("creams", change="almost-gone") | {"self-rating": "pinch-only"},
        ],
        [
            {"goal": "eliminate", "self-rating": "several-standing"},
            {"goal": "eliminate", "self-rating": "unsure"},
            considers("creams") | hopes("creams", change="clear") | {"self-rating": "none"},
        ],
    ),
    "E37": (
        [
            {"conditions": ["diabetes-unsettled"]},
            {"conditions": ["weak-immune"]},
            {"conditions": ["cancer-treatment"]},
            {"medicines": ["immune"]},
            {"medicines": ["steroids"]},
        ],
        [{"conditions": ["diabetes"]}, {"medicines": ["isotretinoin"]}, {"conditions": ["lymph"]}],
    ),
    "E39": (
        [{"why-now": ["rather-not-say"]}, {"pregnancy": "rather-not-say"}, {"avoids": "rather-not-say"}],
        [{"goal-own-words": "rather-not-say"}, {"avoids": None}, {"own-question": "rather-not-say"}],
    ),
}
# E27 stands on the stop page, and the form does not ask what E33 and E38 look for.
ELSEWHERE = {"E27", "E33", "E38"}
RANKS = """
    E29 E27 E23 E24 E25 E26 E37 E28 E30 E7 E8 E31 E18 E6 E32 E20 E21 E22 E1 E3 E10 E2 E36 E5 E12 E17 E9 E13 E34 E19
    E4 E15 E14 E16 E33 E38 E11 E39 E35
""".split()
NEVER_TO_PATIENTS = {"E20", "E21", "E22", "E23"}


def known(form, changes, records=None):
    answers = prune(form, PLAIN | changes)
    return answers | facts.facts(form, answers, TODAY, records)


def codes(form, notes, changes):
    return {entry.note.code for entry in applied(notes, known(form, changes))}


def test_the_plain_patient_has_no_note(form, notes):
    assert codes(form, notes, {}) == set()


@pytest.mark.parametrize(("code", "changes"), [(code, each) for code, (hits, _) in EACH.items() for each in hits])
def test_a_note_appears(form, notes, code, changes):
    assert code in codes(form, notes, changes)


@pytest.mark.parametrize(("code", "changes"), [(code, each) for code, (_, misses) in EACH.items() for each in misses])
def test_a_note_does_not_appear_at_its_nearest_miss(form, notes, code, changes):
    assert code not in codes(form, notes, changes)


def test_every_note_is_tried_here(notes):
    assert {note.code for note in notes} == (set(EACH) | ELSEWHERE) - {"E33", "E38"}


def test_ranks_and_who_sees_what(notes):
    by_rank = sorted(notes, key=lambda note: note.rank)
    assert [(note.code, note.rank) for note in by_rank] == [
        (code, rank) for rank, code in enumerate(RANKS, 1) if code not in ("E33", "E38")
    ]
    assert {note.code for note in notes if not note.to_patient} == NEVER_TO_PATIENTS
    assert {note.code for note in notes if note.alone} == {"E29"}
    unless = conditions.Test("food-worry", "=", "yes")
    assert {note.code: note.unless for note in notes if note.unless} == {"E16": unless, "E17": unless}


def test_every_note_awaits_review_and_says_what_it_must(notes):
    for note in notes:
        assert note.awaiting_review and note.title and note.staff
        assert bool(note.patient_title and note.patient) == note.to_patient
        assert note.sources or note.code in ("E15", "E36"), note.code


def test_words_to_patients(notes):
    never = "flaw,problem area,beauty,perfect,confiden,bikini,anti-age,simply,don't worry,!".split(",")
    for note in notes:
        text = f"{note.patient_title} {note.patient}".lower()
        assert not [word for word in never if word in text], note.code
        filled = text.replace("{urgent_line}", "").replace("{emergency_number}", "")
        assert not {"{", "}"} & set(filled)


def test_no_note_tells_anyone_to_stop_a_blood_thinner(notes):
    note = next(note for note in notes if note.code == "E24")
    assert "not** stop" in note.patient or "not stop" in note.patient.lower()


def test_a_note_on_weight_stays_with_staff_where_food_is_a_worry(form, notes):
    lose = considers("weight-and-exercise") | hopes("weight-and-exercise", change="gone") | {"weight-plan": "lose"}
    for worry, shown in (("yes", []), ("no", ["E17", "E16"]), (None, ["E17", "E16"])):
        answers = known(form, lose | {"food-worry": worry})
        found = applied(notes, answers)
        assert [entry.note.code for entry in found] == ["E17", "E16"]
        assert [entry.note.code for entry in for_patient(found, answers, urgent=False)] == shown


def test_the_patient_sees_the_three_most_important(form, notes):
    answers = known(form, {"goal": "eliminate", "pattern": "waves", "by-when": "4-weeks", "visits-ok": "one"})
    found = applied(notes, answers)
    assert [entry.note.code for entry in found] == ["E1", "E3", "E2", "E9"]
    assert [entry.note.code for entry in for_patient(found, answers, urgent=False)] == ["E1", "E3", "E2"]


def test_beside_urgent_advice_stands_nothing_else(form, notes):
    for signs, shown in ((["one-leg", "new-lump"], ["E29"]), (["new-lump"], [])):
        answers = known(form, {"goal": "eliminate", "urgent-signs": signs})
        found = applied(notes, answers)
        assert [entry.note.code for entry in for_patient(found, answers, urgent=True)] == shown


def test_a_hidden_answer_is_never_shown_by_a_note():
    hidden = Note("S", 1, 1, "", ALWAYS, "", "", "", False, True, None, (), True)
    assert for_patient((AppliedNote(hidden, {}),), {}, urgent=False) == ()
    assert for_patient((AppliedNote(hidden, {}),), {}, urgent=True) == ()


def test_each_note_says_why(form, notes):
    answers = known(form, {"goal": "eliminate", "pattern": "waves", "urgent-signs": ["allergic", "one-leg"]})
    assert {entry.note.code: entry.because for entry in applied(notes, answers)} == {
        "E29": {"urgent-signs": ["one-leg"]},
        "E1": {"goal": "eliminate"},
        "E2": {"goal": "eliminate", "pattern": "waves"},
    }


def leaves(condition):
    if isinstance(condition, conditions.Test):
        return [condition]
    return [leaf for part in condition.conditions for leaf in leaves(part)]


def test_notes_and_routes_look_only_at_what_the_form_asks(form, notes, rules):
    for rule in (*notes, *rules):
        for leaf in leaves(rule.condition):
            question = form.question(leaf.question)
            if question is None:
                assert leaf.question in facts.NAMES, leaf.question
            elif question.options:
                assert leaf.answer in [option.code for option in question.options], leaf


RECORDS = {
    "home-micro-needling": GapRecord(),
    "manual-subcision": GapRecord("clear", None, "two-weeks"),
    "rf-micro-needling": GapRecord("little", "months", None),
}
# The outline's samples: changes, notes, team and urgency, gaps in the order change, lasts, bruising.
SAMPLES = {
    "roller believer": (
        {"goal": "eliminate", "by-when": "4-weeks"}
        | considers("home-micro-needling")
        | hopes("home-micro-needling", "gone", "permanent", "none")
        | tried("home-roller", result="no-change", **{"roller-shared": "yes", "roller-products": "yes"}),
        "E1 E3 E5 E6 E7 E10",
        ("doctor", "soon"),
        {"home-micro-needling": "more more unknown"},
    ),
    "careful reader": ({"goal": "learn", "bother": 2}, "E35", ("care-team", "routine"), {}),
    "blood thinner and subcision": (
        {"goal": "fewer-dents", "by-when": "6-months", "medicines": ["blood-thinner"]}
        | considers("manual-subcision")
        | hopes("manual-subcision", "clear", "years", "two-weeks"),
        "E24",
        ("doctor", "soon"),
        {"manual-subcision": "in-line unknown in-line"},
    ),
    "wedding": (
        {"by-when": "3-months", "dark-marks": "yes", "sun": "yes"}
        | event(40)
        | considers("rf-micro-needling")
        | hopes("rf-micro-needling", "little", "months", "few-days"),
        "E4 E15 E31 E32",
        ("nurse", "routine"),
        {"rf-micro-needling": "in-line in-line unknown"},
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_patients(form, notes, rules, name):
    changes, expected, place, levels = SAMPLES[name]
    answers = known(form, changes, RECORDS)
    assert {entry.note.code for entry in applied(notes, answers)} == set(expected.split())
    way = route(rules, answers)
    assert (way.team, way.urgency) == place
    found = {
        f"{slug}-{dimension}": level
        for slug, words in levels.items()
        for dimension, level in zip(("change", "lasts", "bruising"), words.split(), strict=True)
    }
    assert gaps(answers, RECORDS) == found
