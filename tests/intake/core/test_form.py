"""The form as delivered: its ids, codes and required marks are what everything outside fills it in by."""

import re

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire as FhirQuestionnaire

from intake.conditions import ALWAYS, Any, Test, questions
from intake.path import is_complete, prune, walk
from intake.questionnaire import RESERVED_STEPS

PROCEDURES = """
    home-micro-needling clinic-micro-needling rf-micro-needling acoustic-wave rapid-acoustic-pulse radiofrequency
    laser-1440 manual-subcision cellfina aveli collagenase fillers cryolipolysis liposuction
"""
OTHER_TREATMENTS = "creams massage weight-and-exercise wraps-and-heat"
TREATMENTS = f"{PROCEDURES} {OTHER_TREATMENTS}".split()
NO_BRUISING = {"creams", "massage", "acoustic-wave", "radiofrequency", "weight-and-exercise", "wraps-and-heat"}
SIGNS = """
    one-leg breathless spreading-skin worsening-pain allergic breast-change new-lump both-legs after-treatment none!
"""
TRIED = """
    home-roller creams massage clinic-device subcision collagenase fat-removal weight-and-exercise wraps-and-heat other
    nothing!
"""
CONDITIONS = """
    bleeding clot-history keloid diabetes diabetes-unsettled weak-immune cancer-treatment connective-tissue
    vein-disease lymph none!
"""
# The only question whose options are ours to choose.
TOP_QUESTIONS = """
    likely-result risks do-nothing visits-and-time total-cost who-does-it not-happy time-to-decide comfort photos
"""

# step, question, kind, codes. * required, [] choose several, ! excludes the others
BEFORE_HOPES = [
    ("privacy", "consent-care*", "boolean", ""),
    ("urgent", "urgent-signs*[]", "choice", SIGNS),
    ("about-you", "full-name*", "string", ""),
    ("about-you", "birth-date*", "date", ""),
    ("about-you", "contact-by*", "choice", "email phone text"),
    ("about-you", "appointment-date", "date", ""),
    ("about-you", "visit-help", "text", ""),
    ("contact", "email*", "string", ""),
    ("contact", "phone*", "string", ""),
    ("what-you-see", "areas[]", "choice", "back-thighs front-thighs buttocks tummy upper-arms other"),
    ("what-you-see", "self-rating*", "choice", "none pinch-only few-standing several-standing many-lying unsure"),
    ("what-you-see", "pattern*", "choice", "dents waves loose-skin unsure"),
    ("what-you-see", "legs-pattern*", "choice", "yes no unsure"),
    ("goals", "goal-own-words", "text", ""),
    ("goals", "goal*", "choice", "eliminate fewer-dents smoother stretch-marks firmer learn unsure"),
    ("goals", "by-when*", "choice", "4-weeks 3-months 6-months year no-rush"),
    ("goals", "visits-ok*", "choice", "one few many unsure"),
    ("goals", "why-now*[]", "choice", "myself event others work clothes rather-not-say!"),
    ("event", "event-date*", "date", ""),
    ("treatments", "considering*[]", "choice", f"{PROCEDURES} {OTHER_TREATMENTS} other none-yet!"),
]
HOPES = [
    (f"hope-{slug}", f"hope-{slug}-{dimension}*", "choice", codes)
    for slug in TREATMENTS
    for dimension, codes in (
        ("change", "none little clear almost-gone gone"),
        ("lasts", "weeks months years permanent unsure"),
        ("bruising", "none few-days two-weeks month unsure"),
    )
    if dimension != "bruising" or slug not in NO_BRUISING
]
AFTER_HOPES = [
    ("tried", "tried*[]", "choice", TRIED),
    ("result", "tried-result*", "choice", "better little no-change worse mixed"),
    ("roller", "roller-shared*", "choice", "yes no unsure"),
    ("roller", "roller-products*", "choice", "yes no"),
    ("health", "pregnancy*", "choice", "pregnant trying breastfeeding no rather-not-say"),
    ("health", "medicines*[]", "choice", "blood-thinner isotretinoin immune steroids none!"),
    ("health", "conditions*[]", "choice", CONDITIONS),
    ("health", "weight-plan*", "choice", "lose gain no rather-not-say"),
    ("health", "health-notes", "text", ""),
    ("devices", "implants*[]", "choice", "electronic metal-near none!"),
    ("devices", "allergies*[]", "choice", "numbing metal latex collagenase none!"),
    ("skin", "skin-now*[]", "choice", "infection cold-sores eczema-psoriasis open-or-healing none!"),
    ("skin", "dark-marks*", "choice", "yes no unsure"),
    ("skin", "sun*", "choice", "yes no"),
    ("skin", "nicotine*", "choice", "yes no rather-not-say"),
    ("skin", "recent-procedure*", "choice", "yes no"),
    ("feelings", "bother", "integer", ""),
    ("feelings", "time-thinking", "choice", "under-1h 1-3h over-3h rather-not-say"),
    ("feelings", "avoids", "choice", "never sometimes often rather-not-say"),
    ("feelings", "food-worry", "choice", "yes no rather-not-say"),
    ("questions", "top-questions[]", "choice", TOP_QUESTIONS),
    ("questions", "own-question", "text", ""),
]
OUTLINE = BEFORE_HOPES + HOPES + AFTER_HOPES
FREE_TEXT = ("visit-help", "goal-own-words", "health-notes", "own-question")

TYPICAL = {
    "consent-care": True,
    "urgent-signs": ["none"],
    "full-name": "Amara Nwosu",
    "birth-date": "1985-03-14",
    "contact-by": "email",
    "email": "amara@example.org",
    "self-rating": "several-standing",
    "pattern": "dents",
    "legs-pattern": "no",
    "goal": "smoother",
    "by-when": "no-rush",
    "visits-ok": "few",
    "why-now": ["myself"],
    "considering": ["none-yet"],
    "tried": ["creams"],
    "tried-result": "little",
    "pregnancy": "no",
    "medicines": ["none"],
    "conditions": ["none"],
    "weight-plan": "no",
}


def any_of(question, codes):
    return Any(tuple(Test(question, "=", code) for code in codes.replace("!", "").split()))


def everything(form):
    return [question for step in form.steps for question in step.questions]


def texts(form):
    for step in form.steps:
        yield from (step.title, *step.advice)
    for question in everything(form):
        yield from (question.text, question.hint, question.why, question.who, question.error, *question.advice)
        yield from (option.label for option in question.options)


def asked(form, **changes):
    """The ids of the questions that the typical patient sees, with these changes."""
    answers = TYPICAL | {name.replace("_", "-"): value for name, value in changes.items()}
    return [question.link_id for entry in walk(form, answers) for question in entry.questions]


def test_ids_kinds_codes_and_required_marks(form):
    found = []
    for step in form.steps:
        for question in step.questions:
            marks = "*" * question.required + "[]" * question.repeats
            codes = [option.code + "!" * option.exclusive for option in question.options]
            found.append((step.name, question.link_id + marks, question.kind, codes))
    assert found == [(step, question, kind, codes.split()) for step, question, kind, codes in OUTLINE]


def test_a_step_shows_only_when_it_is_needed(form):
    assert {step.name: step.condition for step in form.steps if step.condition != ALWAYS} == {
        "event": Test("why-now", "=", "event"),
        **{f"hope-{slug}": Test("considering", "=", slug) for slug in TREATMENTS},
        "result": any_of("tried", TRIED.replace("nothing!", "")),
        "roller": Test("tried", "=", "home-roller"),
        "devices": any_of("considering", PROCEDURES),
        "skin": any_of("considering", PROCEDURES),
    }


def test_only_the_contact_questions_depend_on_an_answer_by_themselves(form):
    assert {q.link_id: q.condition for q in everything(form) if q.condition != ALWAYS} == {
        "email": Test("contact-by", "=", "email"),
        "phone": any_of("contact-by", "phone text"),
    }


def test_conditions_look_only_at_earlier_steps(form):
    earlier = set()
    for step in form.steps:
        for part in (step, *step.questions):
            assert questions(part.condition) <= earlier, part.link_id
        earlier |= {question.link_id for question in step.questions}


def test_limits_windows_and_formats(form):
    assert {q.link_id: q.format for q in everything(form) if q.format} == {"email": "email", "phone": "phone"}
    windows = {q.link_id: q.date_window for q in everything(form) if q.kind == "date"}
    assert windows == {"birth-date": "past", "appointment-date": "not-past", "event-date": "not-past"}
    assert {q.link_id: q.max_occurs for q in everything(form) if q.max_occurs} == {"considering": 3}
    assert {q.link_id: q.max_length for q in everything(form) if q.max_length} == {
        "full-name": 120,
        "visit-help": 500,
        "email": 254,
        "phone": 40,
        "goal-own-words": 500,
        "health-notes": 1000,
        "own-question": 500,
    }


def test_bother_is_a_plain_number_from_0_to_10(form):
    bother = form.question("bother")
    assert (bother.min_value, bother.max_value, bother.required) == (0, 10, False)
    assert bother.hint == "0 means not at all, 10 means as much as you can imagine."


def test_each_question_says_why_who_and_what_to_do_when_left_open(form):
    for question in everything(form):
        assert question.why and question.who
        assert bool(question.error) == question.required, question.link_id


def test_beside_free_text_stands_that_nobody_reads_it_straight_away(form):
    assert [q.link_id for q in everything(form) if q.kind == "text"] == list(FREE_TEXT)
    for link_id in FREE_TEXT:
        assert form.question(link_id).advice == ("Nobody reads this straight away.",)
        assert "For example:" in form.question(link_id).hint


def test_privacy_comes_first_and_says_the_plain_truth(form):
    advice = " ".join(form.steps[0].advice)
    assert form.steps[0].name == "privacy"
    assert "Nobody watches this form" in advice
    assert "14 days" in advice


def test_the_self_rating_is_said_to_be_our_own(form):
    assert "our own, not a medical scale" in form.question("self-rating").hint


def test_nobody_is_led_to_stop_a_medicine(form):
    assert form.question("medicines").advice == ("Do not stop a prescribed medicine because of this form.",)


def test_feelings_are_open_to_everyone_and_to_no_one(form):
    step = form.step("feelings")
    assert not any(question.required for question in step.questions)
    assert "Everyone gets these questions. They are not a test" in step.advice[0]
    assert "You can skip any of them." in step.advice[0]


def test_each_hope_step_names_its_treatment(form):
    for option in form.question("considering").options:
        step = form.step(f"hope-{option.code}")
        assert step is None if option.code in ("other", "none-yet") else step.title.endswith(option.label)


def test_the_form_is_valid_fhir(form_resource):
    read = FhirQuestionnaire.model_validate(form_resource)
    assert (read.version, read.status, read.title) == ("1", "active", "Before your visit: your goals")
    assert re.fullmatch(r"[A-Z]\w{0,254}", read.name)


def test_patient_words(form):
    never = r"flaw|problem area|beauty|perfect|confiden|bikini|anti-ageing|\bjust\b|\bsimply\b|don't worry|!"
    assert [text for text in texts(form) if re.search(never, text, re.IGNORECASE)] == []


def test_a_typical_patient_without_a_treatment_in_mind_sees_31_questions(form):
    assert len(asked(form)) == 31 <= 32


def test_a_typical_patient_with_one_procedure_in_mind_sees_41_questions(form):
    assert len(asked(form, considering=["manual-subcision"])) == 41 <= 42


@pytest.mark.parametrize(
    "more, changes",
    [
        (1, {"why_now": ["event"]}),
        (2, {"tried": ["home-roller"]}),
        (2, {"considering": ["manual-subcision", "massage"]}),
        (3, {"considering": ["manual-subcision", "cellfina"]}),
        (-1, {"considering": ["radiofrequency"]}),
        (-1, {"tried": ["nothing"]}),
        (0, {"contact_by": "text"}),
    ],
)
def test_what_adds_to_the_questions_of_a_patient_with_one_procedure(form, more, changes):
    one = {"considering": ["manual-subcision"]}
    assert len(asked(form, **(one | changes))) - len(asked(form, **one)) == more


@pytest.mark.parametrize("slug", TREATMENTS)
def test_only_procedures_bring_the_questions_about_implants_and_skin(form, slug):
    shown = asked(form, considering=[slug])
    assert ("implants" in shown, "skin-now" in shown) == (slug in PROCEDURES.split(),) * 2
    assert {name for name in shown if name.startswith("hope-")} == {
        f"hope-{slug}-{dimension}"
        for dimension in ("change", "lasts", "bruising")
        if dimension != "bruising" or slug not in NO_BRUISING
    }


def test_the_typical_patient_has_answered_all_that_is_required(form):
    optional = {q.link_id: None for q in everything(form) if not q.required}
    assert all(is_complete(entry, optional | TYPICAL) for entry in walk(form, TYPICAL))
    assert prune(form, TYPICAL) == TYPICAL


def test_no_step_hides_behind_another_page(form):
    assert not {step.name for step in form.steps} & set(RESERVED_STEPS)


@pytest.mark.parametrize("name", ["nowhere", "start", "check", "done", "hope-other", "hope-none-yet"])
def test_other_steps_do_not_exist(form, name):
    assert form.step(name) is None
