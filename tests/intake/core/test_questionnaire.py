import contextlib
import copy
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import conditions
from intake.conditions import ALWAYS, All, Any
from intake.questionnaire import DATE_WINDOWS, FHIR, FORMATS, OWN, Fault, Faults, Option, compile_questionnaire
from tests.intake.core.strategies import many_cases, question, questionnaires, resource, step, when

FIRST = step("first", question("goal"))


def faults_of(*steps):
    with pytest.raises(Faults) as caught:
        compile_questionnaire(resource(*steps))
    return caught.value.faults


def fault_of(*steps):
    faults = faults_of(*steps)
    assert len(faults) == 1, faults
    return faults[0]


def extended(item, *extensions):
    return item | {"extension": [*item["extension"], *extensions]}


def test_reads_steps_questions_and_options():
    form = compile_questionnaire(
        resource(FIRST, step("second", question("areas", repeats=True), question("n", "integer")))
    )
    assert (form.url, form.version, form.title) == ("https://clinic.example/form", "1", "A form")
    assert [s.name for s in form.steps] == ["first", "second"]
    areas = form.question("areas")
    assert (areas.kind, areas.repeats, areas.required) == ("choice", True, False)
    assert areas.options == (Option("a", "a"), Option("b", "b"), Option("c", "c"))
    assert (areas.why, areas.who, areas.error, areas.condition) == ("Why.", "Who.", "", ALWAYS)
    assert form.step("second").link_id == "step-second"
    assert form.question("nowhere") is None
    assert form.step("nowhere") is None


def test_reads_limits_hints_and_advice():
    instructions = {
        "coding": [{"system": "http://hl7.org/fhir/questionnaire-display-category", "code": "instructions"}]
    }
    category = {"url": FHIR + "questionnaire-displayCategory", "valueCodeableConcept": instructions}
    note = {"linkId": "note", "type": "display", "text": "Read me.", "extension": [category]}
    page = {"coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "page"}]}
    exclusive = {"url": FHIR + "questionnaire-optionExclusive", "valueBoolean": True}
    several = extended(question("several", repeats=True), {"url": FHIR + "questionnaire-maxOccurs", "valueInteger": 2})
    several["answerOption"][2] |= {"extension": [exclusive]}
    second = step(
        "second",
        note,
        several,
        extended(
            question("bother", "integer"),
            {"url": FHIR + "minValue", "valueInteger": 0},
            {"url": FHIR + "maxValue", "valueInteger": 10},
        ),
        extended(question("email", "string"), {"url": FHIR + "regex", "valueString": FORMATS["email"]})
        | {"maxLength": 9},
        extended(question("born", "date"), {"url": OWN + "date-window", "valueCode": "past"}),
        extended(question("words", "text"), {"url": FHIR + "entryFormat", "valueString": "A few."})
        | {"item": [note | {"linkId": "note-2"}]},
    ) | {"extension": [{"url": FHIR + "questionnaire-itemControl", "valueCodeableConcept": page}]}
    form = compile_questionnaire(resource(FIRST, second))
    assert form.step("second").advice == ("Read me.",)
    assert form.question("several").max_occurs == 2
    assert [option.exclusive for option in form.question("several").options] == [False, False, True]
    assert (form.question("bother").min_value, form.question("bother").max_value) == (0, 10)
    assert (form.question("email").format, form.question("email").max_length) == ("email", 9)
    assert form.question("born").date_window == "past"
    assert (form.question("words").hint, form.question("words").advice) == ("A few.", ("Read me.",))


def test_reads_conditions():
    form = compile_questionnaire(
        resource(
            FIRST,
            step("one", question("x"), when=[when("goal", "a")]),
            step("any", question("y"), when=[when("goal", "a"), when("goal", "b", "!=")], behavior="any"),
            step("all", question("z"), when=[{"question": "goal", "operator": "exists", "answerBoolean": True}] * 2),
        )
    )
    assert form.step("one").condition == conditions.Test("goal", "=", "a")
    assert form.step("any").condition == Any((conditions.Test("goal", "=", "a"), conditions.Test("goal", "!=", "b")))
    assert form.step("all").condition == All((conditions.Test("goal", "exists", True),) * 2)


@many_cases
@given(questionnaires())
def test_random_valid_questionnaires_compile(questionnaire):
    assert questionnaire.steps


@pytest.mark.parametrize(
    "second",
    [
        step("second", question("goal")),
        step("second", question("step-second")),
        step("first", question("x")),
        step("second", question("x") | {"item": [{"linkId": "goal", "type": "display", "text": "Read me."}]}),
    ],
)
def test_duplicate_link_id_is_refused_by_name(second):
    fault = fault_of(FIRST, second)
    assert fault.message == "duplicate linkId"
    assert fault.link_id in ("goal", "step-second", "step-first")


def test_dangling_condition_is_refused_by_name():
    fault = fault_of(FIRST, step("second", question("x", when=[when("nowhere", "a")])))
    assert fault == Fault("x", "enableWhen looks at 'nowhere', which is no question of this form")
    assert fault_of(FIRST, step("second", question("x"), when=[when("step-first", "a")])).link_id == "step-second"


def test_forward_condition_is_refused_by_name():
    fault = fault_of(step("early", question("x", when=[when("goal", "a")])), FIRST)
    assert fault == Fault("x", "forward condition: goal is not asked in an earlier step")
    assert fault_of(step("early", question("x"), when=[when("goal", "a")]), FIRST).link_id == "step-early"


def test_condition_on_the_own_step_is_refused_by_name():
    fault = fault_of(FIRST, step("second", question("x"), question("y", when=[when("x", "a")])))
    assert fault == Fault("y", "forward condition: x is not asked in an earlier step")


def test_cycle_is_refused_as_a_cycle():
    to_each_other = step("b", question("x", when=[when("y", "a")]), question("y", when=[when("x", "a")]))
    fault = fault_of(FIRST, to_each_other)
    assert fault.link_id in ("x", "y")
    assert fault.message in ("cycle of conditions: x -> y -> x", "cycle of conditions: y -> x -> y")


def test_cycle_with_itself_or_through_a_step_is_refused():
    assert fault_of(FIRST, step("b", question("x", when=[when("x", "a")]))).message == "cycle of conditions: x -> x"
    assert "cycle" in fault_of(FIRST, step("b", question("x"), when=[when("x", "a")])).message
    through = fault_of(
        FIRST,
        step("b", question("x"), when=[when("y", "a")]),
        step("c", question("y", when=[when("x", "a")])),
    )
    assert "cycle" in through.message
    assert {"step-b", "x", "y"} <= set(re.findall(r"[\w-]+", through.message))


def test_each_cycle_is_named():
    faults = faults_of(
        step("a", question("p", when=[when("q", "a")]), question("q", when=[when("p", "a")])),
        step("b", question("x", when=[when("y", "a")]), question("y", when=[when("x", "a")])),
    )
    assert [fault.message.split(":")[0] for fault in faults] == ["cycle of conditions"] * 2


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (when("goal", "nothing-like-it"), "'nothing-like-it', which is no option of goal"),
        ({"question": "goal", "operator": "=", "answerString": "a"}, "needs answerCoding"),
        ({"question": "goal", "operator": "="}, "needs answerCoding"),
        (when("goal", "a") | {"answerString": "a"}, "needs answerCoding"),
        ({"question": "goal", "operator": "=", "answerCoding": "a"}, "is no Coding"),
        ({"question": "goal", "operator": "exists", "answerCoding": {"code": "a"}}, "needs answerBoolean"),
        ({"question": "n", "operator": ">", "answerInteger": "3"}, "is no Integer"),
        ({"question": "n", "operator": ">", "answerInteger": True}, "is no Integer"),
        (when("goal", "a", "~"), "no operator '~'"),
        (when("goal", "a", ">"), "no operator '>' for the choice"),
    ],
)
def test_faulty_conditions_are_refused(condition, says):
    first = step("first", question("goal"), question("n", "integer"))
    faults = faults_of(first, step("second", question("x", when=[condition])))
    assert any(fault.link_id == "x" and says in fault.message for fault in faults), faults


def test_several_conditions_need_a_behavior():
    item = question("x") | {"enableWhen": [when("goal", "a"), when("goal", "b")]}
    assert "enableBehavior" in fault_of(FIRST, step("second", item)).message
    assert "enableBehavior" in fault_of(FIRST, step("second", item | {"enableBehavior": "some"})).message


def without_purpose(*parts):
    item = question("x")
    purpose = item["extension"][0]
    return item | {"extension": [purpose | {"extension": [p for p in purpose["extension"] if p["url"] not in parts]}]}


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (without_purpose("why"), "does not say why"),
        (without_purpose("who"), "does not say who"),
        (question("x") | {"answerOption": []}, "needs options"),
        (question("x", "date") | {"answerOption": question("y")["answerOption"]}, "needs options"),
        (question("x") | {"answerOption": question("x")["answerOption"] * 2}, "duplicate option 'a'"),
        (question("x") | {"answerOption": [{"valueCoding": {"code": "a"}}]}, "has no display"),
        (question("x") | {"answerOption": [{"valueString": "a"}]}, "unknown element 'valueString'"),
        (question("x", "quantity"), "unknown item type 'quantity'"),
        (question("x", "open-choice"), "unknown item type 'open-choice'"),
        (step("nested", question("y")), "unknown item type 'group'"),
        (question("x") | {"item": [question("y")]}, "below a question"),
        (question("x") | {"text": " "}, "has no text"),
        (question("x") | {"initial": [{"valueCoding": {"code": "a"}}]}, "unknown element 'initial'"),
        (question("x") | {"modifierExtension": []}, "unknown element 'modifierExtension'"),
        (question("x") | {"required": "yes"}, "is no Boolean"),
        (question("x") | {"enableWhen": when("goal", "a")}, "enableWhen is not a list"),
        (question("x", "date") | {"repeats": True}, "repeats on a date"),
        (question("x", "date") | {"maxLength": 9}, "maxLength on a date"),
        (question("x", "text") | {"maxLength": True}, "is no Integer"),
        (extended(question("x"), {"url": "https://other.example/colour", "valueCode": "red"}), "unknown or repeated"),
        (extended(question("x"), {"url": FHIR + "questionnaire-maxOccurs", "valueInteger": 2}), "without repeats"),
        (extended(question("x"), {"url": FHIR + "minValue", "valueInteger": 2}), "unknown or repeated"),
        (extended(question("x", "integer"), {"url": FHIR + "minValue", "valueDecimal": 2.5}), "'valueDecimal'"),
        (extended(question("x", "string"), {"url": FHIR + "regex", "valueString": "(a+)+$"}), "regex has the unknown"),
        (extended(question("x", "date"), {"url": OWN + "date-window", "valueCode": "soon"}), "date-window has the"),
        (extended(question("x"), *[{"url": FHIR + "entryFormat", "valueString": "Hint"}] * 2), "repeated extension"),
        (extended(question("x"), question("x")["extension"][0]), "unknown or repeated extension 'why'"),
        (question("age"), "name of a fact"),
        (question("Not a slug"), "without a linkId"),
    ],
)
def test_faulty_questions_are_refused(item, says):
    faults = faults_of(FIRST, step("second", question("fine"), item))
    named = item["linkId"] if item["linkId"] != "Not a slug" else "step-second"
    below = [child["linkId"] for child in item.get("item", [])]
    assert any(fault.link_id in (named, *below) and says in fault.message for fault in faults), faults


def test_exclusive_option_needs_several_answers():
    item = question("x")
    item["answerOption"][0] |= {"extension": [{"url": FHIR + "questionnaire-optionExclusive", "valueBoolean": True}]}
    assert "exclusive" in fault_of(FIRST, step("second", item)).message


@pytest.mark.parametrize(
    ("group", "says"),
    [
        (question("step-x"), "only groups stand"),
        (step("x", question("y")) | {"linkId": "x"}, "named step-<name>"),
        *((step(name, question("y")), "named step-<name>") for name in ("check", "done", "start", "stop", "delete")),
        (step("x"), "has no question"),
        (step("x", question("y")) | {"repeats": True}, "unknown element 'repeats'"),
        (step("x", question("y")) | {"item": "y"}, "item is not a list"),
    ],
)
def test_faulty_steps_are_refused(group, says):
    faults = faults_of(FIRST, group)
    assert any(fault.link_id == group["linkId"] and says in fault.message for fault in faults), faults


def test_faulty_roots_are_refused():
    with pytest.raises(Faults, match="Questionnaire: has no step"):
        compile_questionnaire(resource())
    with pytest.raises(Faults, match="resourceType"):
        compile_questionnaire(resource(FIRST) | {"resourceType": "Patient"})
    with pytest.raises(Faults, match="has no version"):
        compile_questionnaire(resource(FIRST) | {"version": ""})


def test_all_faults_are_found_at_once():
    faults = faults_of(
        step("first", question("goal", "quantity"), question("x", when=[when("nowhere", "a")])),
        step("second", question("x"), question("words", "text") | {"maxLength": "long"}),
    )
    assert {fault.link_id for fault in faults} == {"goal", "x", "words"}
    assert len(faults) == 4
    assert "x: duplicate linkId" in str(Faults(faults)).splitlines()


def spots(value, spot=()):
    """Every place in a JSON value, as the keys that lead there."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*spot, key)
        yield from spots(child, (*spot, key))


@many_cases
@given(st.data())
def test_junk_anywhere_is_a_fault_and_never_a_crash(form_resource, data):
    broken = copy.deepcopy(form_resource)
    *above, last = data.draw(st.sampled_from(list(spots(broken))))
    place = broken
    for key in above:
        place = place[key]
    place[last] = data.draw(st.sampled_from([None, True, -1, 2.5, "", "goal", [], {}, ["a"], [{}], {"url": []}]))
    with contextlib.suppress(Faults):
        assert compile_questionnaire(broken).steps


@pytest.mark.parametrize(
    ("name", "text", "fits"),
    [
        ("email", "name@example.com", True),
        ("email", "first.last+tag@clinic.example.co.uk", True),
        ("email", "name@example", False),
        ("email", "name example@example.com", False),
        ("email", "name@exam@ple.com", False),
        ("email", "name@example..com", False),
        ("phone", "020 7946 0000", True),
        ("phone", "+44 (0)20 7946-0000", True),
        ("phone", "555.0100", True),
        ("phone", "12345", False),
        ("phone", "1234567890123456", False),
        ("phone", "ring me", False),
    ],
)
def test_formats(name, text, fits):
    assert bool(re.fullmatch(FORMATS[name], text)) is fits


@pytest.mark.parametrize(
    ("name", "text"), [("email", "a@" + "a." * 50_000 + "@"), ("phone", "+" + "1 " * 15 + " " * 99_000 + "x")]
)
def test_formats_take_linear_time(name, text):
    began = time.perf_counter()
    assert not re.fullmatch(FORMATS[name], text)
    assert time.perf_counter() - began < 1


def test_date_windows():
    assert DATE_WINDOWS == ("past", "not-past")
