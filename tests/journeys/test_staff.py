"""The clinic reads what patients send."""

from playwright.sync_api import expect

from intake.models import Status
from tests.factories import SubmissionFactory, UserFactory, complete_answers
from tests.journeys.pages import PHONE, Staff


def test_a_nurse_claims_reads_moves_and_comments(world, person):
    nurse = person(Staff)
    nurse.signs_in("nurse", path="/staff/")
    nurse.is_at("/staff/")
    nurse.claims(world.sent)
    nurse.sees("This form is yours now.")
    nurse.sees("All answers, as asked")
    expect(nurse.page.locator("main")).to_have_attribute("data-status", "in-review")
    nurse.comments("Called, and left a message.")
    nurse.sees("Called, and left a message.")
    nurse.moves_to("Call first")
    nurse.sees("Write a short reason")
    nurse.page.get_by_role("textbox", name="Reason").fill("Prefers a call before booking")
    nurse.presses("Move")
    nurse.sees("Prefers a call before booking")
    world.sent.refresh_from_db()
    assert (world.sent.status, world.sent.owner.username) == (Status.CALL_FIRST, "nurse")
    nurse.presses("Sign out")
    nurse.opens("/staff/")
    nurse.sees("Sign in (clinic staff)")


def test_two_nurses_claim_at_once(world, person):
    UserFactory(username="second", role="nurse", first_name="Noor", last_name="Ito")
    first, second = person(Staff), person(Staff)
    first.signs_in("nurse", path="/staff/")
    second.signs_in("second", path="/staff/")
    first.claims(world.sent)
    second.claims(world.sent)
    second.sees(f"{world.staff['nurse']} has this form already.")
    world.sent.refresh_from_db()
    assert world.sent.owner == world.staff["nurse"]


def test_a_doctor_reads_an_urgent_form_on_a_phone(world, person):
    long = {"goal-own-words": "Ich möchte Bindegewebsschwächebehandlungsmöglichkeiten verstehen. " * 7}
    ill = {"urgent-signs": ["one-leg", "breathless"], "full-name": "Maximiliane Wolfeschlegelsteinhausenbergerdorff"}
    urgent = SubmissionFactory(answers=complete_answers(long | ill), notes=5)
    doctor = person(Staff, PHONE)
    doctor.signs_in("practitioner", path="/staff/")
    doctor.row(urgent).get_by_role("link").click()
    doctor.looks_around()
    main = doctor.page.locator("main")
    expect(main).to_have_attribute("data-team", "clinical-lead")
    expect(main).to_have_attribute("data-urgency", "urgent")
    assert doctor.page.locator("[data-flag]").count() == 2
    doctor.opens("/staff/?team=nurse&status=closed")
    doctor.sees("Nothing waiting")


def test_the_face_sheet_prints_on_one_page(world, person):
    ill = {
        "urgent-signs": ["one-leg", "breathless", "allergic"],
        "goal-own-words": "To wear shorts with my kids. " * 17,
    }
    urgent = SubmissionFactory(answers=complete_answers(ill), notes=5)
    doctor = person(Staff)
    doctor.signs_in("practitioner", path="/staff/")
    doctor.opens(urgent.get_absolute_url())
    assert doctor.pages_printed() == 1


def test_the_door_is_kind_to_a_mistyped_password_and_shut_to_other_roles(world, person):
    nurse = person(Staff, PHONE)
    nurse.opens("/accounts/login/")
    nurse.page.get_by_label("Username").fill("nurse")
    nurse.page.get_by_label("Password", exact=True).fill("mistyped")
    nurse.presses("Sign in")
    nurse.sees("There is a problem")
    nurse.signs_in("nurse")
    nurse.opens("/cms/")
    nurse.sees("This part is not for your role")
    nurse.opens("/accounts/password/change/")
    nurse.opens("/accounts/logout/")
