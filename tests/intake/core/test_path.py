import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.conditions import ALWAYS, explain
from intake.notes import Note, applied
from intake.path import PathStep, back, find, first_incomplete, is_complete, progress, prune, walk
from intake.path import names as addresses
from intake.questionnaire import Question, Step, compile_questionnaire
from intake.routing import Rule, route
from tests.factories import COMPLETE, PROCEDURE, hopes
from tests.intake.core.strategies import (
    answer_to,
    cases,
    conditions,
    kinds_of,
    many_cases,
    question,
    resource,
    step,
    when,
)


def names(questionnaire, answers):
    return [entry.step.name for entry in walk(questionnaire, answers)]


def shown(questionnaire, answers):
    return {q.link_id for entry in walk(questionnaire, answers) for q in entry.questions}


def note(code, condition):
    return Note(code, 1, 1, "", condition, "", "", "", True, False, None, (), True)


@many_cases
@given(cases())
def test_the_path_ends_and_visits_each_step_at_most_once(case):
    questionnaire, answers = case
    visited = names(questionnaire, answers)
    in_order = [step.name for step in questionnaire.steps]
    assert visited == [name for name in in_order if name in visited]
    assert all(entry.questions for entry in walk(questionnaire, answers))


@many_cases
@given(cases())
def test_answering_step_by_step_reaches_the_end(case):
    questionnaire, answers = case
    given_answers = {}
    for _ in questionnaire.steps:
        entry = first_incomplete(walk(questionnaire, given_answers), given_answers)
        if entry is None:
            break
        given_answers |= {q.link_id: answers.get(q.link_id) for q in entry.questions}
    assert first_incomplete(walk(questionnaire, given_answers), given_answers) is None
    assert prune(questionnaire, given_answers) == prune(questionnaire, answers)


@many_cases
@given(cases())
def test_pruning_twice_is_pruning_once(case):
    questionnaire, answers = case
    once = prune(questionnaire, answers)
    assert prune(questionnaire, once) == once
    assert walk(questionnaire, once) == walk(questionnaire, answers)


@many_cases
@given(cases(), st.data())
def test_no_answer_off_the_path_reaches_a_note_a_route_or_the_submission(case, data):
    questionnaire, answers = case
    condition = data.draw(conditions(kinds_of(questionnaire)))
    off = set(kinds_of(questionnaire)) - shown(questionnaire, answers)
    others = {link_id: data.draw(answer_to(questionnaire.question(link_id))) for link_id in sorted(off)}
    rules = (Rule(1, "nurse", "soon", condition, ""), Rule(2, "care-team", "routine", ALWAYS, ""))
    pruned = prune(questionnaire, answers)
    assert not off & set(pruned)
    assert prune(questionnaire, answers | others) == pruned
    for entry in (*applied([note("N", condition)], pruned), route(rules, pruned)):
        assert all(value is None for link_id, value in entry.because.items() if link_id in off)


@many_cases
@given(cases(), st.data())
def test_a_branch_switched_off_and_on_gets_its_answers_back(case, data):
    questionnaire, answers = case
    draft = copy.deepcopy(answers)
    before = prune(questionnaire, draft)
    for link_id in sorted(answers):
        draft[link_id] = data.draw(answer_to(questionnaire.question(link_id)))
        prune(questionnaire, draft)
        draft[link_id] = answers[link_id]
    assert draft == answers
    assert prune(questionnaire, draft) == before


@many_cases
@given(cases(), st.data())
def test_progress_only_shrinks_while_answers_are_added(case, data):
    questionnaire, answers = case
    asked = set(kinds_of(questionnaire))
    known = {link_id: value for link_id, value in answers.items() if data.draw(st.booleans())}
    totals = []
    for _ in range(len(questionnaire.steps) + 1):
        path = walk(questionnaire, known)
        entry = first_incomplete(path, known)
        if path:
            position, total = progress(questionnaire, known, (entry or path[-1]).step.name)
            assert 1 <= position <= len(path) <= total <= len(questionnaire.steps)
            totals.append(total)
        if entry is None:
            break
        known |= {q.link_id: answers.get(q.link_id) for q in entry.questions if q.link_id not in known}
    assert totals == sorted(totals, reverse=True)
    if totals and set(known) <= asked and not first_incomplete(walk(questionnaire, known), known):
        assert totals[-1] == len(walk(questionnaire, known))


CHAIN = compile_questionnaire(
    resource(
        step("one", question("a")),
        step("two", question("b", when=[when("a", "a")]), question("b2")),
        step("three", question("c"), when=[when("b", "a")]),
        step("four", question("d"), when=[when("c", "a", "!=")]),
    )
)


def test_off_counts_as_unanswered_through_chains():
    answers = {"a": "a", "b": "a", "b2": "b", "c": "a", "d": "b"}
    assert names(CHAIN, answers) == ["one", "two", "three"]
    answers["a"] = "b"
    assert names(CHAIN, answers) == ["one", "two", "four"]
    assert prune(CHAIN, answers) == {"a": "b", "b2": "b", "d": "b"}
    answers["a"] = "a"
    assert prune(CHAIN, answers) == {"a": "a", "b": "a", "b2": "b", "c": "a"}


def test_an_answer_left_open_decides_nothing_and_is_pruned():
    assert prune(CHAIN, {"a": "", "b2": None, "d": []}) == {}
    assert names(CHAIN, {"a": ""}) == ["one", "two", "four"]


def test_back_is_derived_from_the_path():
    path = walk(CHAIN, {"a": "b"})
    assert back(path, "one") is None
    assert back(path, "two").name == "one"
    assert back(path, "four").name == "two"
    assert back(path, "three") is None


def test_progress_counts_steps_that_may_still_come():
    assert progress(CHAIN, {}, "one") == (1, 4)
    assert progress(CHAIN, {"a": "b"}, "two") == (2, 3)
    assert progress(CHAIN, {"a": "a"}, "two") == (2, 4)
    assert progress(CHAIN, {"a": "a", "b": None, "b2": None}, "four") == (3, 3)
    assert progress(CHAIN, {"a": "a", "b": "a", "b2": None}, "three") == (3, 4)
    assert progress(CHAIN, {"a": "a", "b": "a", "b2": None, "c": "a"}, "three") == (3, 3)


def test_progress_does_not_lean_on_an_answer_whose_question_may_go_off():
    form = compile_questionnaire(
        resource(
            step("one", question("a")),
            step("two", question("b", when=[when("a", "a")]), question("b2")),
            step("three", question("c"), when=[when("b", "b", "!=")]),
        )
    )
    assert progress(form, {"b": "b"}, "one") == (1, 3)
    assert progress(form, {"b": "b", "a": "b"}, "two") == (2, 3)
    assert progress(form, {"b": "b", "a": "a"}, "two") == (2, 2)


@pytest.mark.parametrize(
    ("kind", "required", "answers", "complete"),
    [
        ("string", False, {}, False),
        ("string", False, {"q": None}, True),
        ("string", True, {"q": None}, False),
        ("string", True, {"q": ""}, False),
        ("string", True, {"q": []}, False),
        ("string", True, {"q": "x"}, True),
        ("boolean", True, {"q": False}, False),
        ("boolean", True, {"q": True}, True),
        ("boolean", False, {"q": False}, True),
        ("integer", True, {"q": 0}, True),
    ],
)
def test_complete(kind, required, answers, complete):
    asked = Question("q", kind, "Q", required=required)
    entry = PathStep(Step("s", "step-s", "S", (), (asked,)), (asked,), "s")
    assert is_complete(entry, answers) is complete
    assert first_incomplete((entry,), answers) is (None if complete else entry)


def test_the_form_asks_only_for_the_contact_that_was_chosen(form):
    def asked(by):
        return [
            q.link_id
            for entry in walk(form, {"contact-by": by})
            if entry.step.name == "contact"
            for q in entry.questions
        ]

    assert asked("email") == ["email"]
    assert asked("phone") == asked("text") == ["phone"]
    assert asked(None) == []


def test_the_form_brings_back_the_contact_that_was_given_first(form):
    draft = {"contact-by": "email", "email": "ana@example.com"}
    draft |= {"contact-by": "phone", "phone": "020 7946 0000"}
    assert prune(form, draft) == {"contact-by": "phone", "phone": "020 7946 0000"}
    draft["contact-by"] = "email"
    assert prune(form, draft) == {"contact-by": "email", "email": "ana@example.com"}


PATIENTS = {
    "none yet": {},
    "one procedure": PROCEDURE | {"considering": ["cellfina"]} | hopes("cellfina"),
    "three treatments, an event and a roller": PROCEDURE
    | {"considering": ["creams", "aveli", "home-micro-needling"], "why-now": ["event"], "event-date": "2027-01-01"}
    | hopes("creams")
    | hopes("aveli")
    | hopes("home-micro-needling")
    | {"tried": ["home-roller"], "tried-result": "worse", "roller-shared": "no", "roller-products": "no"},
}


@pytest.mark.parametrize(("who", "steps"), [*zip(PATIENTS, (11, 14, 19), strict=True)])
def test_the_forms_progress_is_true_and_never_grows(form, who, steps):
    answers, known, places = COMPLETE | PATIENTS[who], {}, []
    while entry := first_incomplete(walk(form, known), known):
        places.append(progress(form, known, entry.name))
        known |= {question.link_id: answers[question.link_id] for question in entry.questions}
    assert [position for position, _total in places] == list(range(1, steps + 1))
    totals = [total for _position, total in places]
    assert totals == sorted(totals, reverse=True)
    assert (totals[0], totals[-1]) == (19, steps)


def test_no_address_tells_which_treatment_a_step_is_about(form):
    answers = COMPLETE | PATIENTS["three treatments, an event and a roller"]
    numbered = [entry for entry in walk(form, answers) if entry.step.name.startswith("hope-")]
    assert [entry.name for entry in numbered] == ["hope-1", "hope-2", "hope-3"]
    # In the order of the form, not of the choice.
    assert [entry.step.name for entry in numbered] == ["hope-home-micro-needling", "hope-aveli", "hope-creams"]
    assert find(walk(form, answers), "hope-2") == numbered[1]
    assert find(walk(form, COMPLETE), "hope-1") is None


def test_the_names_that_an_address_can_hold(form):
    assert {name for name in addresses(form) if name.startswith("hope-")} == {"hope-1", "hope-2", "hope-3"}
    assert {"privacy", "what-you-see", "questions"} < addresses(form)
    assert not {"hope-4", "hope-creams", "check", "done"} & addresses(form)


def test_an_off_answer_explains_nothing(form):
    condition = form.question("email").condition
    answers = prune(form, {"email": "ana@example.com", "contact-by": "phone"})
    assert explain(condition, answers) == {"contact-by": "phone"}
