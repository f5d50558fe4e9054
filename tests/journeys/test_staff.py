"""The clinic reads what patients send."""

from playwright.sync_api import expect

from intake import actions
from intake.models import Draft, Status
from tests.factories import PROCEDURE, DraftFactory, SubmissionFactory, UserFactory, complete_answers, hopes
from tests.journeys.pages import PHONE, Patient, Staff


class Tablet(Staff, Patient):
    """A device that goes from staff to a patient."""


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


def test_a_doctor_reads_hopes_beside_the_evidence_and_copies_the_sheet(world, person):
    hoping = {"considering": ["cellfina", "creams", "massage"], "medicines": ["blood-thinner"], "goal": "eliminate"}
    hoping |= (
        hopes("cellfina", "gone", "permanent", "few-days") | hopes("creams") | hopes("massage", "unsure", "weeks")
    )
    patient = DraftFactory(answers=complete_answers(PROCEDURE | hoping))
    sent = actions.submit(key=patient.key)
    doctor = person(Staff)
    doctor.signs_in("practitioner", path=sent.get_absolute_url())
    gap = doctor.page.locator('[data-gap="cellfina-change"]')
    expect(gap).to_have_attribute("data-value", "more")
    doctor.sees("A talking point, not a verdict")
    assert doctor.page.locator("[data-note]").count() == sent.notes.count()
    doctor.presses("Copy")
    doctor.sees("Copied. Paste it into your record.")
    copied = doctor.page.locator("#plain-text").input_value()
    assert sent.reference in copied and "hopes for" in copied.lower()
    assert doctor.pages_printed() == 1


def test_a_tablet_is_handed_over_and_clears_itself(world, person):
    tablet = person(Tablet, PHONE)
    tablet.signs_in("nurse", path="/staff/tablet/")
    tablet.presses("Sign out and hand over")
    tablet.page.clock.install()
    tablet.presses("Start your form")
    drafts = Draft.objects.count()
    tablet.page.clock.fast_forward(95_000)
    tablet.sees("Are you still there?")
    tablet.presses("I need more time")
    expect(tablet.page.get_by_text("Are you still there?")).to_be_hidden()
    tablet.page.clock.fast_forward(100_000)
    expect(tablet.page.get_by_text("Are you still there?")).to_be_visible()
    tablet.page.clock.fast_forward(30_000)
    tablet.is_at("/intake/cleared/")
    tablet.sees("Please hand it back.")
    assert Draft.objects.count() == drafts - 1
    tablet.opens("/staff/")
    tablet.sees("Sign in (clinic staff)")
