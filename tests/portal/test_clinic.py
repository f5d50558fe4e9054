"""What the clinic says about itself, and where patients read it."""

import tomllib
from datetime import time
from pathlib import Path

import pytest
from django.urls import reverse

import intake
from education import starter_content
from portal.models import ClinicOpening, ClinicSettings
from tests.education.html import by_class, parse, text
from tests.factories import UserFactory

NUMBERS = {
    "phone": "+44 (0)20 7946 0000",
    "emergency_number": "999",
    "urgent_number": "111",
    "crisis_name": "Listeners",
    "crisis_phone": "116 123",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled_in():
    clinic = ClinicSettings.load()
    for name, value in NUMBERS.items():
        setattr(clinic, name, value)
    clinic.name, clinic.address = "Hill Clinic", "1 Hill Road"
    clinic.openings = [ClinicOpening(weekday=0, opens=time(9), closes=time(17))]
    clinic.save()


def calls(element):
    return {text(link): link.get("href") for link in element.iter("a") if link.get("href").startswith("tel:")}


def test_a_fresh_clinic_misses_everything():
    assert ClinicSettings.load().missing() == [
        "name of the clinic",
        "phone",
        "address",
        "emergency number",
        "urgent care line",
        "crisis line, name",
        "crisis line, number",
        "opening hours",
    ]


def test_a_filled_in_clinic_misses_nothing(filled_in):
    assert ClinicSettings.load().missing() == []


def test_the_admin_is_told_what_is_missing_and_where_to_fill_it_in(client):
    client.force_login(UserFactory(role="admin"))

    page = client.get("/cms/").content.decode()

    assert "Before the first patient comes" in page
    assert "Emergency number" in page
    assert reverse("wagtailsettings:edit", args=["portal", "clinicsettings"]) in page


def test_the_list_goes_when_nothing_is_missing(client, filled_in):
    client.force_login(UserFactory(role="admin"))

    assert "Before the first patient comes" not in client.get("/cms/").content.decode()


@pytest.mark.parametrize("role", ["editor", "reviewer"])
def test_the_clinic_is_not_an_editors_to_change(client, role):
    client.force_login(UserFactory(role=role))
    address = reverse("wagtailsettings:edit", args=["portal", "clinicsettings", ClinicSettings.load().pk])

    assert "Before the first patient comes" not in client.get("/cms/").content.decode()
    assert client.get(address).status_code == 302
    assert client.post(address, {"name": "Mine"}).status_code == 302
    assert ClinicSettings.load().name == "Example Clinic"


def test_an_admin_changes_the_clinic_and_patients_see_it(client, filled_in):
    client.force_login(UserFactory(role="admin"))
    address = reverse("wagtailsettings:edit", args=["portal", "clinicsettings", ClinicSettings.load().pk])
    form = {"name": "Lake Clinic", "address": "2 Lake Road", **NUMBERS}
    none = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}
    form |= {f"{name}-{key}": value for name in ("openings", "holidays") for key, value in none.items()}

    assert client.post(address, form).status_code == 302

    client.logout()
    page = parse(client.get("/urgent/"))
    assert "Lake Clinic" in text(by_class(page, "brand-clinic")[0])


def test_the_numbers_are_links_that_a_phone_can_call(client, filled_in):
    page = parse(client.get("/urgent/"))

    assert calls(page) == {
        "Call the clinic: +44 (0)20 7946 0000": "tel:+442079460000",
        "Call 999": "tel:999",
        "Call 111": "tel:111",
        "116 123": "tel:116123",
    }
    assert "You can talk with someone now: Listeners 116 123." in text(page)


def test_without_numbers_the_page_says_in_words_whom_to_call(client):
    page = parse(client.get("/urgent/"))

    assert calls(page) == {}
    for words in (
        "Call your local emergency number.",
        "Call your local urgent care line.",
        "Call your local emergency number or a crisis line.",
    ):
        assert words in text(page)


def test_an_articles_urgent_box_calls_the_same_numbers(client, filled_in):
    starter_content.load()

    [box] = by_class(parse(client.get("/learn/micro-needling-for-cellulite/")), "box-urgent")

    assert calls(box) == {"111": "tel:111", "999": "tel:999"}


def test_the_page_of_urgent_signs_says_that_nobody_watches(client):
    page = parse(client.get("/urgent/"))

    assert "Nobody watches this site." in text(by_class(page, "lead")[0])
    assert not by_class(page, "urgent-strip")
    assert "Awaiting clinical review" in text(page)


def test_the_page_names_every_sign_that_the_form_asks_about_under_the_same_urgency(client):
    boxes = [box for box in by_class(parse(client.get("/urgent/")), "box") if any(box.iter("ul"))]
    told = {level: text(box).lower().replace("’", "'") for level, box in zip(LEVELS, boxes, strict=True)}

    signs = tomllib.loads((Path(intake.__file__).parent / "rules" / "urgent.toml").read_text())["sign"]
    assert {sign["level"] for sign in signs} == set(LEVELS)
    for sign in signs:
        assert sign["name"].replace("’", "'") in told[sign["level"]]


LEVELS = ("emergency", "today", "soon")


def test_patients_read_where_and_when_the_clinic_is_open(client, filled_in):
    clinic = ClinicSettings.load()
    clinic.openings = [
        *(ClinicOpening(weekday=day, opens=time(9), closes=time(12, 30)) for day in range(5)),
        *(ClinicOpening(weekday=day, opens=time(14), closes=time(17)) for day in (0, 1, 3, 4)),
        ClinicOpening(weekday=5, opens=time(10), closes=time(12)),
    ]
    clinic.save()
    words = text(next(parse(client.get("/")).iter("footer")))
    assert "Hill Clinic 1 Hill Road" in words
    assert (
        "Monday to Tuesday, 09:00–12:30, 14:00–17:00 Wednesday, 09:00–12:30 "
        "Thursday to Friday, 09:00–12:30, 14:00–17:00 Saturday, 10:00–12:00" in words
    )
