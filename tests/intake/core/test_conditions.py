import pytest
from hypothesis import given

from intake import conditions
from intake.conditions import ALWAYS, All, Any, evaluate, explain, parse, questions, values
from tests.intake.core.strategies import ANSWERS, CONDITIONS, many_cases

OPEN = [{}, {"q": None}, {"q": ""}, {"q": []}, {"q": [""]}]


def leaf(operator, answer, question="q"):
    return conditions.Test(question, operator, answer)


@pytest.mark.parametrize("answers", OPEN)
@pytest.mark.parametrize("operator", ["=", ">", "<", ">=", "<="])
def test_nothing_compares_with_what_is_unanswered(answers, operator):
    assert not evaluate(leaf(operator, "a"), answers)
    assert not evaluate(leaf(operator, 0), answers)


@pytest.mark.parametrize("answers", OPEN)
def test_unanswered_is_unequal_and_does_not_exist(answers):
    assert evaluate(leaf("!=", "a"), answers)
    assert evaluate(leaf("exists", False), answers)
    assert not evaluate(leaf("exists", True), answers)


@pytest.mark.parametrize("answer", [False, 0, "a", ["a"]])
def test_false_and_zero_are_answers(answer):
    assert evaluate(leaf("exists", True), {"q": answer})


@pytest.mark.parametrize(
    ("operator", "answer", "given", "outcome"),
    [
        ("=", "a", "a", True),
        ("=", "a", "b", False),
        ("!=", "a", "a", False),
        ("!=", "a", "b", True),
        ("=", "a", ["b", "a"], True),
        ("!=", "a", ["b", "a"], False),
        ("!=", "a", ["b", "c"], True),
        (">", 2, [1, 3], True),
        (">", 2, 2, False),
        (">=", 2, 2, True),
        ("<", 2, 1.5, True),
        ("<=", 2, 2.5, False),
        ("<", "2027-01-01", "2026-12-31", True),
        (">", "2027-01-01", "2026-12-31", False),
    ],
)
def test_operators(operator, answer, given, outcome):
    assert evaluate(leaf(operator, answer), {"q": given}) is outcome


def test_a_tick_is_no_number():
    assert not evaluate(leaf("=", 1), {"q": True})
    assert not evaluate(leaf("=", True), {"q": 1})
    assert not evaluate(leaf("<", 2), {"q": True})


def test_text_typed_into_a_number_field_is_above_and_below_nothing():
    assert not evaluate(leaf(">", 1), {"q": "lots"})
    assert not evaluate(leaf("<", 1), {"q": "lots"})


def test_all_and_any():
    a, b = leaf("=", "a", "one"), leaf("=", "b", "two")
    assert evaluate(All((a, b)), {"one": "a", "two": "b"})
    assert not evaluate(All((a, b)), {"one": "a"})
    assert evaluate(Any((a, b)), {"two": "b"})
    assert not evaluate(Any((a, b)), {"two": "a"})
    assert evaluate(ALWAYS, {})


def test_values_are_what_was_given():
    assert values({"q": ["a", "", None, "b"]}, "q") == ("a", "b")
    assert values({"q": False}, "q") == (False,)
    assert values({}, "q") == ()


def test_explain_a_test():
    assert explain(leaf("=", "a"), {"q": "a", "other": "x"}) == {"q": "a"}
    assert explain(leaf("=", "a"), {"q": "b"}) == {"q": "b"}
    assert explain(leaf("=", "a"), {"q": ""}) == {"q": None}
    assert explain(leaf("!=", "a"), {}) == {"q": None}


def test_explain_names_only_the_codes_that_matched():
    ticked = {"q": ["c", "a", "b"]}
    assert explain(leaf("=", "a"), ticked) == {"q": ["a"]}
    assert explain(Any((leaf("=", "b"), leaf("=", "a"), leaf("=", "z"))), ticked) == {"q": ["a", "b"]}
    assert explain(leaf("=", "z"), ticked) == {"q": ["c", "a", "b"]}


def test_explain_names_only_the_branches_that_agree_with_the_outcome():
    a, b = leaf("=", "a", "one"), leaf("=", "b", "two")
    both = {"one": "a", "two": "b"}
    assert explain(All((a, b)), both) == both
    assert explain(Any((a, b)), both) == both
    assert explain(All((a, b)), {"one": "a", "two": "x"}) == {"two": "x"}
    assert explain(Any((a, b)), {"one": "a", "two": "x"}) == {"one": "a"}
    assert explain(Any((a, b)), {"one": "x"}) == {"one": "x", "two": None}
    assert explain(ALWAYS, both) == {}


@many_cases
@given(CONDITIONS, ANSWERS, ANSWERS)
def test_answers_that_explain_does_not_name_change_nothing(condition, answers, others):
    outcome, because = evaluate(condition, answers), explain(condition, answers)
    assert set(because) <= questions(condition)
    changed = {link_id: value for link_id, value in others.items() if link_id not in because}
    kept = {link_id: value for link_id, value in answers.items() if link_id in because}
    assert evaluate(condition, changed | kept) == outcome
    assert explain(condition, changed | kept).items() >= because.items()


@many_cases
@given(CONDITIONS, ANSWERS)
def test_what_explain_names_is_enough(condition, answers):
    assert evaluate(condition, explain(condition, answers)) == evaluate(condition, answers)


def only_positive(condition):
    if isinstance(condition, conditions.Test):
        return condition.operator != "!=" and condition.answer is not False
    return all(only_positive(part) for part in condition.conditions)


@many_cases
@given(CONDITIONS.filter(only_positive), ANSWERS)
def test_without_what_explain_names_nothing_holds(condition, answers):
    if evaluate(condition, answers):
        because = explain(condition, answers)
        rest = {link_id: value for link_id, value in answers.items() if link_id not in because}
        assert because
        assert not evaluate(condition, rest)


@many_cases
@given(CONDITIONS.filter(lambda c: isinstance(c, All) and only_positive(c)), ANSWERS)
def test_each_answer_named_for_a_list_of_tests_is_needed(condition, answers):
    flat = All(tuple(part for part in condition.conditions if isinstance(part, conditions.Test)))
    if evaluate(flat, answers):
        for link_id in explain(flat, answers):
            assert not evaluate(flat, answers | {link_id: None})


def test_parse_reads_every_form():
    assert parse({"question": "q", "answer": "a"}) == leaf("=", "a")
    assert parse({"question": "q", "operator": "<", "answer": 18}) == leaf("<", 18)
    assert parse({"question": "q", "exists": True}) == leaf("exists", True)
    assert parse({"question": "q", "operator": "exists", "answer": False}) == leaf("exists", False)
    assert parse({"question": "q", "in": ["a", "b"]}) == Any((leaf("=", "a"), leaf("=", "b")))
    both = [{"question": "q", "answer": "a"}, {"any": [{"question": "r", "answer": True}]}]
    assert parse({"all": both}) == All((leaf("=", "a"), Any((leaf("=", True, "r"),))))


def test_questions_of_a_condition():
    condition = parse({"all": [{"question": "q", "answer": "a"}, {"any": [{"question": "r", "in": ["a", "b"]}]}]})
    assert questions(condition) == {"q", "r"}
    assert questions(ALWAYS) == frozenset()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("goal", "expected a table"),
        ({}, "needs a question"),
        ({"question": ""}, "needs a question"),
        ({"question": "q"}, "needs an answer"),
        ({"question": "q", "operator": "="}, "needs an answer"),
        ({"question": "q", "answer": "a", "in": ["b"]}, "needs an answer, in or exists"),
        ({"question": "q", "operator": "is", "answer": "a"}, "unknown operator 'is'"),
        ({"question": "q", "answer": ["a"]}, "is no answer"),
        ({"question": "q", "answer": ""}, "is no answer"),
        ({"question": "q", "in": []}, "at least one"),
        ({"question": "q", "in": "a"}, "expected a list"),
        ({"question": "q", "exists": "yes"}, "true or false"),
        ({"question": "q", "operator": ">", "answer": True}, "does not order"),
        ({"all": []}, "at least one"),
        ({"all": [], "any": []}, "stands alone"),
        ({"all": [{"question": "q", "answer": "a"}], "question": "q"}, "stands alone"),
    ],
)
def test_parse_says_what_is_wrong(data, says):
    with pytest.raises(ValueError, match=says):
        parse(data)


def test_parse_says_where():
    with pytest.raises(ValueError, match=r"note E1: when\.all\[1\]\.any\[0\]: unknown operator"):
        parse(
            {"all": [{"question": "q", "answer": "a"}, {"any": [{"question": "q", "operator": "~", "answer": 1}]}]},
            "note E1: when",
        )
