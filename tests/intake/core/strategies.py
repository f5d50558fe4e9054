"""Random questionnaires, answers and conditions."""

from hypothesis import settings
from hypothesis import strategies as st

from intake.conditions import ORDERINGS, All, Any, Test
from intake.questionnaire import FHIR_TYPES, OWN, compile_questionnaire

# No deadline: a busy machine is no fault in the code.
many_cases = settings(max_examples=150, deadline=None)

CODES = ("a", "b", "c")
VALUES = {
    "choice": st.sampled_from(CODES),
    "boolean": st.booleans(),
    "integer": st.integers(0, 3),
    "string": st.sampled_from(["here", "there"]),
    "date": st.sampled_from(["2026-01-31", "2026-12-01", "2027-06-15"]),
}
LEFT_OPEN = st.sampled_from([None, "", []])


def question(link_id, kind="choice", repeats=False, when=(), behavior="all"):
    purpose = [{"url": "why", "valueString": "Why."}, {"url": "who", "valueString": "Who."}]
    item = {
        "linkId": link_id,
        "type": kind,
        "text": f"Question {link_id}",
        "extension": [{"url": OWN + "question-purpose", "extension": purpose}],
    }
    if kind == "choice":
        item |= {"repeats": repeats, "answerOption": [{"valueCoding": {"code": c, "display": c}} for c in CODES]}
    return item | enabled(when, behavior)


def step(name, *items, when=(), behavior="all"):
    return {"linkId": f"step-{name}", "type": "group", "text": name, "item": list(items)} | enabled(when, behavior)


def resource(*steps):
    return {
        "resourceType": "Questionnaire",
        "url": "https://clinic.example/form",
        "version": "1",
        "title": "A form",
        "status": "active",
        "item": list(steps),
    }


def when(link_id, code, operator="="):
    return {"question": link_id, "operator": operator, "answerCoding": {"code": code}}


def enabled(when, behavior):
    if not when:
        return {}
    return {"enableWhen": list(when)} | ({"enableBehavior": behavior} if len(when) > 1 else {})


@st.composite
def tests(draw, kinds):
    """A test on one of the questions given as linkId -> kind."""
    link_id = draw(st.sampled_from(sorted(kinds)))
    operators = ["exists", "=", "!="] + ([] if kinds[link_id] in ("choice", "boolean") else list(ORDERINGS))
    operator = draw(st.sampled_from(operators))
    answer = draw(st.booleans() if operator == "exists" else VALUES[kinds[link_id]])
    return Test(link_id, operator, answer)


def conditions(kinds):
    return st.recursive(
        tests(kinds),
        lambda parts: st.builds(
            lambda kind, found: kind(tuple(found)),
            st.sampled_from([All, Any]),
            st.lists(parts, min_size=1, max_size=3),
        ),
        max_leaves=6,
    )


def _as_when(test, kinds):
    fhir_type = "Boolean" if test.operator == "exists" else FHIR_TYPES[kinds[test.question]]
    answer = {"code": test.answer} if fhir_type == "Coding" else test.answer
    return {"question": test.question, "operator": test.operator, f"answer{fhir_type}": answer}


@st.composite
def questionnaires(draw):
    earlier, steps = {}, []
    for number in range(draw(st.integers(1, 6))):
        kinds, items = {}, []
        for letter in "xyz"[: draw(st.integers(1, 3))]:
            link_id = f"q{number}{letter}"
            kinds[link_id] = draw(st.sampled_from(sorted(VALUES)))
            items.append(question(link_id, kinds[link_id], draw(st.booleans()), *_drawn_when(draw, earlier)))
        whens, behavior = _drawn_when(draw, earlier)
        steps.append(step(f"s{number}", *items, when=whens, behavior=behavior))
        earlier |= kinds
    return compile_questionnaire(resource(*steps))


def _drawn_when(draw, kinds):
    found = draw(st.lists(tests(kinds), max_size=2)) if kinds else []
    return [_as_when(test, kinds) for test in found], draw(st.sampled_from(["all", "any"]))


def kinds_of(questionnaire):
    return {q.link_id: q.kind for step in questionnaire.steps for q in step.questions}


def answer_to(question):
    value = VALUES[question.kind]
    return st.one_of(st.lists(value, unique=True, max_size=3) if question.repeats else value, LEFT_OPEN)


def answers_to(questionnaire):
    questions = [q for step in questionnaire.steps for q in step.questions]
    return st.fixed_dictionaries({}, optional={q.link_id: answer_to(q) for q in questions})


@st.composite
def cases(draw):
    """A questionnaire and answers to some of its questions, shown or not."""
    questionnaire = draw(questionnaires())
    return questionnaire, draw(answers_to(questionnaire))


KINDS = {"one": "choice", "more": "choice", "tick": "boolean", "number": "integer", "day": "date"}
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        link_id: st.one_of(st.lists(VALUES[kind], max_size=3) if link_id == "more" else VALUES[kind], LEFT_OPEN)
        for link_id, kind in KINDS.items()
    },
)
CONDITIONS = conditions(KINDS)
