"""Leaving the form: saved for later, cleared from this device, or handed round in a waiting room."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from intake.models import SHARED_LIFE, Draft, Submission
from tests.factories import UserFactory
from tests.intake.answers import (
    ADVICE,
    CHECK,
    DONE,
    START,
    STEPS,
    address,
    fields,
    follow,
    hand_in,
    main,
    send,
    text,
    walk,
)

TABLET = "/staff/tablet/"
CLEAR, CLEARED, HERE = "/intake/clear/", "/intake/cleared/", "/intake/here/"


def later(name):
    return f"/intake/{name}/later/"


@pytest.fixture
def nurse(db):
    return UserFactory(role="nurse")


@pytest.fixture
def tablet(form, nurse):
    """A browser that a nurse has handed over."""
    browser = Client()
    browser.force_login(nurse)
    assert follow(browser.post(TABLET, {"mode": "on"})) == START
    return browser


def pass_time(**time):
    """Everything that lives for a while has lived that much longer."""
    for draft in Draft.objects.all():
        Draft.objects.filter(pk=draft.pk).update(expires_at=draft.expires_at - timedelta(**time))


def cookie(response, settings):
    return response.cookies[settings.DRAFT_COOKIE_NAME]


def test_what_is_typed_is_kept_when_a_patient_finishes_later(client, form):
    client.post(START)
    send(client, "privacy")
    assert follow(client.post(later("urgent"), {"urgent-signs": ["one-leg", "none"]})) == START
    assert "It is kept until" in text(client.get(START))
    assert follow(client.post(START)) == address("urgent")
    assert fields(client.get(address("urgent")))["urgent-signs"] == ["one-leg", "none"]


def test_an_urgent_sign_is_answered_also_when_a_patient_leaves(client, form):
    client.post(START)
    send(client, "privacy")
    assert follow(client.post(later("urgent"), {"urgent-signs": ["one-leg"]})) == ADVICE
    assert follow(client.post(later("about-you"), {"full-name": "Amara"})) == START


def test_the_first_button_of_a_step_goes_on_and_the_second_leaves(client, draft):
    page = main(client.get(address("goals")))
    go_on, leave = page.select_one("form:has(h1)").select("button")
    assert (go_on.get_text(), go_on.get("formaction")) == ("Continue", None)
    assert (leave.get_text(), leave["formaction"]) == ("Save and finish later", later("goals"))


def test_saving_for_later_costs_nobody_their_form(client, form):
    assert client.post(later("nonsense")).status_code == 404
    assert client.get(later("goals")).status_code == 405
    walk(client)
    sent = hand_in(client)
    assert follow(client.post(later("goals"), STEPS["goals"])) == DONE
    assert Submission.objects.get() == sent and not Draft.objects.exists()


def test_under_18_nothing_is_kept_for_later_either(client, form):
    client.post(START)
    born = timezone.localdate().isoformat()
    assert follow(client.post(later("about-you"), STEPS["about-you"] | {"birth-date": born})) == "/intake/stop/"
    assert not Draft.objects.exists()


def test_finish_and_clear_leaves_nothing_on_the_device_and_everything_with_the_clinic(client, draft, settings):
    sent = hand_in(client)
    button = main(client.get(DONE)).find("form", action=CLEAR)
    assert button.get_text(strip=True) == "Finish and clear this device"
    response = client.post(CLEAR)
    assert follow(response) == CLEARED
    assert cookie(response, settings)["max-age"] == 0
    assert "Nothing of your form is left" in text(client.get(CLEARED))
    assert follow(client.get(DONE)) == START
    assert "You have sent a form" not in text(client.get(START))
    assert Submission.objects.get() == sent


def test_clearing_a_device_half_way_deletes_what_nobody_could_open_again(client, draft):
    assert follow(client.post(CLEAR)) == CLEARED
    assert not Draft.objects.exists()
    assert client.get(CLEAR).status_code == 405


def test_handing_over_signs_staff_out_and_forgets_what_was_begun(form, nurse, settings):
    browser = Client()
    browser.force_login(nurse)
    browser.cookies[settings.DRAFT_COOKIE_NAME] = "somebody else's"
    response = browser.post(TABLET, {"mode": "on"})
    assert follow(response) == START
    assert (
        settings.SESSION_COOKIE_NAME in response.cookies and not response.cookies[settings.SESSION_COOKIE_NAME].value
    )
    assert cookie(response, settings)["max-age"] == 0
    assert follow(browser.get("/staff/")) == "/accounts/login/"
    assert "This tablet is shared" in text(browser.get(START))


def test_a_form_on_a_tablet_lives_two_minutes_after_the_last_touch(tablet, settings):
    response = tablet.post(START)
    assert cookie(response, settings)["max-age"] == SHARED_LIFE.total_seconds() == 135
    assert Draft.objects.get().expires_at <= timezone.now() + SHARED_LIFE
    pass_time(seconds=100)
    response = send(tablet, "privacy")
    assert cookie(response, settings)["max-age"] == 135
    pass_time(seconds=100)
    assert tablet.get(address("urgent")).status_code == 200
    pass_time(seconds=40)
    assert follow(tablet.get(address("urgent"))) == START
    assert "Start your form" in text(tablet.get(START))


def test_who_reads_on_a_tablet_without_typing_keeps_their_form(tablet, settings):
    tablet.post(START)
    pass_time(seconds=100)
    response = tablet.post(HERE)
    assert response.status_code == 204
    assert cookie(response, settings)["max-age"] == 135
    pass_time(seconds=100)
    assert tablet.get(address("privacy")).status_code == 200


def test_elsewhere_being_here_changes_nothing(client, draft, settings):
    before = Draft.objects.get().expires_at
    client.post(HERE)
    assert Draft.objects.get().expires_at == before
    assert Client().post(HERE).status_code == 204
    assert client.get(HERE).status_code == 405


def test_a_page_on_a_tablet_watches_the_time(tablet):
    tablet.post(START)
    response = tablet.get(address("privacy"))
    html = response.content.decode()
    assert '<noscript><meta http-equiv="refresh" content="120;url=/intake/cleared/"></noscript>' in html
    assert 'data-here="/intake/here/"' in html and 'id="clear-shared"' in html
    assert "When nobody touches it for two minutes" in text(response)
    assert "Save and finish later" not in text(response)


def test_other_devices_are_not_watched(client, draft):
    html = client.get(address("goals")).content.decode()
    assert "clear-shared" not in html and "refresh" not in html


def test_after_a_form_is_sent_on_a_tablet_the_next_patient_starts_fresh(tablet, settings):
    walk(tablet)
    response = tablet.post(CHECK)
    assert follow(response) == DONE
    assert cookie(tablet.get(DONE), settings)["max-age"] == 135
    assert follow(tablet.post(CLEAR)) == CLEARED
    assert "Please hand it back" in text(tablet.get(CLEARED))
    tablet.post(START)
    assert fields(tablet.get(address("privacy"))) == {"consent-care": []}
    assert Draft.objects.get().expires_at <= timezone.now() + SHARED_LIFE


def test_staff_end_the_mode_where_they_began_it(tablet, nurse, settings):
    tablet.force_login(nurse)
    assert "This device is in waiting-room mode now." in text(tablet.get(TABLET))
    assert follow(tablet.post(TABLET, {"mode": "off"})) == TABLET
    assert "This device is in waiting-room mode now." not in text(tablet.get(TABLET))
    tablet.post(START)
    assert Draft.objects.get().expires_at > timezone.now() + timedelta(days=13)
