"""Sample patients from the first page to the face sheet: exactly their notes, their route and their gaps."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from intake.models import Submission
from tests.factories import UserFactory, put_records_in_force
from tests.intake.answers import CHECK, DONE, follow, main, walk

ROLLER = {
    "goal": "eliminate",
    "by-when": "4-weeks",
    "considering": ["home-micro-needling"],
    "hope-home-micro-needling-change": "gone",
    "hope-home-micro-needling-lasts": "permanent",
    "hope-home-micro-needling-bruising": "none",
    "tried": ["home-roller"],
    "tried-result": "no-change",
    "roller-shared": "yes",
    "roller-products": "yes",
}
READER = {"goal": "learn", "bother": "2"}
SUBCISION = {
    "goal": "fewer-dents",
    "by-when": "6-months",
    "considering": ["manual-subcision"],
    "hope-manual-subcision-change": "clear",
    "hope-manual-subcision-lasts": "years",
    "hope-manual-subcision-bruising": "two-weeks",
    "medicines": ["blood-thinner"],
}
WEDDING = {
    "why-now": ["event"],
    "event-date": (timezone.localdate() + timedelta(days=40)).isoformat(),
    "by-when": "3-months",
    "considering": ["rf-micro-needling"],
    "hope-rf-micro-needling-change": "little",
    "hope-rf-micro-needling-lasts": "months",
    "hope-rf-micro-needling-bruising": "few-days",
    "dark-marks": "yes",
    "sun": "yes",
}
DISTRESSED = {
    "goal": "eliminate",
    "self-rating": "none",
    "why-now": ["others", "work"],
    "considering": ["weight-and-exercise", "wraps-and-heat", "creams"],
    "hope-weight-and-exercise-change": "gone",
    "hope-creams-lasts": "unsure",
    "weight-plan": "lose",
    "pregnancy": "trying",
    "bother": "10",
    "food-worry": "yes",
}
# changes, team and urgency, notes, what the patient sees of them, gaps
SAMPLES = {
    "roller believer": (
        ROLLER,
        "doctor soon",
        "E1 E3 E5 E6 E7 E10",
        "E7 E6 E1",
        "home-micro-needling-change=more home-micro-needling-lasts=more home-micro-needling-bruising=unknown",
    ),
    "careful reader": (READER, "care-team routine", "E35", "E35", ""),
    "blood thinner and subcision": (
        SUBCISION,
        "doctor soon",
        "E24",
        "E24",
        "manual-subcision-change=in-line manual-subcision-lasts=unknown manual-subcision-bruising=in-line",
    ),
    "wedding": (
        WEDDING,
        "nurse routine",
        "E4 E15 E31 E32",
        "E31 E32 E4",
        "rf-micro-needling-change=in-line rf-micro-needling-lasts=in-line rf-micro-needling-bruising=unknown",
    ),
    "one swollen leg": (
        READER | {"urgent-signs": ["one-leg"], "goal": "eliminate"},
        "clinical-lead urgent",
        "E1 E29 E35",
        "E29",
        "",
    ),
    "much distress": (
        DISTRESSED,
        "clinical-lead soon",
        "E1 E13 E16 E17 E20 E21 E22 E23 E36",
        "E1 E36 E13",
        "weight-and-exercise-change=more weight-and-exercise-lasts=unknown wraps-and-heat-change=more "
        "wraps-and-heat-lasts=more creams-change=in-line creams-lasts=unknown",
    ),
}


@pytest.fixture
def nurse(form):
    put_records_in_force()
    client = Client()
    client.force_login(UserFactory(role="nurse"))
    return client


def marked(page, name):
    return [element[name] for element in page.select(f"[{name}]")]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_patient_gets_exactly_what_the_outline_says(client, nurse, name):
    changes, place, notes, shown, gaps = SAMPLES[name]
    addresses = walk(client, changes)
    assert not [url for url in addresses for slug in changes.get("considering", ()) if slug in url]
    assert follow(client.post(CHECK)) == DONE
    assert marked(main(client.get(DONE)), "data-note") == shown.split()
    sheet = main(nurse.get(Submission.objects.get().get_absolute_url()))
    assert f"{sheet['data-team']} {sheet['data-urgency']}" == place
    assert sorted(marked(sheet, "data-note"), key=lambda code: int(code[1:])) == notes.split()
    assert marked(sheet, "data-flag") == [sign for sign in changes.get("urgent-signs", [])]
    found = [f"{row['data-gap']}={row['data-value']}" for row in sheet.select("[data-gap]")]
    assert sorted(found) == sorted(gaps.split())


def test_nothing_a_patient_sees_tells_of_a_route_a_label_or_a_score(client, nurse):
    walk(client, DISTRESSED)
    pages = [main(client.get(CHECK)).get_text(" "), main(client.post(CHECK, follow=True)).get_text(" ")]
    for words in pages:
        for secret in (
            "distress",
            "BDD",
            "dysmorph",
            "score",
            "clinical lead",
            "Clinical lead",
            "E20",
            "E22",
            "triage",
        ):
            assert secret not in words
    assert "Someone to talk to" in pages[1]
    assert not {"E20", "E21", "E22", "E23", "E16", "E17"} & set(marked(main(client.get(DONE)), "data-note"))
