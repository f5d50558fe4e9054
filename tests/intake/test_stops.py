"""Where the form stops a patient: under 18, and at signs that can't wait."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from intake.models import Draft, Note
from intake.signs import urgent_signs
from portal.models import ClinicOpening, ClinicSettings
from tests.factories import UserFactory
from tests.intake.answers import ADVICE, CHECK, DONE, START, STEPS, STOP, follow, hand_in, main, send, text

SIGNS = ["breathless", "allergic", "worsening-pain", "spreading-skin", "one-leg", "both-legs", "after-treatment"]
SIGNS += ["breast-change", "new-lump"]


@pytest.fixture
def at(monkeypatch):
    """at("2026-06-15") makes it noon of that day."""

    def travel(day):
        noon = timezone.make_aware(datetime.fromisoformat(f"{day}T12:00"))
        monkeypatch.setattr(timezone, "now", lambda: noon)

    return travel


@pytest.mark.parametrize(
    ("today", "born"),
    [("2026-06-15", "2008-06-16"), ("2026-06-15", "2026-06-15"), ("2026-02-28", "2008-02-29")],
)
def test_under_18_everything_is_deleted_at_once(client, form, settings, at, today, born):
    at(today)
    client.post(START)
    for name in ("privacy", "urgent"):
        send(client, name)
    response = send(client, "about-you", {"birth-date": born, "contact-by": "pigeon"})
    assert follow(response) == STOP
    assert response.cookies[settings.DRAFT_COOKIE_NAME]["max-age"] == 0
    assert not Draft.objects.exists()
    page = client.get(STOP)
    assert main(page).select_one("[data-note]")["data-note"] == "E27"
    assert "Amara" not in text(page)


@pytest.mark.parametrize(("today", "born"), [("2026-06-15", "2008-06-15"), ("2026-03-01", "2008-02-29")])
def test_the_18th_birthday_is_old_enough(client, form, at, today, born):
    at(today)
    client.post(START)
    for name in ("privacy", "urgent"):
        send(client, name)
    assert follow(send(client, "about-you", {"birth-date": born})) == "/intake/contact/"


def test_under_18_without_a_draft_leaves_nothing_behind(client, form, settings):
    assert follow(send(client, "about-you", {"birth-date": timezone.localdate().isoformat()})) == STOP
    assert not Draft.objects.exists()
    assert not client.cookies[settings.DRAFT_COOKIE_NAME].value


def test_the_stop_page_gives_the_phone_number(client, form):
    clinic = ClinicSettings.load()
    clinic.phone = "555 0142"
    clinic.save()
    assert main(client.get(STOP)).find("a", href="tel:5550142")


@pytest.fixture
def numbers(db):
    clinic = ClinicSettings.load()
    clinic.urgent_number, clinic.emergency_number = "111", "999"
    clinic.save()


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_leads_to_advice_before_anything_else(client, form, numbers, sign):
    client.post(START)
    send(client, "privacy")
    assert follow(send(client, "urgent", {"urgent-signs": [sign]})) == ADVICE
    page = main(client.get(ADVICE))
    [found] = urgent_signs({"urgent-signs": [sign]})
    for step in (found.name, *found.steps, "Nobody has been told"):
        assert step in page.get_text()
    called = [link["href"] for link in page.select("a[href^=tel]")]
    assert called == {"emergency": ["tel:999"], "today": ["tel:111", "tel:999"], "soon": []}[found.level]
    assert [link["href"] for link in page.select("[data-next]")] == ["/intake/about-you/"]


def test_without_numbers_the_advice_says_whom_to_call(client, form):
    client.post(START)
    send(client, "privacy")
    send(client, "urgent", {"urgent-signs": ["one-leg"]})
    words = text(client.get(ADVICE))
    assert "Call your local urgent care line." in words
    assert "Call your local emergency number." in words


def test_of_all_signs_the_most_urgent_comes_first(client, form, numbers):
    client.post(START)
    send(client, "privacy")
    send(client, "urgent", {"urgent-signs": sorted(SIGNS)})
    words = text(client.get(ADVICE))
    places = [words.index(sign.name) for sign in urgent_signs({"urgent-signs": SIGNS})]
    assert places == sorted(places)
    assert len(places) == len(SIGNS)


def test_going_on_with_a_sign_is_the_patients_choice(client, draft, numbers):
    assert follow(send(client, "urgent", {"urgent-signs": ["one-leg"]}, "?from=check")) == ADVICE
    assert main(client.get(ADVICE)).select_one("[data-next]")["href"] == CHECK
    submission = hand_in(client)
    assert (submission.team, submission.urgency) == ("clinical-lead", "urgent")
    page = main(client.get(DONE))
    assert "Call urgent care today" in page.get_text()
    assert [note["data-note"] for note in page.select("[data-note]")] == ["E29"]
    assert "111" in page.select_one("[data-note]").get_text()


@pytest.mark.parametrize("sign", [sign for sign in SIGNS if sign != "one-leg"])
def test_beside_other_signs_no_note_is_shown(client, draft, sign):
    send(client, "urgent", {"urgent-signs": [sign]})
    submission = hand_in(client)
    page = main(client.get(DONE))
    assert urgent_signs(submission.answers)[0].name in page.get_text()
    assert not page.select("[data-note]")
    assert [note.code for note in submission.notes.all()] == ["E35"]


def test_a_sign_taken_back_is_gone(client, draft):
    send(client, "urgent", {"urgent-signs": ["one-leg"]})
    change = main(client.get(ADVICE)).find("a", string="Change my answer")
    assert follow(client.post(change["href"], STEPS["urgent"])) == CHECK
    assert follow(client.get(ADVICE)) == CHECK
    submission = hand_in(client)
    assert (submission.team, submission.urgency) == ("care-team", "routine")
    assert not main(client.get(DONE)).select(".box-urgent")
    assert [note["data-note"] for note in main(client.get(DONE)).select("[data-note]")] == ["E35"]


def test_a_sign_sent_without_a_draft_is_answered_at_once(client, form):
    assert follow(send(client, "urgent", {"urgent-signs": ["breathless"]})) == ADVICE
    assert main(client.get(ADVICE)).select_one("[data-next]")["href"] == "/intake/privacy/"


def test_the_stop_page_says_what_the_note_says(client, form):
    Note.objects.filter(code="E27").update(patient_text="Ask a nurse. Or call {emergency_number}.")
    assert main(client.get(STOP)).select_one("[data-note]").get_text().strip().startswith("Ask a nurse. Or call your")
    Note.objects.filter(code="E27").update(live=False)
    page = main(client.get(STOP))
    assert not page.select("[data-note]")
    assert "This form is for adults" in page.get_text()


@pytest.fixture
def hours(db):
    clinic = ClinicSettings.load()
    clinic.openings = [ClinicOpening(weekday=day, opens=time(9), closes=time(17)) for day in range(5)]
    clinic.save()


@pytest.mark.parametrize(("moment", "shut"), [("2026-11-28T12:00", True), ("2026-11-30T12:00", False)])
def test_out_of_hours_the_advice_says_when_the_clinic_opens(client, draft, hours, monkeypatch, moment, shut):
    now = timezone.make_aware(datetime.fromisoformat(moment))
    send(client, "urgent", {"urgent-signs": ["one-leg"]})
    monkeypatch.setattr(timezone, "now", lambda: now)
    Draft.objects.update(expires_at=now + timedelta(days=1))
    words = "The clinic is closed now and opens again on 30 November 2026, 09:00. Please do not wait for that."
    assert (words in text(client.get(ADVICE))) == shut
    hand_in(client)
    assert (words in text(client.get(DONE))) == shut


def test_where_hours_are_not_known_nothing_is_said_of_them(client, draft):
    send(client, "urgent", {"urgent-signs": ["one-leg"]})
    assert "closed now" not in text(client.get(ADVICE))


def test_stopping_after_the_advice_keeps_the_form(client, draft):
    send(client, "urgent", {"urgent-signs": ["one-leg"]})
    stop = main(client.get(ADVICE)).find("a", string="Stop here for now")
    assert "You have started a form on this device." in text(client.get(stop["href"]))
    assert Draft.objects.get().answers["urgent-signs"] == ["one-leg"]


def test_going_on_with_a_sign_mails_the_team_at_once(client, draft, mailoutbox):
    UserFactory(role="practitioner", email="lead@clinic.example")
    send(client, "urgent", {"urgent-signs": ["one-leg"]})
    assert mailoutbox == []
    hand_in(client)
    urgent = [mail for mail in mailoutbox if "lead@clinic.example" in mail.to]
    assert [mail.subject for mail in urgent] == ["Urgent: a form needs reading now"]
    assert "leg" not in urgent[0].body
