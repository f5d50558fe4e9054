"""Public pages are kept whole, by themselves and nothing else, and never longer than they are true."""

import gzip
from wsgiref.util import setup_testing_defaults

import brotli
import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from education.models import ArticlePage, Outcome, Source, Treatment
from portal import page_cache, stamp
from portal.models import ClinicSettings, the_clinic
from portal.wsgi import application
from tests import snapshot

pytestmark = pytest.mark.django_db

ARTICLE = "/learn/what-is-cellulite/"


@pytest.fixture(autouse=True)
def library():
    snapshot.load_starter_content()


def queries(client, path, **headers):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path, **headers)
    assert response.status_code == 200
    return len(captured)


def other_process():
    """What another process finds: nothing in its memory, and what all share."""
    page_cache._memory.clear()
    stamp.forget()


@pytest.mark.parametrize("path", ["/", "/learn/", ARTICLE, "/treatments/creams/", "/privacy/", "/urgent/"])
def test_a_page_is_made_once_for_everybody(client, path):
    first = client.get(path)
    assert queries(Client(), path) == 0
    other_process()
    assert queries(Client(), path) == 0
    assert Client().get(path).content == first.content


def test_the_server_answers_with_it_before_django_is_asked(client):
    page = client.get(ARTICLE, HTTP_HOST="testserver")
    environ = {"HTTP_HOST": "testserver", "PATH_INFO": ARTICLE, "HTTP_ACCEPT_ENCODING": "gzip, br"}
    setup_testing_defaults(environ)
    sent = []

    with CaptureQueriesContext(connection) as captured:
        body = b"".join(application(environ, lambda status, headers: sent.extend([status, dict(headers)])))

    status, headers = sent
    assert (status, len(captured)) == ("200 OK", 0)
    assert brotli.decompress(body) == page.content
    assert headers["Content-Encoding"] == "br"
    assert headers["Content-Length"] == str(len(body))
    assert headers["Content-Security-Policy"] == page["Content-Security-Policy"]


def test_each_reader_gets_the_encoding_that_it_understands(client):
    plain = client.get(ARTICLE)
    assert "Content-Encoding" not in plain
    assert gzip.decompress(client.get(ARTICLE, HTTP_ACCEPT_ENCODING="gzip").content) == plain.content
    assert brotli.decompress(client.get(ARTICLE, HTTP_ACCEPT_ENCODING="br").content) == plain.content
    assert client.get(ARTICLE, HTTP_ACCEPT_ENCODING="br;q=0, gzip;q=0").content == plain.content
    assert plain["Vary"] == "Accept-Encoding"


def test_whoever_has_the_page_already_is_told_so(client):
    tag = client.get(ARTICLE)["ETag"]

    again = client.get(ARTICLE, HTTP_IF_NONE_MATCH=tag)

    assert (again.status_code, again.content) == (304, b"")
    assert client.get(ARTICLE, HTTP_IF_NONE_MATCH='"another"').status_code == 200


def test_a_head_request_is_answered_without_the_page(client):
    page = client.get(ARTICLE)
    head = client.head(ARTICLE)
    assert (head.content, head["Content-Length"]) == (b"", str(len(page.content)))


@pytest.mark.parametrize(
    "request_",
    [
        {"path": f"{ARTICLE}?utm_source=a"},
        {"path": ARTICLE, "CONTENT_LENGTH": "3"},
        {"path": "/no-such-page/"},
        {"path": "/intake/"},
        {"path": "/accounts/login/"},
        {"path": "/healthz"},
        {"path": "/robots.txt"},
    ],
)
def test_what_is_not_the_same_for_everybody_is_not_kept(client, request_):
    client.get(request_.pop("path"), **request_)
    assert not page_cache._memory


def test_a_signed_in_person_neither_fills_nor_gets_what_is_kept(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("editor"))
    assert queries(client, ARTICLE) > 0
    assert not page_cache._memory
    Client().get(ARTICLE)
    assert queries(client, ARTICLE) > 0


def test_a_forged_host_is_refused_and_not_kept(client):
    assert client.get(ARTICLE, HTTP_HOST="evil.example").status_code == 400
    assert not page_cache._memory


def test_a_post_to_a_kept_address_is_not_answered_with_the_page(client):
    client.get(ARTICLE)
    assert client.post(ARTICLE).headers.get("ETag") is None


def publish_article():
    article = ArticlePage.objects.get(slug="what-is-cellulite")
    article.title = "Cellulite, anew"
    article.save_revision().publish()


def withdraw_treatment():
    record = Treatment.objects.get(slug="creams")
    record.name = "Creams, anew"
    record.save_revision().publish()


def save_outcome():
    Outcome.objects.filter(treatment__slug="creams").first().delete()


def change_source():
    source = Source.objects.get(code="R57")
    source.citation = "Cited anew"
    source.save()


def change_clinic():
    clinic = ClinicSettings.load()
    clinic.phone = "555 0199"
    clinic.save()


def change_hours():
    clinic = ClinicSettings.load()
    clinic.openings = []
    clinic.save()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (publish_article, ARTICLE),
        (publish_article, "/learn/"),
        (publish_article, "/"),
        (withdraw_treatment, "/treatments/creams/"),
        (save_outcome, "/treatments/creams/"),
        (change_source, ARTICLE),
        (change_clinic, ARTICLE),
        (change_clinic, "/urgent/"),
        (change_hours, ARTICLE),
    ],
)
def test_a_change_is_seen_by_the_next_reader_of_every_process(client, change, path):
    before = client.get(path).content
    change()
    after = Client().get(path).content
    assert after != before
    other_process()
    assert Client().get(path).content == after


def test_an_unpublished_page_is_gone_at_once(client):
    client.get(ARTICLE)
    ArticlePage.objects.get(slug="what-is-cellulite").unpublish()
    assert client.get(ARTICLE).status_code == 404
    assert "What is cellulite?" not in client.get("/learn/").text


def test_a_moved_address_is_followed(client):
    client.get(ARTICLE)
    article = ArticlePage.objects.get(slug="what-is-cellulite")
    article.slug = "about-cellulite"
    article.save_revision().publish()
    assert client.get("/learn/about-cellulite/").status_code == 200
    assert client.get(ARTICLE).status_code != 200


def test_saving_a_draft_changes_nothing_for_readers(client):
    client.get(ARTICLE)
    article = ArticlePage.objects.get(slug="what-is-cellulite")
    article.title = "Not yet"
    article.save_revision()
    assert queries(client, ARTICLE) == 0


def test_a_publish_makes_what_it_changed_ready(client, settings, monkeypatch, django_capture_on_commit_callbacks):
    settings.ALLOWED_HOSTS = ["localhost"]
    monkeypatch.setattr(stamp, "_bump_at_commit", lambda: transaction.on_commit(stamp._bump))

    with django_capture_on_commit_callbacks(execute=True):
        publish_article()

    for path in (ARTICLE, "/learn/", "/"):
        assert queries(client, path, HTTP_HOST=f"localhost:{settings.PORT}") == 0


def test_a_page_that_was_made_while_content_changed_is_not_kept_as_the_new_one(client, monkeypatch):
    keep = page_cache.keep
    monkeypatch.setattr(page_cache, "keep", lambda *args: stamp.content_changed() or keep(*args))
    client.get(ARTICLE)
    monkeypatch.undo()
    assert queries(client, ARTICLE) > 0


def test_what_a_transaction_sees_is_not_kept(client, monkeypatch):
    monkeypatch.setattr(stamp, "settled", lambda: False)
    client.get(ARTICLE)
    assert not page_cache._memory
    the_clinic()
    monkeypatch.setattr(stamp, "settled", lambda: True)
    ClinicSettings.objects.update(phone="555 0111")
    assert the_clinic().phone == "555 0111"


def test_a_kept_page_grows_old(client, monkeypatch):
    client.get(ARTICLE)
    later = page_cache.time.time() + page_cache.LIFETIME + 1
    monkeypatch.setattr(page_cache.time, "time", lambda: later)
    caches["pages"].clear()
    assert queries(client, ARTICLE) > 0


def test_memory_holds_a_bounded_number_of_pages(client, monkeypatch):
    monkeypatch.setattr(page_cache, "MOST_IN_MEMORY", 2)
    for path in ("/", "/learn/", ARTICLE, "/privacy/"):
        client.get(path)
    assert len(page_cache._memory) == 2
