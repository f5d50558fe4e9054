"""What a clumsy patient or an attacker sends: a clear message in place, 422, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from education.models import Treatment
from intake.models import Draft, Submission
from tests.intake.answers import (
    CHECK,
    STEPS,
    address,
    errors,
    fields,
    follow,
    hand_in,
    main,
    options,
    send,
    text,
    walk,
)

SOON = (timezone.localdate() + timedelta(days=30)).isoformat()
URLENCODED = "application/x-www-form-urlencoded"

LONG = {"pregnancy": "", "medicines": ["none", "immune"], "health-notes": "y" * 20_000}

WRONG = [
    ("privacy", {"consent-care": ""}, ["consent-care"]),
    ("urgent", {"urgent-signs": ["one-leg", "breathless", "none"]}, ["urgent-signs"]),
    ("about-you", {"birth-date": "4 March 1991", "visit-help": "A lift,\r\nplease"}, ["birth-date"]),
    ("about-you", {"birth-date": "2023-02-29", "appointment-date": "soon"}, ["birth-date", "appointment-date"]),
    ("about-you", {"birth-date": "1899-01-01", "appointment-date": "2199-01-01"}, ["birth-date", "appointment-date"]),
    ("about-you", {"birth-date": "0000-00-00", "full-name": ""}, ["full-name", "birth-date"]),
    ("about-you", {"contact-by": "", "visit-help": "x" * 20_000}, ["contact-by", "visit-help"]),
    ("contact", {"email": "amara at example.org"}, ["email"]),
    ("what-you-see", {"pattern": "", "areas": ["tummy", "other"]}, ["pattern"]),
    ("goals", {"goal-own-words": "🦵 Κυτταρίτιδα <b>\"x\"</b> & 'y' " * 50, "goal": ""}, ["goal-own-words", "goal"]),
    ("goals", {"goal-own-words": "first\n\n\n   last", "why-now": []}, ["why-now"]),
    ("treatments", {"considering": ["creams", "massage", "other", "aveli"]}, ["considering"]),
    ("treatments", {"considering": ["none-yet", "creams"]}, ["considering"]),
    ("tried", {"tried": ["nothing", "creams"]}, ["tried"]),
    ("health", LONG, ["pregnancy", "medicines", "health-notes"]),
    ("health", {"weight-plan": "", "conditions": []}, ["conditions", "weight-plan"]),
    ("feelings", {"bother": "11", "avoids": "often"}, ["bother"]),
    ("feelings", {"bother": "a lot"}, ["bother"]),
    ("questions", {"own-question": "?" * 501, "top-questions": ["risks"]}, ["own-question"]),
]


@pytest.mark.parametrize(("name", "changes", "wrong"), WRONG)
def test_a_mistake_is_shown_with_everything_as_it_was_typed(client, draft, name, changes, wrong):
    response = send(client, name, changes)
    assert response.status_code == 422
    assert response.content.decode().partition("<title>")[2].startswith("Error:")
    assert list(errors(response)) == wrong
    for link_id in wrong:
        assert errors(response)[link_id] in main(response).find(id=f"{link_id}-error").get_text()
    typed = as_typed(STEPS[name] | changes)
    assert as_typed(fields(response)) == typed
    assert as_typed(fields(client.get(address(name)))) == typed
    assert follow(client.get(CHECK)) == address(name)
    assert follow(client.post(CHECK)) == address(name)
    assert not Submission.objects.exists()


def as_typed(given):
    """Values as sets, line breaks as the patient sees them, and without what was left open."""
    found = {name: {value} if isinstance(value, str) else set(value) for name, value in given.items()}
    return {name: {v.replace("\r\n", "\n") for v in values} for name, values in found.items() if values - {""}}


def test_a_mistake_costs_only_the_wrong_answer(client, draft):
    send(client, "about-you", {"birth-date": "soon", "full-name": "Amara Bell"})
    answers = Draft.objects.get().answers
    assert answers["full-name"] == "Amara Bell"
    assert "birth-date" not in answers
    send(client, "about-you")
    assert Draft.objects.get().typed == {}


HOSTILE = "<script>alert(1)</script></textarea><img src=x onerror=alert(2)>{{ 7|add:7 }}{% debug %}\"'&amp;"


def test_hostile_text_is_only_text(client, draft):
    for response in (
        send(client, "goals", {"goal-own-words": HOSTILE, "goal": ""}),
        client.get(address("goals")),
    ):
        assert fields(response)["goal-own-words"] == [HOSTILE]
        assert not main(response).select("script, img")
    send(client, "goals", {"goal-own-words": HOSTILE})
    send(client, "about-you", {"full-name": HOSTILE})
    page = main(client.get(CHECK))
    assert not page.select("script, img")
    assert page.blockquote.get_text(strip=True) == HOSTILE
    assert hand_in(client).full_name == HOSTILE


@pytest.mark.parametrize(
    "words",
    [
        "עברית ואז English",
        "\u202eright to left",
        "ก็ น้ำ",
        "Z\u0335\u0321a\u0322l\u0327g\u0328o\u0336",
        "👩🏽‍⚕️🏳️‍🌈",
        "𝔘𝔫𝔦\U0010ffff",
        "\ufeffa\u200bb",
    ],
)
def test_every_script_comes_through_unchanged(client, draft, words):
    send(client, "goals", {"goal-own-words": words})
    assert words in main(client.get(CHECK)).blockquote.get_text()
    assert fields(client.get(address("goals")))["goal-own-words"] == [words]
    assert hand_in(client).answers["goal-own-words"] == words


def test_a_nul_is_refused_and_the_rest_is_kept(client, draft):
    response = send(client, "about-you", {"full-name": "Amara\x00", "visit-help": "A lift"})
    assert errors(response) == {"full-name": "This holds a sign that we can't keep. Please type it again."}
    assert fields(response)["visit-help"] == ["A lift"]


@pytest.mark.parametrize("raw", [b"\xed\xa0\x80", b"%ED%A0%80", b"%ff%fe", b"%", b"%zz"])
def test_bytes_that_are_no_text_do_no_harm(client, draft, raw):
    response = client.generic("POST", address("about-you"), b"birth-date=x&full-name=A" + raw, URLENCODED)
    assert response.status_code == 422
    assert fields(response)["full-name"][0].startswith("A")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"full-name": "Amara"}'),
        ("text/plain", b"full-name=Amara"),
        ("multipart/form-data; boundary=x", b"no parts"),
        (URLENCODED, b""),
    ],
)
def test_a_body_of_another_kind_is_an_empty_form(client, draft, content_type, body):
    response = client.generic("POST", address("about-you"), body, content_type)
    assert response.status_code in (400, 422)


def test_forged_fields_reach_nothing(client, draft):
    forged = {
        "status": "closed",
        "team": "nurse",
        "reference": "AAA-AAA",
        "key": "x",
        "answers": "{}",
        "email": "eve@x.org",
    }
    assert follow(send(client, "goals", forged)) == CHECK
    assert follow(client.post(CHECK, forged | STEPS["about-you"] | {"full-name": "Eve"}))
    submission = Submission.objects.get()
    assert (submission.status, submission.team, submission.email) == ("new", "care-team", "amara@example.org")
    assert submission.full_name == "Amara Nwosu"
    assert set(submission.answers) <= {name for step in STEPS.values() for name in step}


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("1899-12-31", "has passed"),
        ("2199-01-01", "too far away"),
        ("2027-02-29", "like 1991-03-04"),
        ("tomorrow", "like 1991-03-04"),
        ("", "Enter"),
    ],
)
def test_a_special_day_has_to_be_ahead(client, form, day, says):
    walk(client, {"why-now": ["event"], "event-date": SOON})
    response = client.post(address("event"), {"event-date": day})
    assert response.status_code == 422
    assert says in errors(response)["event-date"]
    assert fields(response)["event-date"] == [day]


def test_a_forged_hope_is_refused_in_place_and_hopes_of_others_change_nothing(client, form):
    walk(client, {"considering": ["cellfina"]})
    forged = {"hope-cellfina-change": "miracle", "hope-cellfina-lasts": "years", "hope-cellfina-bruising": "none"}
    response = client.post(address("hope-1"), forged | {"hope-creams-change": "gone", "hope-x-change": "gone"})
    assert response.status_code == 422
    assert list(errors(response)) == ["hope-cellfina-change"]
    client.post(address("hope-1"), forged | {"hope-cellfina-change": "clear"})
    assert "hope-creams-change" not in hand_in(client).answers


def test_a_forged_code_is_refused_in_place(client, draft):
    response = send(client, "goals", {"goal": "'; DROP TABLE intake_draft; --", "why-now": ["myself", "admin"]})
    assert response.status_code == 422
    assert errors(response) == dict.fromkeys(
        ["goal", "why-now"], "Choose from the answers shown. One that you sent is not offered here, or not any more."
    )
    assert fields(response)["why-now"] == ["myself"]


def test_a_file_in_place_of_an_answer_is_no_answer(client, draft, tmp_path):
    upload = tmp_path / "name.txt"
    upload.write_text("Amara")
    with upload.open("rb") as file:
        response = send(client, "about-you", {"full-name": file})
    assert list(errors(response)) == ["full-name"]


@pytest.fixture
def withdrawn(db):
    return Treatment.objects.create(slug="aveli", name="Aveli", summary="x", certainty="low", state="withdrawn")


@pytest.mark.parametrize("slug", ["collagenase", "aveli"])
def test_a_withdrawn_treatment_is_not_offered_and_refused(client, draft, withdrawn, slug):
    assert slug not in options(client.get(address("treatments")), "considering")
    response = send(client, "treatments", {"considering": [slug, "creams"]})
    assert response.status_code == 422
    assert "not offered here, or not any more" in errors(response)["considering"]
    assert fields(response)["considering"] == ["creams"]
    assert slug not in options(response, "considering")


def test_cookies_off_is_told_and_nothing_is_stored(form):
    browser = Client(enforce_csrf_checks=True)
    response = browser.post(address("about-you"), STEPS["about-you"])
    assert response.status_code == 403
    assert "allow cookies" in text(response)
    assert not Draft.objects.exists()


def test_a_flood_of_fields_is_refused(client, draft):
    body = b"&".join(b"considering=x%d" % number for number in range(10_001))
    assert client.generic("POST", address("treatments"), body, URLENCODED).status_code == 400
    body = b"full-name=" + b"x" * 3_000_000
    assert client.generic("POST", address("about-you"), body, URLENCODED).status_code == 400
    assert Draft.objects.get().answers == draft.answers
