"""The form as delivered: its ids, codes and required marks are what everything outside fills it in by."""

import re

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire as FhirQuestionnaire

from intake import conditions, facts
from intake.conditions import ALWAYS, questions

PROCEDURES = """
    home-micro-needling clinic-micro-needling rf-micro-needling acoustic-wave rapid-acoustic-pulse radiofrequency
    laser-1440 manual-subcision cellfina aveli collagenase fillers cryolipolysis liposuction
"""
OTHER_TREATMENTS = "creams massage weight-and-exercise wraps-and-heat"
SIGNS = """
    one-leg breathless spreading-skin worsening-pain allergic breast-change new-lump both-legs after-treatment none!
"""

# step, question, kind, codes. * required, [] choose several, ! excludes the others
OUTLINE = [
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
    ("treatments", "considering*[]", "choice", f"{PROCEDURES} {OTHER_TREATMENTS} other none-yet!"),
]
FREE_TEXT = ("visit-help", "goal-own-words")
CONTACT_BY = {
    "email": conditions.Test("contact-by", "=", "email"),
    "phone": conditions.Any((conditions.Test("contact-by", "=", "phone"), conditions.Test("contact-by", "=", "text"))),
}


def everything(form):
    return [question for step in form.steps for question in step.questions]


def texts(form):
    for step in form.steps:
        yield from (step.title, *step.advice)
    for question in everything(form):
        yield from (question.text, question.hint, question.why, question.who, question.error, *question.advice)
        yield from (option.label for option in question.options)


def test_ids_kinds_codes_and_required_marks(form):
    found = []
    for step in form.steps:
        for question in step.questions:
            marks = "*" * question.required + "[]" * question.repeats
            codes = [option.code + "!" * option.exclusive for option in question.options]
            found.append((step.name, question.link_id + marks, question.kind, codes))
    assert found == [(step, question, kind, codes.split()) for step, question, kind, codes in OUTLINE]


def test_conditions_limits_and_formats(form):
    assert all(step.condition == ALWAYS for step in form.steps)
    assert {q.link_id: q.condition for q in everything(form) if q.condition != ALWAYS} == CONTACT_BY
    assert {q.link_id: q.format for q in everything(form) if q.format} == {"email": "email", "phone": "phone"}
    windows = {q.link_id: q.date_window for q in everything(form) if q.date_window}
    assert windows == {"birth-date": "past", "appointment-date": "not-past"}
    assert {q.link_id: q.max_occurs for q in everything(form) if q.max_occurs} == {"considering": 3}
    assert {q.link_id: q.max_length for q in everything(form) if q.max_length} == {
        "full-name": 120,
        "visit-help": 500,
        "email": 254,
        "phone": 40,
        "goal-own-words": 500,
    }


def test_each_question_says_why_who_and_what_to_do_when_left_open(form):
    for question in everything(form):
        assert question.why and question.who
        assert bool(question.error) == question.required, question.link_id


def test_beside_free_text_stands_that_nobody_reads_it_straight_away(form):
    assert [q.link_id for q in everything(form) if q.kind == "text"] == list(FREE_TEXT)
    assert all(form.question(link_id).advice == ("Nobody reads this straight away.",) for link_id in FREE_TEXT)


def test_privacy_comes_first_and_says_the_plain_truth(form):
    advice = " ".join(form.steps[0].advice)
    assert form.steps[0].name == "privacy"
    assert "Nobody watches this form" in advice
    assert "14 days" in advice


def test_the_self_rating_is_said_to_be_our_own(form):
    assert "not a medical scale" in form.question("self-rating").hint


def test_the_form_is_valid_fhir(form_resource):
    read = FhirQuestionnaire.model_validate(form_resource)
    assert (read.version, read.status, read.title) == ("0.1", "active", "Before your visit: your goals")
    assert re.fullmatch(r"[A-Z]\w{0,254}", read.name)


def test_patient_words(form, notes):
    never = r"flaw|problem area|beauty|perfect|confiden|bikini|anti-ageing|\bjust\b|\bsimply\b|don't worry|!"
    shown = [*texts(form), *(text for note in notes for text in (note.patient_title, note.patient))]
    assert [text for text in shown if re.search(never, text, re.IGNORECASE)] == []


def leaves(condition):
    if isinstance(condition, conditions.Test):
        return [condition]
    return [leaf for part in condition.conditions for leaf in leaves(part)]


def test_notes_and_routes_look_only_at_what_the_form_asks(form, notes, rules):
    for condition in [entry.condition for entry in (*notes, *rules)]:
        assert questions(condition) <= {q.link_id for q in everything(form)} | facts.NAMES
        for leaf in leaves(condition):
            assert leaf.answer in [option.code for option in form.question(leaf.question).options]


@pytest.mark.parametrize("name", ["nowhere", "check", "done"])
def test_other_steps_do_not_exist(form, name):
    assert form.step(name) is None
