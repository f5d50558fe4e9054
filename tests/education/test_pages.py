"""What a patient sees on the pages that the CMS serves."""

from datetime import date

import pytest
from django.conf import settings
from wagtail.models import PageViewRestriction

from education.citations import plain
from education.models import ArticleIndexPage, ArticlePage, HomePage, PlainPage, Treatment
from tests.education.html import by_class, parse, text

ARTICLES = ["/learn/what-is-micro-needling/", "/learn/micro-needling-for-cellulite/"]
TREATMENTS = [
    "/treatments/clinic-micro-needling/",
    "/treatments/collagenase/",
    "/treatments/creams/",
    "/treatments/home-micro-needling/",
    "/treatments/laser-1440/",
    "/treatments/rf-micro-needling/",
]
PLAIN = ["/privacy/", "/accessibility/", "/how-we-write/"]
PUBLIC = ["/", "/learn/", "/urgent/", *ARTICLES, *TREATMENTS, *PLAIN]

SAMPLE = "Sample content, not clinically approved. It awaits clinical review."

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


@pytest.mark.parametrize("path", PUBLIC)
def test_no_mark_is_left_in_a_page(client, path):
    page = client.get(path).content.decode()

    assert not any(mark in page for mark in ("[R", "[MEM]", "[JUDGE]"))


@pytest.mark.parametrize("path", PUBLIC)
def test_headings_skip_no_level(client, path):
    levels = [int(element.tag[1]) for element in parse(client.get(path)).iter() if element.tag in ("h1", "h2", "h3")]

    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("path", PUBLIC)
def test_reading_leaves_no_trace_under_the_strict_policy(client, path):
    response = client.get(path)

    policy = response["Content-Security-Policy"]
    assert not response.cookies
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", ["/", *ARTICLES, *TREATMENTS])
def test_unapproved_content_says_so_inside_main(client, path):
    main = next(parse(client.get(path)).iter("main"))

    assert SAMPLE in text(main)


@pytest.mark.parametrize("path", [*ARTICLES, *PLAIN])
def test_a_page_names_its_address_and_its_summary(client, path):
    tree = parse(client.get(path))

    page = ArticlePage.objects.filter(slug=path.split("/")[-2]).first() or PlainPage.objects.get(slug=path.strip("/"))
    links = {link.get("rel"): link.get("href") for link in tree.iter("link")}
    assert links["canonical"] == settings.SITE_URL + path
    descriptions = [meta.get("content") for meta in tree.iter("meta") if meta.get("name") == "description"]
    assert descriptions == [page.summary]


def test_an_article_shows_its_key_points_and_where_its_parts_are(client):
    tree = parse(client.get(ARTICLES[1]))

    article = ArticlePage.objects.get(slug="micro-needling-for-cellulite")
    [points] = by_class(tree, "key-points")
    shown = [text(point) for point in points.iter("li")]
    assert len(shown) == len(article.key_points)
    for words, point in zip(shown, article.key_points, strict=True):
        assert words.startswith(plain(point.value).split(".")[0])
    headings = [block.value for block in article.body if block.block_type == "heading"]
    small, wide = by_class(tree, "toc")
    assert (
        [text(link) for link in small.iter("a")] == [text(link) for link in wide.iter("a")] == [*headings, "Sources"]
    )
    assert small.tag == "details"
    assert text(by_class(tree, "lead")[0]) == article.summary


def test_sources_are_numbered_in_the_order_in_which_the_page_cites_them(client):
    tree = parse(client.get(ARTICLES[1]))

    article = next(tree.iter("article"))
    links = [link for link in by_class(article, "cite") if link.tag == "a"]
    first_seen = list(dict.fromkeys(int(text(link).removeprefix("source ")) for link in links))
    [sources] = by_class(tree, "sources")
    numbers = [int(item.get("value")) for item in sources]
    assert first_seen == numbers == list(range(1, len(numbers) + 1))
    listed = {item.get("id"): int(item.get("value")) for item in sources}
    assert all(listed[link.get("href")[1:]] == int(text(link).removeprefix("source ")) for link in links)


def test_what_is_not_from_a_source_says_that_it_awaits_review(client):
    article = parse(client.get(ARTICLES[1]))

    assert "It may change skin texture a little. Awaiting clinical review" in text(article)


def test_empty_review_fields_print_nothing(client):
    tree = parse(client.get(ARTICLES[0]))

    assert not by_class(tree, "review")
    [line] = by_class(tree, "meta-line")
    assert text(line) == "6 minutes to read"
    assert "None" not in text(tree)


def test_a_reviewed_article_says_who_checked_it_and_when(client):
    ArticlePage.objects.update(
        author="Ada Writer",
        approved_by="Dr Bo Checker",
        last_reviewed=date(2026, 11, 16),
        next_review=date(2027, 11, 16),
    )

    tree = parse(client.get(ARTICLES[0]))

    assert (
        text(by_class(tree, "meta-line")[0]) == "6 minutes to read Reviewed 16 November 2026 Checked by Dr Bo Checker"
    )
    assert text(by_class(tree, "review")[0]) == (
        "Last reviewed 16 November 2026 Next review 16 November 2027 Written by Ada Writer Checked by Dr Bo Checker"
    )
    assert SAMPLE not in text(tree)


def test_a_fact_of_an_unapproved_record_says_so_on_an_approved_page(client):
    ArticlePage.objects.update(approved_by="Dr Bo Checker", last_reviewed=date(2026, 11, 16))

    facts = by_class(parse(client.get(ARTICLES[0])), "fact")

    assert facts and all("Awaiting clinical review All facts" in text(fact) for fact in facts)


def test_dates_follow_the_date_style(client, settings):
    settings.DATE_STYLE = "Y-m-d"
    ArticlePage.objects.update(approved_by="Dr Bo Checker", last_reviewed=date(2026, 11, 16))

    assert "Reviewed 2026-11-16" in text(parse(client.get(ARTICLES[0])))


def test_a_fact_keeps_its_rows_and_says_what_is_unknown(client):
    facts = {text(fact[0]): fact for fact in by_class(parse(client.get(ARTICLES[1])), "fact")}

    for fact in facts.values():
        assert [text(label) for label in fact.iter("dt")] == [
            "Seen in studies",
            "How sure are we?",
            "How long it lasts",
            "Healing",
            "Serious risks",
            "US regulator",
        ]
    values = [text(value) for value in facts["Clinic micro-needling (no heat)"].iter("dd")]
    assert values[1:3] == ["No direct evidence", "Unknown"]
    assert "About 37 to 42 in 100 women with the treatment" in text(facts["Collagenase injections (Qwo)"])


def test_an_article_that_names_a_withdrawn_treatment_shows_its_banner(client):
    article = ArticlePage.objects.get(slug="what-is-micro-needling")
    article.treatments.add(Treatment.objects.get(slug="collagenase"))
    article.save()

    for path in ARTICLES:
        [banner] = by_class(parse(client.get(path)), "box-withdrawn")
        assert text(banner).startswith("No longer available: Collagenase injections (Qwo) Qwo is no longer made.")


def test_the_switch_reaches_every_page_that_names_a_treatment(client):
    Treatment.objects.filter(slug="rf-micro-needling").update(state=Treatment.State.WITHDRAWN)

    for path in [*ARTICLES, "/treatments/rf-micro-needling/"]:
        banners = [text(banner) for banner in by_class(parse(client.get(path)), "box-withdrawn")]
        assert "No longer available: RF micro-needling (needles with heat)" in banners
    assert "RF micro-needling" not in text(by_class(parse(client.get("/")), "sure-list")[0])


def test_an_article_shows_no_fact_of_a_record_that_is_a_draft(client):
    Treatment.objects.update(live=False)

    tree = parse(client.get(ARTICLES[1]))

    assert not by_class(tree, "fact")
    assert not by_class(tree, "sure-list")
    assert [text(banner) for banner in by_class(tree, "box-withdrawn")] == [
        "No longer available: Collagenase injections (Qwo)"
    ]


def test_a_deleted_record_leaves_its_articles_readable(client):
    Treatment.objects.all().delete()

    assert client.get(ARTICLES[1]).status_code == 200


@pytest.mark.parametrize(
    ("heading", "anchors"),
    [
        (["Sources", "Key points", "Main"], ["sources-2", "key-points-2", "main-2"]),
        (["Why?", "Why", "为什么", "为什么"], ["why", "why-2", "part", "part-2"]),
        (["Why[R1] [MEM]"], ["why"]),
    ],
)
def test_parts_have_an_address_of_their_own(heading, anchors):
    page = PlainPage(title="Page", body=[("heading", text) for text in heading])

    assert [section.anchor for section in page.sections()[1:]] == anchors


def test_a_drawing_says_in_words_what_there_is_to_learn(client):
    [figure] = by_class(parse(client.get(ARTICLES[1])), "figure-draw")

    [image] = figure.iter("img")
    assert image.get("src").endswith(".svg")
    assert (image.get("width"), image.get("height")) == ("440", "290")
    assert image.get("alt").startswith("Drawing of a block of skin with two dents.")
    assert text(next(figure.iter("figcaption"))).endswith("Not to scale.")


def test_the_urgent_box_prints_words_where_the_clinic_has_no_number(client):
    [box] = by_class(parse(client.get(ARTICLES[1])), "box-urgent")

    assert text(box).endswith(
        "Call your local urgent care line. "
        "In an emergency, or with trouble breathing or chest pain, call your local emergency number now."
    )
    assert not any(box.iter("a"))


def test_each_answer_of_a_check_explains_itself(client):
    article = ArticlePage.objects.get(slug="what-is-micro-needling")
    answers = [
        {"text": "Toxins", "reply": "Many people have read this.[R59]", "fits": False},
        {"text": "Bands", "reply": "Yes. They pull the skin down.[R28]", "fits": True},
    ]
    article.key_points = [("point", "A point.")] * 3
    article.body = [("heading", "Why?"), ("check", {"question": "What makes dents?", "answers": answers})]
    article.save()

    [check] = by_class(parse(client.get(ARTICLES[0])), "check-self")

    assert [(part.tag, text(part)) for part in check[:2]] == [("h3", "Check yourself"), ("p", "What makes dents?")]
    assert [text(answer) for answer in check.iter("details")] == [
        "Toxins Another answer is closer Many people have read this.source 1",
        "Bands Closest answer Yes. They pull the skin down.source 2",
    ]
    assert [text(summary) for summary in check.iter("summary")] == ["Toxins", "Bands"]
    assert {answer.get("name") for answer in check.iter("details")} == {"check-what-makes-dents"}
    assert [text(on_paper) for on_paper in by_class(check, "print-only")] == [
        "Bands Yes. They pull the skin down.source 2"
    ]
    assert not any(part.tag in ("form", "input", "button") for part in check.iter())


def test_the_index_lists_articles_by_topic_with_their_minutes(client):
    other = ArticlePage(title="Other", slug="other", topic="Feelings", key_points=[("point", "A")] * 3, body=[])
    ArticleIndexPage.objects.get().add_child(instance=other)

    main = next(parse(client.get("/learn/")).iter("main"))

    assert [text(heading) for heading in main.iter("h2")] == [
        "About cellulite",
        "Micro-needling",
        "Planning a treatment",
        "Treatments",
        "Feelings and body image",
        "Feelings",
    ]
    assert [text(item).split()[-4:] for item in by_class(main, "read-list")[-1]] == [["1", "minute", "to", "read"]]
    assert len(by_class(main, "read-list")[1]) == 3


def test_the_index_without_articles_says_so(client):
    ArticlePage.objects.update(live=False)

    assert "No article is published yet." in text(parse(client.get("/learn/")))


def test_home_leads_to_the_form_the_articles_and_the_records(client):
    tree = parse(client.get("/"))

    main = next(tree.iter("main"))
    links = [link.get("href") for link in main.iter("a")]
    assert "/intake/" in links
    assert set(ARTICLES) <= set(links)
    treatments = [link for link in links if link.startswith("/treatments/") and link != "/treatments/"]
    assert len(treatments) == 6 and "/treatments/collagenase/" not in treatments
    assert "/treatments/" in links
    assert text(next(tree.iter("h1"))) == "Honest answers about cellulite, before your visit"
    assert len(by_class(tree, "facts")[0]) == len(by_class(tree, "steps3")[0]) == 3


def test_home_lists_few_articles_however_many_there_are(client):
    for number in range(9):
        article = ArticlePage(title=f"More {number}", slug=f"more-{number}", key_points=[("point", "A")] * 3, body=[])
        ArticleIndexPage.objects.get().add_child(instance=article)

    assert len(by_class(parse(client.get("/")), "read-list")[0]) == 4


def test_an_unpublished_page_is_not_found(client):
    for page in [*ArticlePage.objects.all(), PlainPage.objects.get(slug="privacy")]:
        page.unpublish()

    for path in [*ARTICLES, "/privacy/"]:
        assert client.get(path).status_code == 404
    assert client.get("/learn/").status_code == 200


@pytest.mark.parametrize("path", ["/nothing/", "/learn/nothing/", "/what-is-micro-needling/", "/learn/privacy/"])
def test_an_address_without_a_page_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_minutes_count_what_is_read_and_nothing_else():
    article = ArticlePage(
        title="An article",
        key_points=[("point", "one two three")],
        body=[
            ("heading", "four five"),
            ("text", "<p>six <b>seven</b></p>"),
            ("questions", {"questions": ["eight nine"]}),
        ],
    )
    assert article.minutes_to_read() == 1

    article.body = [("text", f"<p>{'word ' * 178}</p>")]
    assert article.minutes_to_read() == 2


def test_what_an_editor_writes_is_shown_as_text(client):
    home = HomePage.objects.get()
    home.title = home.summary = '<script>alert("x")</script>'
    home.facts = [("fact", {"title": "<b>T</b>", "text": "<img src=x onerror=alert(1)>[R1]"})]
    home.save()

    tree = parse(client.get("/"))

    assert not any(tree.iter("script"))
    assert text(next(tree.iter("h1"))) == '<script>alert("x")</script>'
    assert text(by_class(tree, "facts")[0]) == "<b>T</b> <img src=x onerror=alert(1)>source 1"


def test_a_treatment_that_only_a_timeline_shows_is_among_those_on_the_page(client):
    article = ArticlePage.objects.get(slug="body-image-and-cellulite")
    article.body.append(("timeline", Treatment.objects.get(slug="aveli")))
    article.save()

    tree = parse(client.get("/learn/body-image-and-cellulite/"))

    [listed] = by_class(tree, "sure-list")
    assert "Avéli" in text(listed)


def test_an_article_for_a_few_readers_only_is_in_no_list(client):
    hidden = ArticlePage.objects.get(slug="what-is-cellulite")
    PageViewRestriction.objects.create(page=hidden, restriction_type=PageViewRestriction.LOGIN)

    for path in ("/", "/learn/", "/learn/grading-cellulite/"):
        assert "What is cellulite?" not in [
            text(link) for link in next(parse(client.get(path)).iter("main")).iter("a")
        ]
