"""The check page before a form is handed in, and the confirmation after it."""

import pytest
from django.test import Client
from django.utils import timezone

from education.models import ArticlePage
from intake.models import Draft, Status, Submission, compiled
from portal.models import ClinicSettings
from tests.factories import complete_answers
from tests.intake.answers import (
    ADVICE,
    CHECK,
    DONE,
    START,
    STEPS,
    address,
    follow,
    hand_in,
    main,
    own_form,
    send,
    text,
    walk,
)
from tests.snapshot import load_starter_content


def test_the_check_page_shows_each_answer_under_its_step(client, form):
    walk(client)
    page = main(client.get(CHECK))
    sections = page.select("section.answers")
    assert [section.h2.get_text() for section in sections] == [compiled(form.pk).step(name).title for name in STEPS]
    about_you = sections[list(STEPS).index("about-you")]
    rows = [row.select_one(".val").get_text(strip=True) for row in about_you.select("dl > div")]
    assert rows == ["Amara Nwosu", "14 March 1985", "E-mail", "Not given", "Not given"]


def test_each_change_link_names_its_question_and_leads_to_it(client, form):
    walk(client)
    pages = {}
    for row in main(client.get(CHECK)).select("dl > div"):
        link = row.select_one(".act a")
        assert link.select_one(".visually-hidden").get_text().strip() == row.dt.get_text()
        url, _, target = link["href"].partition("#")
        page = pages.setdefault(url, main(client.get(url)))
        assert page.find(id=target)


def test_the_check_page_shows_what_the_clinician_will_see(client, draft):
    assert "You left this open." in text(client.get(CHECK))
    send(client, "goals", {"goal-own-words": "Shorts,\nno tights"})
    quote = main(client.get(CHECK)).select_one("blockquote")
    assert quote.get_text("\n", strip=True) == "Shorts,\nno tights"


def test_the_check_page_sends_to_itself(client, draft):
    button = own_form(client.get(CHECK)).find("button", type="submit")
    assert button.get_text(strip=True) == "Send to my care team"


def test_sent_twice_is_sent_once(client, draft):
    first = hand_in(client)
    for _again in range(3):
        assert follow(client.post(CHECK)) == DONE
    assert Submission.objects.get() == first
    assert first.reference in text(client.get(DONE))


def test_after_submit_every_page_of_the_form_leads_to_the_confirmation(client, draft):
    hand_in(client)
    for url in (*map(address, STEPS), CHECK, ADVICE):
        assert follow(client.get(url)) == DONE
    for name in STEPS:
        assert follow(send(client, name)) == DONE
    assert not Draft.objects.exists()
    assert Submission.objects.get().answers == {name: value for name, value in complete_answers().items() if value}


def test_a_new_form_leaves_the_old_one_alone(client, draft):
    old = hand_in(client)
    before = Submission.objects.filter(pk=old.pk).values().get()
    assert "Start a new form" in text(client.get(START))
    assert client.get(START).context["draft"] is None
    walk(client, {"full-name": "Amara Nwosu-Bell"})
    new = hand_in(client)
    assert new.reference != old.reference
    assert new.reference in text(client.get(DONE))
    assert old.reference not in text(client.get(DONE))
    assert Submission.objects.filter(pk=old.pk).values().get() == before


def test_the_done_page_says_what_happens_next_but_not_who_decides(client, draft):
    submission = hand_in(client)
    page = main(client.get(DONE))
    words = page.get_text(" ")
    assert "What happens next" in words
    assert f"{timezone.localtime(submission.due_at).day} " in words
    for secret in ("clinical lead", "Clinical lead", "doctor", "nurse", "routine", "urgency", "No other rule"):
        assert secret not in words


@pytest.mark.parametrize(
    ("status", "place", "mark"),
    [
        (Status.NEW, 0, "is-done"),
        (Status.IN_REVIEW, 1, "is-now"),
        (Status.READY, 2, "is-done"),
        (Status.CLOSED, 2, "is-done"),
    ],
)
def test_the_done_page_shows_where_the_form_is(client, draft, status, place, mark):
    hand_in(client)
    Submission.objects.update(status=status)
    assert mark in main(client.get(DONE)).select(".track > li")[place]["class"]


def test_at_most_three_notes_in_the_order_of_their_rank(client, draft):
    changes = {"goal": "eliminate", "by-when": "4-weeks", "visits-ok": "one"}
    send(client, "goals", changes)
    send(client, "what-you-see", {"pattern": "waves"})
    submission = hand_in(client)
    assert [note.code for note in submission.notes.all()] == ["E1", "E3", "E2", "E9"]
    assert [note["data-note"] for note in main(client.get(DONE)).select("[data-note]")] == ["E1", "E3", "E2"]


def test_the_clinician_sees_the_questions_as_given(client, draft):
    send(client, "questions", {"top-questions": ["risks", "photos"], "own-question": "May I bring\nmy sister?"})
    box = main(client.get(CHECK)).select_one(".clin-view")
    asked = [item.get_text("\n", strip=True) for item in box.select("li")]
    assert asked[-1] == "May I bring\nmy sister?"
    assert len(asked) == 3 and all(question.endswith("?") for question in asked)
    assert "They may raise other points" in box.get_text()


def test_without_a_question_the_check_page_says_so(client, draft):
    assert "You have noted no question." in text(client.get(CHECK))


@pytest.fixture
def articles(db):
    load_starter_content()


def read(client):
    """The articles of the done page with their reasons."""
    rows = main(client.get(DONE)).select(".read-list li")
    return {row.a["href"].split("/")[-2]: row.p.get_text() for row in rows}


def test_one_to_three_articles_each_with_its_reason(client, articles):
    walk(client, {"goal": "stretch-marks", "by-when": "4-weeks", "considering": ["clinic-micro-needling"]})
    hand_in(client)
    picked = read(client)
    assert 1 <= len(picked) <= 3
    assert all(reason.startswith("Because ") for reason in picked.values())
    assert "micro-needling-for-cellulite" in picked


def test_an_article_that_is_not_published_is_not_picked(client, articles):
    walk(client)
    hand_in(client)
    before = read(client)
    ArticlePage.objects.get(slug=next(iter(before))).unpublish()
    after = read(client)
    assert next(iter(before)) not in after
    assert main(client.get(DONE)).select("a[href='/learn/']") or after


def test_no_article_tells_of_a_hidden_answer(client, articles):
    hidden = {"bother": "10", "avoids": "often", "pregnancy": "pregnant", "medicines": ["isotretinoin"]}
    plain, other = Client(), Client()
    walk(plain)
    walk(other, hidden)
    for browser in (plain, other):
        follow(browser.post(CHECK))
    assert read(plain) == read(other)


def test_with_an_urgent_sign_nothing_to_read_distracts(client, articles):
    walk(client, {"urgent-signs": ["breathless"]})
    hand_in(client)
    assert read(client) == {}


def test_support_is_shown_after_distress_and_beside_the_hard_questions(client, draft):
    clinic = ClinicSettings.load()
    clinic.crisis_name, clinic.crisis_phone = "Example Line", "555 0199"
    clinic.save()
    for name in ("feelings", "goals"):
        page = main(client.get(address(name)))
        assert bool(page.find("a", href="tel:5550199")) == (name == "feelings")
    send(client, "feelings", {"bother": "8"})
    hand_in(client)
    assert main(client.get(DONE)).find("a", href="tel:5550199")


def test_support_has_something_to_read_where_it_is_published(client, articles):
    walk(client, {"avoids": "often"})
    for page in (main(client.get(address("feelings"))), main(client.post(CHECK, follow=True))):
        box = page.find("section", attrs={"aria-labelledby": "support"})
        assert box.find("a", href="/learn/body-image-and-cellulite/")
    ArticlePage.objects.get(slug="body-image-and-cellulite").unpublish()
    assert "To read, whenever you like" not in text(client.get(DONE))


def test_no_support_is_pressed_on_others(client, draft):
    send(client, "feelings", {"bother": "7", "food-worry": "no"})
    hand_in(client)
    assert "Someone to talk to" not in text(client.get(DONE))


def test_several_answers_stand_on_a_line_each(client, draft):
    send(client, "what-you-see", {"areas": ["back-thighs", "buttocks"]})
    rows = main(client.get(CHECK)).select("section.answers dl > div")
    [row] = [row for row in rows if "Where do you see" in row.dt.get_text()]
    assert list(row.select_one(".val").stripped_strings) == ["Backs of the thighs", "Buttocks"]
