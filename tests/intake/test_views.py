"""The patient's way through the form: what a browser is shown, and what is kept."""

import copy
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from intake.actions import key_of
from intake.models import Draft, Submission, compiled
from tests.factories import FORM, VersionFactory
from tests.intake.answers import (
    ADVICE,
    ANSWERS,
    CHECK,
    DELETE,
    DONE,
    START,
    STEPS,
    STOP,
    address,
    answer,
    errors,
    fields,
    follow,
    hand_in,
    main,
    own_form,
    send,
    text,
    walk,
)
from tests.intake.conftest import TOKEN

EVENT = (timezone.localdate() + timedelta(days=30)).isoformat()
PAGES = [START, *map(address, STEPS), ADVICE, CHECK, DONE, STOP]


def begin(client):
    client.post(START)
    return Draft.objects.get()


def stored():
    """The one Draft as it is in the database."""
    return Draft.objects.get()


def with_party(version):
    """The form as it may be published next: with one more step, which only some patients see."""
    resource = json.loads(FORM.read_text(encoding="utf-8"))
    step = copy.deepcopy(next(item for item in resource["item"] if item["linkId"] == "step-event"))
    question = next(item for item in step["item"] if item["type"] == "date")
    question["linkId"] = "party-date"
    step |= {"linkId": "step-party", "text": "Your party", "item": [question]}
    resource |= {"version": version, "item": [*resource["item"], step]}
    return VersionFactory(resource=resource)


@pytest.mark.parametrize("by", ["email", "phone", "text"])
def test_a_patient_answers_by_link_id_and_hands_in(client, form, by):
    assert walk(client, {"contact-by": by}) == [address(name) for name in STEPS]
    assert "Check your answers" in text(client.get(CHECK))
    assert follow(client.post(CHECK)) == DONE
    submission = Submission.objects.get()
    asked = "email" if by == "email" else "phone"
    on_path = {name: value for fields in STEPS.values() for name, value in fields.items()}
    given = {name: value for name, value in (on_path | {"contact-by": by, "consent-care": True}).items() if value}
    if by != "email":
        given["phone"] = given.pop("email") and ANSWERS["phone"]
    assert submission.answers == given
    assert getattr(submission, asked) == ANSWERS[asked]
    assert main(client.get(DONE)).select_one("[data-reference]")["data-reference"] == submission.reference
    assert not Draft.objects.exists()


def test_each_step_asks_one_topic_and_says_where_it_stands(client, form):
    begin(client)
    for place, name in enumerate(STEPS, 1):
        page = main(client.get(address(name)))
        assert f"Step {place} of " in page.get_text()
        assert page.h1.get_text() == compiled(form.pk).step(name).title
        assert own_form(client.get(address(name))).find("button", type="submit").get_text() == "Continue"
        follow(send(client, name))


def test_back_leads_step_by_step_to_the_start(client, draft):
    url, seen = CHECK, []
    while url != START:
        url = main(client.get(url)).select_one(".back-link")["href"]
        seen.append(url)
    assert seen == [*map(address, reversed(STEPS)), START]


def test_a_step_shows_the_answers_given_before(client, form):
    walk(client)
    for name, given in STEPS.items():
        shown = fields(client.get(address(name)))
        assert shown == {link_id: value if isinstance(value, list) else [value] for link_id, value in given.items()}


def test_start_pressed_again_goes_on_with_the_same_draft(client, form):
    draft = begin(client)
    send(client, "privacy")
    assert follow(client.post(START)) == address("urgent")
    assert stored().pk == draft.pk
    page = main(client.get(START))
    assert page.select_one("a.btn-primary")["href"] == address("urgent")
    assert "You have started a form on this device" in page.get_text()


def test_a_step_out_of_order_leads_to_the_first_that_is_open(client, form):
    begin(client)
    for name in (*list(STEPS)[1:], "check"):
        assert follow(client.get(address(name))) == address("privacy")
    assert follow(client.get(ADVICE)) == address("privacy")
    assert follow(client.get(DONE)) == START


def test_answers_sent_out_of_order_are_kept_and_wait(client, form):
    begin(client)
    assert follow(send(client, "treatments", {"considering": ["creams"]})) == address("privacy")
    assert stored().answers["considering"] == ["creams"]
    assert follow(client.post(CHECK)) == address("privacy")
    assert not Submission.objects.exists()


@pytest.mark.parametrize("visitor", ["nobody", "draft"])
def test_a_step_that_the_form_does_not_have_is_not_found(client, form, visitor):
    if visitor == "draft":
        begin(client)
    for name in ("nonsense", "start", "hope-0", "hope-4", "hope-creams", "step-privacy", "privacy0"):
        assert client.get(address(name)).status_code == 404
        assert client.post(address(name), {"full-name": "Amara"}).status_code == 404
    assert Draft.objects.count() == (visitor == "draft")


def test_the_form_may_change_while_a_patient_fills_it_in(client, form, settings):
    begin(client)
    new = with_party("9")
    event = {"why-now": ["event"], "event-date": EVENT}
    assert walk_on(client, event) == CHECK
    assert stored().version == form
    other = Client()
    assert walk(other, event | {"party-date": EVENT})[-1] == address("party")
    assert Draft.objects.get(version=new).answers["party-date"] == EVENT


def walk_on(client, changes=()):
    """Answers what is still open and returns where that ends."""
    url = follow(client.post(START))
    while url != CHECK:
        url = follow(answer(client, url, changes))
    return url


def test_a_change_returns_to_the_check_page(client, draft):
    link = main(client.get(CHECK)).find("a", href=lambda href: href.endswith("#goal_0"))
    url = link["href"].partition("#")[0]
    assert main(client.get(url)).select_one(".back-link")["href"] == CHECK
    assert follow(client.post(url, STEPS["goals"] | {"goal": "firmer"})) == CHECK
    assert "firmer" == stored().answers["goal"]


def test_a_change_returns_to_the_check_page_also_after_an_error(client, draft):
    response = send(client, "goals", {"goal": ""}, "?from=check")
    assert response.status_code == 422
    assert list(errors(response)) == ["goal"]
    assert main(response).select_one(".back-link")["href"] == CHECK
    again = own_form(response)["action"]
    assert again.endswith("?from=check")
    assert follow(client.post(again, STEPS["goals"] | {"goal": "firmer"})) == CHECK


def test_a_change_that_opens_a_question_asks_it_first(client, draft):
    assert follow(send(client, "about-you", {"contact-by": "phone"}, "?from=check")) == address("contact")
    assert follow(client.get(CHECK)) == address("contact")
    assert follow(client.post(CHECK)) == address("contact")
    response = client.get(address("contact"))
    assert list(fields(response)) == ["phone"]
    assert follow(answer(client, address("contact"))) == CHECK
    assert hand_in(client).email is None


def test_a_branch_switched_back_gets_its_answer_back(client, draft):
    send(client, "about-you", {"contact-by": "text"})
    answer(client, address("contact"))
    assert follow(send(client, "about-you", {"contact-by": "email"})) == CHECK
    assert fields(client.get(address("contact"))) == {"email": ["amara@example.org"]}
    submission = hand_in(client)
    assert submission.email == "amara@example.org"
    assert submission.phone is None
    assert "phone" not in submission.answers


def test_nothing_off_the_path_is_shown_or_handed_in(client, draft):
    send(client, "about-you", {"contact-by": "phone"})
    answer(client, address("contact"))
    assert "amara@example.org" not in text(client.get(CHECK))
    assert stored().answers["email"] == "amara@example.org"
    submission = hand_in(client)
    assert "email" not in submission.answers
    assert submission.email is None


def test_two_tabs_on_different_branches_lose_nothing(client, draft):
    send(client, "about-you", {"contact-by": "phone"})
    response = client.post(address("contact"), {"email": "other@example.org"})
    assert response.status_code == 422
    assert list(errors(response)) == ["phone"]
    assert follow(answer(client, address("contact"))) == CHECK
    send(client, "about-you", {"contact-by": "email"})
    assert fields(client.get(address("contact"))) == {"email": ["other@example.org"]}


def test_a_step_that_another_tab_took_off_the_path_keeps_what_was_typed(client, form):
    later = (timezone.localdate() + timedelta(days=40)).isoformat()
    walk(client, {"why-now": ["event"], "event-date": EVENT})
    send(client, "goals", {"why-now": ["myself"]})
    assert follow(client.post(address("event"), {"event-date": later})) == CHECK
    assert follow(client.get(address("event"))) == CHECK
    assert follow(send(client, "goals", {"why-now": ["event"]})) == address("event")
    assert fields(client.get(address("event"))) == {"event-date": [later]}


def hoped(slug, **changes):
    hope = {"change": "little", "lasts": "months", "bruising": "two-weeks"} | changes
    return {f"hope-{slug}-{dimension}": code for dimension, code in hope.items()}


def test_a_hope_typed_in_one_tab_survives_another_treatment_chosen_in_a_second(client, form):
    walk(client, {"considering": ["cellfina"]} | hoped("cellfina"))
    assert follow(send(client, "treatments", {"considering": ["aveli"]})) == address("hope-1")
    # The first tab still shows Cellfina at this address.
    response = client.post(address("hope-1"), hoped("cellfina", change="gone"))
    assert follow(response) == address("hope-1")
    assert fields(client.get(address("hope-1"))) == {name: [] for name in hoped("aveli")}
    assert stored().answers["considering"] == ["aveli"]
    assert follow(send(client, "treatments", {"considering": ["cellfina", "aveli"]})) == address("hope-1")
    assert fields(client.get(address("hope-1")))["hope-cellfina-change"] == ["gone"]


def test_a_hope_goes_to_its_treatment_also_when_its_place_has_moved(client, form):
    walk(client, {"considering": ["creams"]})
    assert follow(send(client, "treatments", {"considering": ["creams", "aveli"]})) == address("hope-1")
    lasting = {"hope-creams-change": "clear", "hope-creams-lasts": "years"}
    assert follow(client.post(address("hope-1"), lasting)) == address("hope-1")
    assert stored().answers["hope-creams-lasts"] == "years"
    wrong = client.post(address("hope-1"), lasting | {"hope-creams-change": "wonders"})
    assert wrong.status_code == 422
    assert list(errors(wrong)) == ["hope-creams-change"]


def test_a_hope_page_sent_empty_asks_for_what_it_shows(client, form):
    walk(client, {"considering": ["creams"]})
    assert list(errors(client.post(address("hope-1"), {}))) == ["hope-creams-change", "hope-creams-lasts"]
    assert follow(client.post(address("hope-3"), {})) == address("hope-1")


def test_hopes_sent_to_a_step_that_is_not_there_yet_are_kept(client, form):
    begin(client)
    assert follow(client.post(address("hope-2"), hoped("massage", change="gone"))) == address("privacy")
    while (url := follow(client.post(START))) != address("hope-1"):
        answer(client, url, {"considering": ["massage"]})
    assert fields(client.get(url)) == {"hope-massage-change": ["gone"], "hope-massage-lasts": ["months"]}


def test_a_post_without_a_draft_begins_one_with_what_was_typed(client, form):
    response = send(client, "about-you")
    assert follow(response) == address("privacy")
    assert stored().answers["full-name"] == "Amara Nwosu"
    assert follow(send(client, "privacy")) == address("urgent")


def test_a_wrong_post_without_a_draft_begins_one_too(client, form):
    response = send(client, "about-you", {"birth-date": "soon"})
    assert response.status_code == 422
    assert fields(response)["birth-date"] == ["soon"]
    assert follow(client.get(address("about-you"))) == address("privacy")
    for name in ("privacy", "urgent"):
        send(client, name)
    assert fields(client.get(address("about-you"))) == fields(response)


def test_a_post_after_the_two_weeks_begins_anew(client, draft, settings):
    Draft.objects.update(expires_at=timezone.now())
    assert follow(client.get(address("goals"))) == START
    assert follow(client.post(CHECK)) == START
    assert follow(send(client, "goals")) == address("privacy")
    assert client.cookies[settings.DRAFT_COOKIE_NAME].value != TOKEN
    assert stored().pk != draft.pk
    assert set(stored().answers) == set(STEPS["goals"])
    assert not Submission.objects.exists()


def test_every_answer_gives_two_more_weeks(client, draft, settings):
    Draft.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    response = send(client, "goals")
    assert stored().expires_at > timezone.now() + timedelta(days=13, hours=23)
    assert response.cookies[settings.DRAFT_COOKIE_NAME]["max-age"] == 14 * 24 * 60 * 60


def test_delete_my_answers_deletes_them_and_the_cookie(client, draft, settings):
    form = main(client.get(address("goals"))).find("form", action=DELETE)
    assert form["method"] == "post"
    response = client.post(form["action"])
    assert follow(response) == START
    assert response.cookies[settings.DRAFT_COOKIE_NAME]["max-age"] == 0
    assert not Draft.objects.exists()
    client.cookies[settings.DRAFT_COOKIE_NAME] = TOKEN
    assert follow(client.get(CHECK)) == START


def test_another_tab_after_delete_loses_nothing(client, draft):
    client.post(DELETE)
    assert follow(send(client, "goals")) == address("privacy")
    assert stored().answers["goal-own-words"] == STEPS["goals"]["goal-own-words"]


def test_delete_needs_a_post_and_nothing_to_delete_is_fine(client, form):
    assert client.get(DELETE).status_code == 405
    assert follow(client.post(DELETE)) == START


def test_the_cookie_of_a_draft_is_for_this_browser_and_two_weeks(client, form, settings):
    cookie = client.post(START).cookies[settings.DRAFT_COOKIE_NAME]
    assert cookie["httponly"] and not cookie["secure"] and not cookie["domain"]
    assert (cookie["samesite"], cookie["path"], cookie["max-age"]) == ("Lax", "/", 14 * 24 * 60 * 60)
    assert stored().key == key_of(cookie.value)
    assert cookie.value not in stored().key


def test_outside_the_demo_the_cookie_is_secure_and_bound_to_the_host(client, form, settings):
    settings.DRAFT_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "__Host-draft", True
    kept = client.post(START).cookies["__Host-draft"]
    gone = client.post(DELETE).cookies["__Host-draft"]
    for cookie in (kept, gone):
        assert cookie["secure"] and cookie["path"] == "/" and not cookie["domain"]
    assert gone["max-age"] == 0


def test_patients_get_no_session_and_readers_of_the_start_page_only_the_csrf_cookie(client, form, settings):
    assert set(client.get(START).cookies) == {"csrftoken"}
    walk(client)
    hand_in(client)
    client.get(DONE)
    assert set(client.cookies) == {"csrftoken", settings.DRAFT_COOKIE_NAME}


def test_nothing_of_the_form_is_kept_in_a_cache(client, draft):
    addresses = [*PAGES, address("nonsense"), DELETE]
    responses = [client.get(url) for url in addresses]
    responses += [send(client, "goals", {"goal": ""}), send(client, "goals"), client.post(CHECK), client.get(DONE)]
    assert {response.status_code for response in responses} == {200, 302, 404, 405, 422}
    for response in responses:
        assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("cookie", [None, key_of(TOKEN), TOKEN.upper(), "", "\x00", "x" * 5000, '"; drop'])
def test_another_browser_sees_nothing(draft, settings, cookie):
    other = Client()
    if cookie is not None:
        other.cookies[settings.DRAFT_COOKIE_NAME] = cookie
    for url in (*map(address, STEPS), ADVICE, CHECK, DONE):
        assert follow(other.get(url)) == START
    assert "You have started" not in text(other.get(START))
    assert follow(other.post(CHECK)) == START
    other.post(DELETE)
    assert stored() == draft


@pytest.mark.parametrize("state", ["nobody", "begun", "complete", "sent"])
def test_a_get_writes_nothing(client, form, settings, django_assert_max_num_queries, state):
    if state != "nobody":
        walk(client) if state != "begun" else begin(client)
    if state == "sent":
        hand_in(client)
    for url in PAGES:
        with django_assert_max_num_queries(10) as seen:  # five for each of the two
            client.get(url)
            client.head(url)
        assert [query["sql"] for query in seen if not query["sql"].startswith("SELECT")] == []


def test_a_form_from_elsewhere_is_refused_and_one_of_ours_needs_no_more_than_its_token(form):
    browser = Client(enforce_csrf_checks=True)
    for url in (START, address("goals"), CHECK, DELETE):
        response = browser.post(url, STEPS["goals"])
        assert response.status_code == 403
        assert "Nothing was sent." in text(response)
    assert not Draft.objects.exists()
    token = main(browser.get(START)).find("input", attrs={"name": "csrfmiddlewaretoken"})["value"]
    assert follow(browser.post(START, {"csrfmiddlewaretoken": token})) == address("privacy")
    assert follow(browser.post(address("privacy"), STEPS["privacy"] | {"csrfmiddlewaretoken": token}))


def test_a_step_costs_a_handful_of_queries(client, draft, django_assert_max_num_queries):
    for name in STEPS:
        with django_assert_max_num_queries(6):
            client.get(address(name))
        with django_assert_max_num_queries(6):
            assert send(client, name).status_code == 302
        with django_assert_max_num_queries(7):
            assert client.post(address(name), {"bother": "much", "own-question": "x" * 501}).status_code == 422
        send(client, name)
    with django_assert_max_num_queries(6):
        client.get(CHECK)


def test_handing_in_costs_as_much_when_many_have_done_so_before(client, draft, outbox, django_assert_max_num_queries):
    send(client, "goals", {"goal": "eliminate", "by-when": "4-weeks", "visits-ok": "one"})
    with django_assert_max_num_queries(25):
        client.post(CHECK)
    with django_assert_max_num_queries(6):
        client.get(DONE)


def test_without_a_published_form_the_start_page_says_so(db, client):
    assert client.get("/intake/").status_code == 200
    answer = client.post("/intake/")
    assert answer.status_code == 503
    assert "The form is not open yet" in text(answer)
    assert client.get("/intake/goals/").status_code == client.post("/intake/goals/", {}).status_code == 404
    assert not Draft.objects.exists()


def test_a_forged_charset_stores_nothing_strange(client, draft):
    for charset in ("utf-7", "unicode_escape", "idna", "utf-16"):
        answer = client.post(
            "/intake/about-you/",
            "full-name=%ED%A0%80",
            content_type=f"application/x-www-form-urlencoded; charset={charset}",
        )
        assert answer.status_code in (302, 422)
