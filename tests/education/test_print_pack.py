"""Everything on one page: to print before a visit, or to keep."""

from collections import Counter
from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import PageViewRestriction

from education.models import ArticleIndexPage, ArticlePage, Treatment
from portal import page_cache, stamp
from tests.education.html import by_class, parse, text

SAMPLE = "Sample content, not clinically approved. It awaits clinical review."
MOST_QUERIES = 12

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


@pytest.fixture
def pack(client):
    return parse(client.get("/print/"))


def parts(tree):
    """The whole of each article, by its title."""
    found = {}
    for article in tree.iter("article"):
        found[text(article.find("h2"))] = article
    return found


def titles_in_lists(client):
    return [text(link) for links in by_class(parse(client.get("/learn/")), "read-list") for link in links.iter("a")]


def test_it_holds_every_article_in_the_order_of_the_list(client, pack):
    assert list(parts(pack)) == titles_in_lists(client)
    assert len(parts(pack)) == 16


def test_it_opens_with_a_list_of_what_is_in_it(client, pack):
    [contents] = by_class(pack, "pack-contents")
    ids = {element.get("id") for element in pack.iter()}

    links = {text(link): link.get("href") for link in contents.iter("a")}
    assert list(links) == [*titles_in_lists(client), "Treatments in short", "Questions to ask"]
    assert {href[1:] for href in links.values()} <= ids


def test_an_article_is_there_with_key_points_text_and_drawings(pack):
    part = parts(pack)["What is cellulite?"]

    article = ArticlePage.objects.get(slug="what-is-cellulite")
    assert all(point.value.partition("[")[0].strip() in text(part) for point in article.key_points)
    headings = [text(heading) for heading in part.iter("h3")]
    assert [block.value for block in article.body if block.block_type == "heading"] == [
        heading for heading in headings if heading not in ("Key points", "Sources")
    ]
    drawings = [image for image in part.iter("img") if "/img/" in image.get("src")]
    assert len(drawings) == len(article.block_values("drawing"))
    assert not any(image.get("loading") for image in drawings)


def test_each_article_counts_its_own_sources_and_links_to_them(pack):
    for title, part in parts(pack).items():
        links = [link for link in by_class(part, "cite") if link.tag == "a"]
        [sources] = by_class(part, "sources")
        listed = {item.get("id"): int(item.get("value")) for item in sources}
        assert list(listed.values()) == list(range(1, len(listed) + 1)), title
        assert {link.get("href")[1:]: int(text(link).removeprefix("source ")) for link in links} == listed, title


def test_no_two_places_in_it_have_one_address(pack):
    ids = Counter(element.get("id") for element in pack.iter() if element.get("id"))

    assert [one for one, count in ids.items() if count > 1] == []


def test_headings_skip_no_level(pack):
    levels = [int(element.tag[1]) for element in pack.iter() if element.tag in ("h1", "h2", "h3", "h4", "h5")]

    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in zip(levels, levels[1:], strict=False))


def test_what_awaits_review_says_so_at_the_front_and_on_each_part(client, pack):
    assert all(SAMPLE in text(part) for part in parts(pack).values())
    assert text(next(pack.iter("main"))).count(SAMPLE) == len(parts(pack)) + 1

    checked = {"approved_by": "Bo Checker", "last_reviewed": date(2026, 11, 16)}
    article = ArticlePage.objects.get(slug="what-is-cellulite")
    ArticlePage.objects.filter(pk=article.pk).update(**checked)
    page_cache.forget()

    part = parts(parse(client.get("/print/")))[article.title]
    assert SAMPLE not in text(part)
    assert "Reviewed 16 November 2026 Checked by Bo Checker" in text(part)

    ArticlePage.objects.update(**checked)
    Treatment.objects.update(**checked)
    page_cache.forget()
    stamp.forget()

    assert SAMPLE not in text(next(parse(client.get("/print/")).iter("main")))


def test_an_article_that_names_a_withdrawn_treatment_shows_its_banner(pack):
    article = ArticlePage.objects.get(slug="micro-needling-for-cellulite")

    told = [text(banner) for banner in by_class(parts(pack)[article.title], "box-withdrawn")]
    assert any(banner.startswith("No longer available: Collagenase injections (Qwo)") for banner in told)


def test_it_tells_in_short_what_is_known_of_each_treatment(pack):
    [section] = [part for part in pack.iter("section") if part.get("aria-labelledby") == "treatments"]

    facts = {text(fact.find("h3")): fact for fact in by_class(section, "fact")}
    records = Treatment.objects.filter(live=True)
    assert list(facts) == [record.name for record in records]
    for fact in facts.values():
        labels = [text(label) for label in fact.iter("dt")]
        assert labels == ["How sure are we?", "How long it lasts", "Serious risks", "Not for"]
    qwo = facts["Collagenase injections (Qwo)"]
    assert "No longer available" in text(qwo)
    assert "Moderate" in [text(value) for value in qwo.iter("dd")]


def test_it_ends_with_all_questions_to_ask_each_once(pack):
    [section] = [part for part in pack.iter("section") if part.get("aria-labelledby") == "questions"]

    asked = [text(line) for line in section.iter("li")]
    proposed = {
        question
        for article in ArticlePage.objects.live()
        for lines in article.block_values("questions")
        for question in lines["questions"]
    }
    assert len(asked) == len(proposed) > 16


def test_it_shows_no_draft_and_nothing_private(client):
    ArticlePage.objects.get(slug="what-is-cellulite").unpublish()
    Treatment.objects.get(slug="creams").unpublish()
    private = ArticlePage.objects.get(slug="cellulite-myths")
    PageViewRestriction.objects.create(page=private, restriction_type="login")

    pack = parse(client.get("/print/"))

    assert len(parts(pack)) == 14
    assert not {"What is cellulite?", private.title} & parts(pack).keys()
    [section] = [part for part in pack.iter("section") if part.get("aria-labelledby") == "treatments"]
    assert "Creams" not in [text(heading) for heading in section.iter("h3")]


def test_with_nothing_published_it_says_so(client):
    for article in ArticlePage.objects.all():
        article.unpublish()
    for record in Treatment.objects.all():
        record.unpublish()

    pack = parse(client.get("/print/"))

    assert "No article is published yet." in text(next(pack.iter("main")))
    assert [text(link) for link in by_class(pack, "pack-contents")] == [""]


def test_a_record_that_was_deleted_leaves_the_rest(client):
    Treatment.objects.all().delete()

    assert len(parts(parse(client.get("/print/")))) == 16


def test_it_is_kept_for_everybody(client, monkeypatch):
    first = client.get("/print/")
    assert not first.cookies
    assert first["ETag"]

    monkeypatch.setattr("education.print_pack.contents", lambda: pytest.fail("made again"))

    assert client.get("/print/").content == first.content


def test_no_made_up_query_has_it_made_again(client, monkeypatch):
    monkeypatch.setattr("education.print_pack.contents", lambda: pytest.fail("made again"))

    response = client.get("/print/?x=1")

    assert (response.status_code, response["Location"]) == (302, "/print/")


def test_articles_lead_to_it(client):
    for path in ("/learn/", "/learn/what-is-cellulite/", "/treatments/creams/"):
        main = next(parse(client.get(path)).iter("main"))
        assert "/print/" in [link.get("href") for link in main.iter("a")], path


def test_on_paper_a_page_names_its_address_and_its_last_change(client):
    ArticlePage.objects.filter(slug="what-is-cellulite").update(last_published_at="2026-11-20T12:00:00Z")

    [printed, *_others] = by_class(parse(client.get("/learn/what-is-cellulite/")), "print-only")

    assert text(printed).endswith("/learn/what-is-cellulite/ · Last changed on 20 November 2026")


# Wagtail leaves the file of a picture's new size to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_it_asks_no_more_however_many_articles_there_are(client):
    grow(1)
    before = queries(client)
    assert before <= MOST_QUERIES

    grow(10)

    assert queries(client) == before


def grow(articles):
    """Articles that name what each of them could ask for by itself."""
    index, records = ArticleIndexPage.objects.get(), list(Treatment.objects.all())
    target = ArticlePage.objects.first()
    first = ArticlePage.objects.count()
    for number in range(first, first + articles):
        image = Image.objects.create(title=f"Picture {number}", file=get_test_image_file(f"{number}.png"))
        body = [
            ("text", f'<p><a linktype="page" id="{target.pk}">Read</a>[R{number}]</p>'),
            ("treatment_fact", records[number % len(records)]),
            ("timeline", records[-number % len(records)]),
            ("picture", {"image": image, "alt": "A chart.", "caption": ""}),
        ]
        article = ArticlePage(
            title=f"More {number}", slug=f"more-{number}", key_points=[("point", "A")] * 3, body=body
        )
        index.add_child(instance=article)
        article.treatments = records
        article.save()


def queries(client):
    """With nothing kept but what every page says of the clinic, and after pictures have got their size."""
    client.get("/print/")
    cache.clear()
    page_cache.forget()
    stamp.forget()
    client.get("/urgent/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/print/").status_code == 200
    return len(captured)
