"""What readers say about a page: how they are asked, what is kept of it, and what is not."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.html import escape
from wagtail.models import PageViewRestriction

from education.models import ArticlePage, Feedback, Treatment
from tests.education.html import by_class, parse, text

ARTICLE, RECORD = "/learn/what-is-micro-needling/", "/treatments/creams/"
FORM, THANKS = f"/clear{ARTICLE}", f"/clear{ARTICLE}thanks/"
SAID = "Was bedeutet „Kollagen“ hier?"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


def page(response):
    return text(parse(response))


def told(response):
    """What the error summary says."""
    [summary] = by_class(parse(response), "error-summary")
    return [text(item) for item in summary.iter("li")]


def typed(response):
    tree = parse(response)
    [area] = tree.iter("textarea")
    chosen = [one.get("value") for one in tree.iter("input") if "checked" in one.attrib]
    return area.text or "", chosen


@pytest.mark.parametrize("address", [ARTICLE, RECORD])
def test_a_page_asks_with_a_link_and_stays_the_same_for_everybody(client, address):
    response = client.get(address)

    links = [link.get("href") for link in parse(response).iter("a") if "Was this page clear?" in text(link)]
    assert links == [f"/clear{address}"]
    assert "csrfmiddlewaretoken" not in response.text
    assert not response.cookies


@pytest.mark.parametrize(
    ("address", "title"),
    [
        (ARTICLE, "What is micro-needling?"),
        (RECORD, "Creams with caffeine or retinol"),
        ("/privacy/", "Privacy"),
    ],
)
def test_the_question_names_its_page_and_sets_no_cookie_but_the_forms_own(client, address, title):
    response = client.get(f"/clear{address}")

    assert response.status_code == 200
    assert title in page(response)
    assert "Please write nothing about your health: editors read this, not your care team." in page(response)
    assert set(response.cookies) == {settings.CSRF_COOKIE_NAME}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("form", ["/clear/", "/clear/learn/", "/clear/no-such-page/", "/clear/treatments/nothing/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_what_patients_read_can_be_asked_about(client, form, method):
    assert getattr(client, method)(form, {"clear": "no"}).status_code == 404
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    "path", ["staff/", "cms/", "intake/", "treatments/", "learn/%00/", "learn/../privacy/", "a" * 300 + "/"]
)
def test_nothing_else_is_a_page(client, path):
    assert client.get(f"/clear/{path}").status_code == 404
    assert client.get(f"/clear/{path}thanks/").status_code == 404


def test_what_is_not_public_is_not_asked_about(client):
    Treatment.objects.filter(slug="creams").update(live=False)
    article = ArticlePage.objects.get(slug="what-is-micro-needling")
    PageViewRestriction.objects.create(page=article, restriction_type=PageViewRestriction.LOGIN)

    for address in (FORM, THANKS, f"/clear{RECORD}"):
        assert client.get(address).status_code == 404


def test_an_answer_is_kept_with_its_page_and_the_day_and_nothing_else(client):
    response = client.post(FORM, {"clear": "partly", "text": SAID, "name": "Zsófia"})

    assert (response.status_code, response["Location"]) == (302, THANKS)
    kept = Feedback.objects.values().get()
    kept.pop("id")
    assert kept == {"path": ARTICLE, "clear": "partly", "text": SAID, "received": timezone.localdate(), "seen": False}


def test_the_words_are_encrypted_in_the_database(client):
    client.post(FORM, {"clear": "no", "text": SAID})

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM education_feedback")
        assert "Kollagen" not in str(cursor.fetchall())


def test_the_words_may_be_left_out(client):
    assert client.post(FORM, {"clear": "yes"}).status_code == 302
    assert Feedback.objects.get().text == ""


def test_the_thanks_lead_back_and_set_no_cookie(client):
    response = client.get(THANKS)

    [back] = [link for link in parse(response).iter("a") if "Back to" in text(link)]
    assert back.get("href") == ARTICLE
    assert "Nobody at the clinic answers it." in page(response)
    assert not response.cookies


@pytest.mark.parametrize("clear", [{}, {"clear": ""}, {"clear": "maybe"}])
def test_an_answer_without_a_choice_is_asked_for_again_and_nothing_typed_is_lost(client, clear):
    response = client.post(FORM, clear | {"text": SAID})

    assert response.status_code == 422
    assert told(response) == ["Choose yes, partly or no"]
    assert typed(response) == (SAID, [])
    assert not Feedback.objects.exists()


def test_words_that_are_too_many_are_counted_and_kept_on_the_page(client):
    response = client.post(FORM, {"clear": "no", "text": "x" * 1001})

    assert response.status_code == 422
    assert told(response) == ["Write at most 1000 letters. You have written 1001."]
    assert typed(response) == ("x" * 1001, ["no"])
    assert not Feedback.objects.exists()


def test_a_sign_that_nothing_can_keep_is_refused_in_words(client):
    response = client.post(FORM, {"clear": "no", "text": "a\0b"})

    assert response.status_code == 422
    assert escape("This holds a sign that we can't keep.") in response.text
    assert not Feedback.objects.exists()


def test_a_line_break_counts_as_one_letter(client):
    assert client.post(FORM, {"clear": "no", "text": "\r\n".join("x" * 500) + "\r\n"}).status_code == 302
    assert Feedback.objects.get().text == "\n".join("x" * 500)


def test_words_are_shown_as_they_were_typed(client):
    response = client.post(FORM, {"text": "</textarea><script>alert(1)</script>"})

    assert typed(response) == ("</textarea><script>alert(1)</script>", [])


def test_many_answers_from_one_address_are_stopped_and_the_last_stays_on_the_page(client):
    for _answer in range(20):
        assert client.post(FORM, {"text": "no choice"}).status_code == 422
        assert client.post(FORM, {"clear": "no"}).status_code == 302

    response = client.post(f"/clear{RECORD}", {"clear": "partly", "text": SAID})

    assert response.status_code == 429
    assert response["Retry-After"] == "3600"
    assert "What you wrote is still on this page." in page(response)
    assert typed(response) == (SAID, ["partly"])
    assert Feedback.objects.count() == 20
    assert client.get(FORM).status_code == 200
    assert client.post(FORM, {"clear": "no"}, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_asking_and_answering_cost_few_queries(client, django_assert_max_num_queries):
    client.get(FORM)
    with django_assert_max_num_queries(3):
        client.get(FORM)
    with django_assert_max_num_queries(4):
        client.post(FORM, {"clear": "no", "text": SAID})


def test_search_engines_are_asked_to_stay_away(client):
    assert "Disallow: /clear/\n" in client.get("/robots.txt").text


@pytest.mark.parametrize(("days", "past"), [(-1, True), (0, False), (1, False)])
@pytest.mark.parametrize("address", [ARTICLE, RECORD])
def test_a_page_past_its_review_date_says_so(client, address, days, past):
    due = timezone.localdate() + timedelta(days=days)
    ArticlePage.objects.update(next_review=due)
    Treatment.objects.update(next_review=due)

    said = "This page is past its review date. Facts may have changed." in page(client.get(address))

    assert said is past


def test_a_page_without_a_review_date_says_nothing_about_it(client):
    assert "past its review date" not in page(client.get(ARTICLE))
