"""A treatment is withdrawn, and comes back: readers, patients and staff see it at once."""

from playwright.sync_api import expect

from education.models import Treatment
from portal.models import ClinicSettings
from tests.factories import PROCEDURE, SubmissionFactory, complete_answers, hopes
from tests.journeys.pages import PHONE, Editor, Patient, Person, Staff

ARTICLE, QUEUE, WITHDRAWN = "/learn/treatments-for-dimples/", "/staff/", "/staff/withdrawn/"
BANNER = "No longer available: Guided subcision (Cellfina)"


def flips(editor, state):
    record = Treatment.objects.get(slug="cellfina")
    editor.opens(f"/cms/snippets/education/treatment/edit/{record.pk}/")
    editor.page.locator("#id_state").select_option(state)
    editor.writes("id_withdrawn_notice", "The maker stopped selling it.")
    editor.page.get_by_role("button", name="More actions").click()
    editor.presses("Publish")


def test_one_switch_reaches_everybody_both_ways(world, person):
    clinic = ClinicSettings.load()
    clinic.single_handed = True
    clinic.save()
    answers = complete_answers({"considering": ["cellfina", "creams"]})
    answers |= PROCEDURE | hopes("cellfina") | hopes("creams")
    sent = SubmissionFactory(answers=answers)
    reviewer, reader, nurse, patient = person(Editor), person(Person), person(Staff), person(Patient, PHONE)
    nurse.signs_in("nurse")
    patient.has_answered(answers)
    patient.sees("Guided subcision (Cellfina)")
    reader.page.goto(ARTICLE)
    reader.does_not_see(BANNER)
    reviewer.signs_in("reviewer", path="/cms/")

    flips(reviewer, "withdrawn")

    reader.opens(ARTICLE)
    reader.sees(BANNER)
    reader.page.goto("/treatments/?t=cellfina&t=creams")
    reader.sees("is no longer available, so it is left out")
    patient.opens("/intake/check/")
    patient.sees("A treatment on your list is no longer available")
    patient.sees("The maker stopped selling it.")
    patient.follows("Choose something else")
    expect(patient.page.get_by_label("Guided subcision (Cellfina)")).to_have_count(0)
    patient.presses("Continue")
    patient.is_at("/intake/check/")
    patient.does_not_see("Cellfina")
    nurse.opens(QUEUE)
    nurse.follows("1 names a withdrawn treatment")
    nurse.sees(sent.reference)
    nurse.follows("Amara Nwosu")
    nurse.sees("Named here, no longer available")

    flips(reviewer, "available")

    reader.page.goto(ARTICLE)
    reader.does_not_see(BANNER)
    nurse.opens(WITHDRAWN)
    nurse.does_not_see(sent.reference)
    patient.opens("/intake/treatments/")
    patient.gives("considering", ["cellfina"])
    patient.presses("Continue")
    patient.sees("What you hope for: Guided subcision (Cellfina)")
