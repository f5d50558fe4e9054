"""What search engines and those who share an address are told of a page, and that all of it is so."""

import json
from datetime import date
from pathlib import Path

import html5lib
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from wagtail.models import PageViewRestriction

from education.models import ArticleIndexPage, ArticlePage, PlainPage, Treatment
from portal.models import ClinicSettings
from tests.education.html import parse, text

ARTICLE, RECORD = "/learn/what-is-cellulite/", "/treatments/creams/"
SUMMED_UP = ["/learn/", "/treatments/", "/search/", "/urgent/", "/privacy/", "/", ARTICLE, RECORD]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


def read_paths():
    pages = [page.url for model in (ArticlePage, PlainPage) for page in model.objects.live()]
    records = [record.get_absolute_url() for record in Treatment.objects.filter(live=True)]
    return ["/", "/learn/", "/treatments/", "/search/", "/urgent/", "/print/", *pages, *records]


def meta(tree):
    """name or property -> content, each of which may stand there once."""
    found = [(element.get("name") or element.get("property"), element.get("content")) for element in tree.iter("meta")]
    named = [(name, content) for name, content in found if name]
    assert len(dict(named)) == len(named)
    return dict(named)


def canonical(tree):
    return [link.get("href") for link in tree.iter("link") if link.get("rel") == "canonical"]


def data(tree):
    """What the page tells machines, read as they read it."""
    [block] = [script for script in tree.iter("script") if script.get("type") == "application/ld+json"]
    return json.loads(block.text)


def everything_in(found):
    """All keys and texts of a block of data, at any depth."""
    if isinstance(found, dict):
        return [*found, *(text for value in found.values() for text in everything_in(value))]
    if isinstance(found, list):
        return [text for value in found for text in everything_in(value)]
    return [found]


def reviewed(model, **changes):
    review = {"author": "Ari Writer", "approved_by": "Bo Checker", "last_reviewed": date(2026, 11, 16)} | changes
    model.objects.update(**review)


def test_no_two_pages_have_one_title_and_each_names_its_own_address(client):
    trees = {path: parse(client.get(path)) for path in read_paths()}

    titles = [next(tree.iter("title")).text.strip() for tree in trees.values()]
    assert len(set(titles)) == len(titles)
    assert {path: canonical(tree) for path, tree in trees.items()} == {
        path: [settings.SITE_URL + path] for path in trees
    }


@pytest.mark.parametrize("path", SUMMED_UP)
def test_a_page_is_summed_up_where_it_is_found_or_shared(client, path):
    tree = parse(client.get(path))

    told = meta(tree)
    assert told["description"] == told["og:description"]
    assert "[R" not in told["description"]
    assert told["og:title"] in text(next(tree.iter("main")))
    assert told["og:url"] == settings.SITE_URL + path
    assert told["og:type"] == ("article" if path in (ARTICLE, RECORD) else "website")
    assert (told["og:site_name"], told["og:locale"], told["twitter:card"]) == ("Before your visit", "en_GB", "summary")
    assert "robots" not in told


def test_what_an_editor_wrote_for_search_engines_takes_the_place_of_title_and_summary(client):
    ArticlePage.objects.filter(slug="what-is-cellulite").update(
        seo_title="Cellulite in short", search_description='What "it" is [MEM]'
    )

    tree = parse(client.get(ARTICLE))

    told = meta(tree)
    assert next(tree.iter("title")).text == "Cellulite in short – Before your visit"
    assert told["og:title"] == "Cellulite in short"
    assert told["description"] == told["og:description"] == 'What "it" is'


def test_a_page_without_a_summary_has_no_empty_description(client):
    PlainPage.objects.filter(slug="privacy").update(summary="")

    told = meta(parse(client.get("/privacy/")))

    assert not {"description", "og:description"} & told.keys()


def test_the_picture_for_sharing_is_ours_light_and_as_large_as_it_says(client):
    tree = parse(client.get("/"))

    told = meta(tree)
    path = told["og:image"].removeprefix(f"{settings.SITE_URL}{settings.STATIC_URL}")
    file = Path(settings.BASE_DIR) / "static" / path
    assert file.stat().st_size < 40_000
    with Image.open(file) as picture:
        assert picture.size == (int(told["og:image:width"]), int(told["og:image:height"])) == (1200, 630)
    assert told["og:image:alt"].startswith("The words “Before your visit”")
    assert not any(path in (element.get("src") or "") for element in tree.iter())


@pytest.mark.parametrize(
    "path",
    ["/search/?q=needle", "/print/", "/intake/", "/accounts/login/", f"/clear{ARTICLE}"],
)
def test_what_should_not_be_found_says_so(client, path):
    # Forms are allauth's and crispy's too, whose attributes a strict parser does not like.
    tree = html5lib.parse(client.get(path).content, namespaceHTMLElements=False)

    assert meta(tree)["robots"] == "noindex"


def test_a_comparison_and_a_search_are_found_under_one_address(client):
    assert canonical(parse(client.get("/treatments/?t=creams&t=cellfina"))) == [f"{settings.SITE_URL}/treatments/"]
    assert canonical(parse(client.get("/search/?q=needle"))) == [f"{settings.SITE_URL}/search/"]


def test_an_article_tells_machines_what_it_is(client):
    tree = parse(client.get(ARTICLE))

    article = ArticlePage.objects.get(slug="what-is-cellulite")
    told = data(tree)
    assert told["@type"] == "MedicalWebPage"
    assert (told["name"], told["url"]) == (article.title, settings.SITE_URL + ARTICLE)
    assert told["description"] == meta(tree)["description"]
    assert told["inLanguage"] == settings.LANGUAGE_CODE
    assert told["isPartOf"] == {"@type": "WebSite", "name": "Before your visit", "url": f"{settings.SITE_URL}/"}
    assert told["about"] == {"@type": "MedicalCondition", "name": "Cellulite"}
    assert told["audience"] == {"@type": "Patient"}
    assert told["datePublished"][:10] == f"{article.first_published_at:%Y-%m-%d}"
    assert told["dateModified"][:10] == f"{article.last_published_at:%Y-%m-%d}"
    trail = [(step["position"], step["name"], step["item"]) for step in told["breadcrumb"]["itemListElement"]]
    assert trail == [
        (1, "Home", f"{settings.SITE_URL}/"),
        (2, "Learn", f"{settings.SITE_URL}/learn/"),
        (3, article.title, settings.SITE_URL + ARTICLE),
    ]


def test_the_sources_of_a_page_are_told_in_its_order(client):
    tree = parse(client.get(ARTICLE))

    [sources] = [element for element in tree.iter("ol") if element.get("class") == "sources"]
    assert data(tree)["citation"] == [link.get("href") for link in sources.iter("a")]


def test_a_record_tells_machines_of_its_treatment(client):
    record = Treatment.objects.get(slug="collagenase")

    told = data(parse(client.get(record.get_absolute_url())))

    assert told["about"] == {
        "@type": "MedicalTherapy",
        "name": record.name,
        "alternateName": record.also_called.split(", "),
    }
    trail = [step["name"] for step in told["breadcrumb"]["itemListElement"]]
    assert trail == ["Home", "Compare treatments", record.name]


@pytest.mark.parametrize("path", [ARTICLE, RECORD])
def test_what_nobody_has_filled_in_is_not_told(client, path):
    told = data(parse(client.get(path)))

    assert not {"author", "lastReviewed", "reviewedBy", "publisher"} & told.keys()
    assert not {"", None, False} & set(everything_in(told))


@pytest.mark.parametrize(("path", "model"), [(ARTICLE, ArticlePage), (RECORD, Treatment)])
def test_who_wrote_and_who_checked_it_is_told_once_it_is_so(client, path, model):
    reviewed(model)

    told = data(parse(client.get(path)))

    assert told["author"] == {"@type": "Person", "name": "Ari Writer"}
    assert told["reviewedBy"] == {"@type": "Person", "name": "Bo Checker"}
    assert told["lastReviewed"] == "2026-11-16"


@pytest.mark.parametrize("missing", [{"approved_by": ""}, {"last_reviewed": None}])
def test_half_a_review_is_no_review(client, missing):
    reviewed(ArticlePage, **missing)

    assert not {"lastReviewed", "reviewedBy"} & data(parse(client.get(ARTICLE))).keys()


def test_the_record_of_a_withdrawn_treatment_claims_no_review(client):
    reviewed(Treatment, state=Treatment.State.WITHDRAWN)

    assert not {"lastReviewed", "reviewedBy"} & data(parse(client.get(RECORD))).keys()


def test_the_clinic_is_the_publisher_once_it_has_its_own_name(client):
    clinic = ClinicSettings.load()
    clinic.name = "Riverside Skin Clinic"
    clinic.save()

    assert data(parse(client.get(ARTICLE)))["publisher"] == {"@type": "MedicalClinic", "name": "Riverside Skin Clinic"}


def test_no_title_ends_the_block_of_data(client):
    title = 'Is <b>it</b> & "that"?</script><script>alert(1)</script><!-- '
    ArticlePage.objects.filter(slug="what-is-cellulite").update(title=title)

    tree = parse(client.get(ARTICLE))

    assert data(tree)["name"] == title
    assert not [script for script in tree.iter("script") if not script.get("type") and not script.get("src")]


def locations(client):
    """address -> day of the last change, as the sitemap tells it."""
    tree = html5lib.parse(client.get("/sitemap.xml").content, treebuilder="etree", namespaceHTMLElements=False)
    rows = [[(part.tag, part.text) for part in url] for url in tree.iter("url")]
    return {dict(row)["loc"].removeprefix(settings.SITE_URL): dict(row).get("lastmod") for row in rows}


def test_the_sitemap_lists_what_patients_read_and_when_it_changed(client):
    told = locations(client)

    assert set(told) == set(read_paths()) - {"/search/", "/print/"}
    for model in (ArticlePage, Treatment):
        for item in model.objects.filter(live=True):
            path = getattr(item, "url", None) or item.get_absolute_url()
            assert told[path] == f"{item.last_published_at:%Y-%m-%d}"
    assert told["/urgent/"] is None


def test_the_sitemap_lists_no_draft_and_nothing_private(client):
    ArticlePage.objects.get(slug="what-is-cellulite").unpublish()
    Treatment.objects.get(slug="creams").unpublish()
    PageViewRestriction.objects.create(page=PlainPage.objects.get(slug="privacy"), restriction_type="login")

    assert not {ARTICLE, RECORD, "/privacy/"} & locations(client).keys()


def test_the_sitemap_asks_no_more_when_there_is_more(client):
    before = queries_of_the_sitemap(client)
    assert before <= 12

    index = ArticleIndexPage.objects.get()
    for number in range(20):
        article = ArticlePage(title="More", slug=f"more-{number}", key_points=[("point", "A")] * 3, body=[])
        index.add_child(instance=article)
        Treatment.objects.create(slug=f"new-{number}", name=f"New {number}", summary="Short.", certainty="low")

    assert queries_of_the_sitemap(client) == before


def queries_of_the_sitemap(client):
    client.get("/sitemap.xml")
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/sitemap.xml").status_code == 200
    return len(captured)


def test_robots_are_led_to_the_sitemap_and_away_from_forms(client, settings):
    settings.SITE_URL = "https://clinic.example"

    lines = client.get("/robots.txt").text.splitlines()

    assert "Sitemap: https://clinic.example/sitemap.xml" in lines
    assert {"Disallow: /intake/", "Disallow: /staff/", "Disallow: /cms/"} <= set(lines)
    assert not {"Disallow: /", "Disallow: /learn/", "Disallow: /treatments/"} & set(lines)


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/learn/", {"Learn": "page"}),
        (ARTICLE, {"Learn": "true"}),
        ("/treatments/", {"Treatments": "page"}),
        ("/treatments/?t=creams", {"Treatments": "page"}),
        (RECORD, {"Treatments": "true"}),
        ("/search/?q=needle", {"Search": "page"}),
        ("/intake/", {"My form": "page"}),
        ("/", {}),
        ("/privacy/", {}),
        ("/nothing/", {}),
    ],
)
def test_the_header_says_where_the_reader_is(client, path, current):
    tree = html5lib.parse(client.get(path).content, namespaceHTMLElements=False)

    [nav] = [element for element in tree.iter("nav") if element.get("aria-label") == "Main"]
    links = {text(link): link.get("aria-current") for link in nav.iter("a")}
    assert list(links) == ["Learn", "Treatments", "Search", "My form"]
    assert {label: mark for label, mark in links.items() if mark} == current
