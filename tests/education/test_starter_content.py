"""The starter content: whole, loaded once, and never laid over what editors did."""

import pytest
from django.core.management import call_command
from wagtail.models import Page, Site

from education import starter_content
from education.citations import cited_codes
from education.models import ArticleIndexPage, ArticlePage, HomePage, PlainPage, Source, StarterItem, Treatment
from portal.models import ClinicSettings
from tests.education.html import by_class, parse, text
from tests.snapshot import load_starter_content

ARTICLE = "/learn/what-is-micro-needling/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    load_starter_content()


@pytest.fixture
def production(settings):
    settings.DEMO = False
    settings.SITE_URL = "https://clinic.example"
    return starter_content.load()


def everything():
    """All that a second run could have changed."""
    return {
        "pages": list(Page.objects.order_by("pk").values_list("pk", "title", "slug", "live", "latest_revision_id")),
        "treatments": list(Treatment.objects.order_by("pk").values_list("pk", "name", "slug", "latest_revision_id")),
        "sources": list(Source.objects.order_by("pk").values_list("pk", "code", "citation")),
        "clinic": [ClinicSettings.load().phone, ClinicSettings.load().hours()],
    }


def test_everything_arrives():
    new = starter_content.load()
    assert new == StarterItem.objects.count() == len(list(starter_content._items()))
    assert ArticlePage.objects.live().count() == 16
    assert PlainPage.objects.live().count() == 3
    assert Treatment.objects.filter(live=True).count() == 18
    assert all(treatment.outcomes.count() for treatment in Treatment.objects.all())


def test_every_cited_source_is_there(loaded):
    known = set(Source.objects.values_list("code", flat=True))

    files = [path.read_text() for path in starter_content.STARTER.rglob("*.toml")]
    assert {code for file in files for code in cited_codes(file)} <= known


def test_nothing_claims_to_have_been_reviewed(loaded):
    for item in [*ArticlePage.objects.all(), *Treatment.objects.all(), HomePage.objects.get()]:
        assert item.awaiting_review
        assert not any((item.author, item.approved_by, item.last_reviewed, item.next_review))


def test_a_second_run_changes_nothing(loaded):
    before = everything()

    assert starter_content.load() == 0
    assert everything() == before


def test_a_second_run_leaves_an_editors_work_alone(loaded):
    renamed = ArticlePage.objects.get(slug="what-is-micro-needling")
    renamed.title, renamed.slug = "Another title", "another-address"
    renamed.save_revision().publish()
    ArticlePage.objects.get(slug="micro-needling-for-cellulite").delete()
    PlainPage.objects.get(slug="privacy").unpublish()
    Treatment.objects.filter(slug="creams").update(slug="lotions", summary="Another summary")
    Treatment.objects.get(slug="laser-1440").delete()
    Source.objects.filter(code="R1").update(citation="Another citation")
    home = HomePage.objects.get()
    home.title = "Another home"
    home.save_revision().publish()
    clinic = ClinicSettings.load()
    clinic.phone = "020 7946 0000"
    clinic.openings.all().delete()
    clinic.save()
    before = everything()

    assert starter_content.load() == 0
    assert everything() == before


def test_what_an_editor_took_away_does_not_come_back_with_a_new_file(loaded):
    ArticleIndexPage.objects.get().delete()
    StarterItem.objects.filter(key="article/what-is-micro-needling").delete()

    assert starter_content.load() == 0
    assert not ArticlePage.objects.exists()


def test_a_name_that_an_editor_has_taken_stays_theirs(loaded):
    StarterItem.objects.filter(key__in=["treatment/creams", "page/privacy", "source/R1"]).delete()
    before = everything()

    assert starter_content.load() == 0
    assert everything() == before


def test_in_production_medical_content_waits_as_drafts(production, client):
    for path in (ARTICLE, "/treatments/creams/", "/treatments/collagenase/"):
        assert client.get(path, secure=True).status_code == 404
    for path in ("/", "/learn/", "/privacy/", "/accessibility/", "/how-we-write/"):
        assert client.get(path, secure=True).status_code == 200
    assert not any(ArticlePage.objects.live()) and not Treatment.objects.filter(live=True).exists()
    assert all(page.latest_revision_id for page in ArticlePage.objects.all())


def test_in_production_home_says_nothing_medical_until_it_is_published(production, client):
    tree = parse(client.get("/", secure=True))
    assert not any(by_class(tree, name) for name in ("facts", "figure-draw", "sure-list", "read-list", "sources"))
    assert "Start your form" in text(tree)
    assert len(by_class(tree, "steps3")) == 1

    HomePage.objects.get().latest_revision.publish()

    assert len(by_class(parse(client.get("/", secure=True)), "facts")[0]) == 3


def test_in_production_a_draft_can_be_approved_and_published(production, client):
    article = ArticlePage.objects.get(slug="what-is-micro-needling").get_latest_revision_as_object()
    assert article.related[0].value.slug == "micro-needling-for-cellulite"
    assert article.treatments.count() == 4

    article.save_revision().publish()

    tree = parse(client.get(ARTICLE, secure=True))
    assert not by_class(tree, "fact")
    assert len(by_class(tree, "read-list")) == 0


def test_production_gets_no_made_up_phone_number(production):
    assert ClinicSettings.load().phone == ""
    assert "phone" in ClinicSettings.load().missing()


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://clinic.example", ("clinic.example", 443)),
        ("http://localhost:8000", ("localhost", 8000)),
        ("http://localhost", ("localhost", 80)),
    ],
)
def test_full_addresses_follow_the_settings(settings, address, site):
    settings.SITE_URL = address

    starter_content.match_site_address()

    assert Site.objects.values_list("hostname", "port").get() == site
    assert HomePage.objects.get().full_url == f"{address}/"


def test_the_sitemap_lists_what_patients_read(loaded, client, settings):
    page = client.get("/sitemap.xml").content.decode()

    for path in ("/", "/learn/", ARTICLE, "/treatments/creams/", "/privacy/"):
        assert f"<loc>{settings.SITE_URL}{path}</loc>" in page


def test_a_bare_migrate_has_a_home(client):
    response = client.get("/")

    assert response.status_code == 200
    assert text(next(parse(response).iter("h1"))) == "Before your visit"
    assert client.get("/learn/").status_code == 404


def test_the_command_says_what_it_did(capsys):
    call_command("load_starter_content")
    call_command("load_starter_content")

    first, second = capsys.readouterr().out.splitlines()
    assert f": {StarterItem.objects.count()} new items" in first
    assert ": 0 new items" in second


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("One\ntwo.\n\nThree.", "<p>One two.</p><p>Three.</p>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("A **bold** word", "<p>A <b>bold</b> word</p>"),
        ("Text\n\n- one", "<p>Text</p><ul><li>one</li></ul>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
    ],
)
def test_readable_text_becomes_rich_text(typed, html):
    assert starter_content.rich_text(typed) == html


def test_a_row_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="unknown kind: \\['video'\\]"):
        starter_content.body([{"video": "x"}])
