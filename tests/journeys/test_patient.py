"""A patient reads, answers and sends."""

import re

import pytest
from django.core import mail
from django.template.loader import get_template
from playwright.sync_api import expect

from intake.models import Draft, Submission
from tests.factories import PROCEDURE, complete_answers, hopes
from tests.journeys.pages import DESK, PHONE, KeyboardPatient, Patient, PatientWithoutScripts, Person

ANSWERS = complete_answers(
    {
        "full-name": "Wilhelmina Featherstonehaugh-Cholmondeley",
        "birth-date": "1985-03-03",
        "visit-help": "An interpreter, please.",
        "areas": ["back-thighs", "buttocks"],
        "goal-own-words": "To wear shorts with my children.\nAnd to know what is true.",
        "goal": "eliminate",
        "by-when": "4-weeks",
        "considering": ["home-micro-needling", "creams"],
        "tried": ["home-roller", "creams"],
        "tried-result": "no-change",
        "roller-shared": "no",
        "roller-products": "yes",
        "health-notes": "Hay fever.",
        "top-questions": ["risks", "time-to-decide"],
        "own-question": "Is my roller safe to keep using?",
        "bother": 4,
        **PROCEDURE,
        **hopes("home-micro-needling", "gone", "permanent", "none"),
        **hopes("creams", "clear", "months"),
    }
)
# With one kind of everything that a keyboard meets.
SHORT = ANSWERS | {"considering": ["creams"], "tried": ["nothing"]}


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_a_reader_finds_every_page(world, person, screen):
    reader = person(Person, screen)
    reader.opens("/")
    reader.follows("Learn")
    reader.follows("Does micro-needling work for cellulite?")
    reader.follows("All facts about Creams with caffeine or retinol")
    reader.is_at("/treatments/creams/")
    for footer_link in ("Privacy", "Accessibility", "How we write and review", "See urgent signs"):
        reader.follows(footer_link)
    reader.opens("/learn/what-is-micro-needling/")
    reader.opens("/treatments/collagenase/")
    reader.opens("/no-such-page/")
    reader.sees("We can’t find that page")
    assert reader.page.context.cookies() == []


def test_a_patient_fills_in_the_form_on_a_phone(world, patient):
    patient.opens("/")
    patient.page.get_by_role("link", name="Start your form").first.click()
    patient.presses("Start your form")
    patient.fills_in_the_form(ANSWERS)
    for told in ("Wilhelmina Featherstonehaugh-Cholmondeley", "3 March 1985", "I want all of it gone"):
        patient.sees(told)
    patient.presses("Send to my care team")
    patient.is_at("/intake/done/")
    patient.sees("Your form has arrived")
    assert patient.notes() == ["E18", "E6", "E1"]
    patient.sees("Worth reading before you come")
    expect(patient.page.get_by_role("button", name="Print this page")).to_be_visible()
    sent = Submission.objects.get(reference=patient.reference())
    assert sent.answers["goal-own-words"] == ANSWERS["goal-own-words"]
    assert {address for letter in mail.outbox for address in letter.to} >= {
        "amara@example.org",
        "nurse@clinic.example",
    }


def test_a_patient_who_leaves_a_page_open_is_told_what_is_needed(world, person):
    patient = person(Patient)
    patient.begins()
    while not patient.page.url.endswith("/check/"):
        optional = patient.page.url.endswith(("/feelings/", "/questions/"))
        patient.presses("Continue")
        if optional:
            continue
        expect(patient.page).to_have_title(re.compile("^Error: "))
        expect(patient.page.locator(".error-summary")).to_be_focused()
        patient.answers(ANSWERS)
        patient.presses("Continue")


@pytest.mark.parametrize(("kind", "answers"), [(KeyboardPatient, SHORT), (PatientWithoutScripts, ANSWERS)])
def test_a_patient_needs_neither_mouse_nor_scripts(world, person, kind, answers):
    patient = person(kind, java_script_enabled=kind is not PatientWithoutScripts)
    patient.begins()
    patient.fills_in_the_form(answers)
    patient.presses("Send to my care team")
    patient.sees("Your form has arrived")
    assert Submission.objects.get(reference=patient.reference()).answers["considering"] == answers["considering"]


def test_an_urgent_sign_comes_before_everything(world, patient):
    patient.begins()
    patient.fills_in_the_form(ANSWERS | {"urgent-signs": ["one-leg", "breathless"]})
    patient.is_at("/intake/urgent/advice/")
    patient.sees("Please get medical help now")
    patient.sees("Nobody has been told")
    patient.page.locator("[data-next]").click()
    patient.is_at("/intake/about-you/")


def test_an_urgent_sign_leaves_no_room_for_anything_else_at_the_end(world, patient):
    patient.has_answered(ANSWERS | {"urgent-signs": ["one-leg", "breathless"]})
    patient.presses("Send to my care team")
    patient.sees("Please get medical help now")
    assert set(patient.notes()) == {"E29"}


def test_an_answer_changed_with_an_error_in_between_leads_back_to_the_check_page(world, patient):
    patient.has_answered(ANSWERS)
    patient.changes("What is your full name?")
    patient.gives("full-name", "")
    patient.presses("Continue")
    expect(patient.page).to_have_title("Error: About you – Before your visit")
    expect(patient.page.locator(".error-summary")).to_be_focused()
    patient.page.locator(".error-summary a").click()
    expect(patient.page.locator('[name="full-name"]')).to_be_focused()
    patient.gives("full-name", "Mina")
    patient.presses("Continue")
    patient.is_at("/intake/check/")
    patient.sees("Mina")
    patient.does_not_see("Wilhelmina")


def test_a_new_branch_is_asked_before_the_check_page_comes_back(world, patient):
    patient.has_answered(ANSWERS)
    patient.changes("How should we reach you?")
    patient.gives("contact-by", "text")
    patient.presses("Continue")
    patient.is_at("/intake/contact/")
    patient.gives("phone", "020 7946 0000")
    patient.presses("Continue")
    patient.is_at("/intake/check/")
    patient.sees("020 7946 0000")
    patient.does_not_see("amara@example.org")


def test_a_page_that_can_not_be_accepted_says_what_to_do(world, patient):
    patient.opens("/intake/")
    patient.page.context.clear_cookies()
    patient.presses("Start your form")
    patient.sees("We could not accept that page")


@pytest.mark.parametrize("fault", [400, 500, 503])
def test_a_fault_of_ours_is_told_kindly(world, patient, fault):
    body = get_template(f"{fault}.html").render()
    patient.page.route("**/faulty/", lambda route: route.fulfill(status=fault, body=body, content_type="text/html"))
    patient.opens("/faulty/")
    patient.sees("do not wait for this page")


def test_under_18_nothing_is_kept(world, patient):
    patient.begins()
    before = Draft.objects.count()
    while "/stop/" not in patient.page.url:
        patient.answers(ANSWERS | {"birth-date": "2015-06-06"})
        patient.presses("Continue")
    patient.sees("This form is for adults")
    assert Draft.objects.count() == before - 1


def test_a_patient_stops_comes_back_and_deletes(world, patient):
    patient.begins()
    patient.answers(ANSWERS)
    patient.presses("Continue")
    patient.opens("/intake/")
    patient.follows("Go on with your form")
    patient.is_at("/intake/urgent/")
    patient.page.go_back()
    patient.opens("/intake/privacy/")
    expect(patient.page.locator('[name="consent-care"]')).to_be_checked()
    patient.presses("Delete my answers now")
    patient.opens("/intake/")
    patient.sees("Start your form")


def test_a_patient_leaves_a_page_half_done_and_finds_it_so(world, patient):
    patient.begins()
    for _step in ("privacy", "urgent"):
        patient.answers(ANSWERS)
        patient.presses("Continue")
    patient.gives("full-name", "Mina")
    patient.presses("Save and finish later")
    patient.is_at("/intake/")
    patient.follows("Go on with your form")
    patient.is_at("/intake/about-you/")
    expect(patient.page.locator('[name="full-name"]')).to_have_value("Mina")


def test_none_of_these_and_the_others_untick_each_other(world, patient):
    patient.begins()
    patient.answers(ANSWERS)
    patient.presses("Continue")
    patient.gives("urgent-signs", ["one-leg", "breathless"])
    patient.gives("urgent-signs", ["none"])
    expect(patient.page.locator('[name="urgent-signs"]:checked')).to_have_count(1)
    patient.gives("urgent-signs", ["breathless"])
    expect(patient.page.locator('[name="urgent-signs"]:checked')).to_have_attribute("value", "breathless")


def test_a_patient_finishes_and_clears_the_device(world, patient):
    patient.has_answered(ANSWERS)
    patient.presses("Send to my care team")
    patient.presses("Finish and clear this device")
    patient.sees("Nothing of your form is left in this browser.")
    patient.page.go_back()
    patient.opens("/intake/done/")
    patient.is_at("/intake/")
    patient.does_not_see("You have sent a form")
