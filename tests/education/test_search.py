"""What patients find with their own words, what they never find, and what is kept of their search: next to nothing."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Revision

from education.models import ArticleIndexPage, ArticlePage, PlainPage, SearchDocument, SearchMiss, Synonym, Treatment
from education.search import index, misses, words
from portal import serve
from tests.education.html import by_class, parse, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


def search(client, q, **more):
    response = client.get("/search/", {"q": q, **more})
    assert response.status_code == 200
    return response


def paths(response):
    """The addresses of the results, in order."""
    return [link.get("href") for results in by_class(parse(response), "read-list") for link in results.iter("a")]


def found(client, q, **more):
    return paths(search(client, q, **more))


def said(response):
    """All that stands in the main part of the page."""
    return text(parse(response).find(".//main"))


def article(**values):
    """A new article, a draft still."""
    values = {"title": "An article", "slug": "an-article", "topic": "Zoology", "body": [], **values}
    page = ArticlePage(live=False, **values)
    ArticleIndexPage.objects.get().add_child(instance=page)
    return page


def publish(item):
    item.save_revision().publish()
    item.refresh_from_db()
    return item


def published(**values):
    return publish(article(**values))


# What is found


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("what is cellulite", "/learn/what-is-cellulite/"),
        ("Is it safe?", "/learn/is-it-safe-for-me/"),
        ("qwo", "/treatments/collagenase/"),
        ("RETINOL", "/treatments/creams/"),
        ("Aveli", "/treatments/aveli/"),
        ("privacy", "/privacy/"),
    ],
)
def test_what_a_page_is_called_is_found_first(client, typed, path):
    assert found(client, typed)[0] == path


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("derma roller", "/treatments/home-micro-needling/"),
        ("dermarollers", "/treatments/home-micro-needling/"),
        ("derma rollers", "/treatments/home-micro-needling/"),
        ("orange peel", "/learn/what-is-cellulite/"),
        ("cottage cheese", "/learn/what-is-cellulite/"),
        ("CCH", "/treatments/collagenase/"),
        ("ESWT", "/treatments/acoustic-wave/"),
        ("shock wave", "/treatments/acoustic-wave/"),
        ("cool sculpting", "/treatments/cryolipolysis/"),
        ("lipo", "/treatments/liposuction/"),
        ("lotion", "/treatments/creams/"),
        ("black and blue", "/treatments/manual-subcision/"),
        ("how much does it cost?", "/learn/what-to-expect/"),
    ],
)
def test_the_words_of_patients_find_ours(client, typed, path):
    assert path in found(client, typed)


@pytest.mark.parametrize(
    ("typed", "meant", "path"),
    [
        ("celulite", "cellulite", "/learn/what-is-cellulite/"),
        ("dermarolller", "dermaroller", "/treatments/home-micro-needling/"),
        ("colagenase", "collagenase", "/treatments/collagenase/"),
        ("lipodema", "lipoedema", "/treatments/liposuction/"),
        ("bruisng", "bruising", "/treatments/collagenase/"),
        ("subcison", "subcision", "/treatments/manual-subcision/"),
        ("colagenase bruisng", "collagenase bruising", "/treatments/collagenase/"),
    ],
)
def test_a_slip_of_the_finger_is_put_right_and_named(client, typed, meant, path):
    response = search(client, typed)

    assert path in paths(response)
    assert f"No page matches “{typed}”. Showing results for “{meant}”." in said(response)


def test_a_word_that_only_looks_like_ours_is_asked_about(client):
    response = search(client, "celulight")

    assert paths(response) == []
    assert "No page matches “celulight”. Did you mean cellulite" in said(response)
    assert "/search/?q=cellulite" in [link.get("href") for link in parse(response).iter("a")]


def test_the_last_word_may_be_unfinished(client):
    assert found(client, "collagena")[0] == "/treatments/collagenase/"
    assert "/treatments/collagenase/" in found(client, "severe bruisi")


def test_words_are_found_in_any_form_and_in_any_order(client):
    published(title="Zebras", body=[("text", "<p>Zebras have been galloping across dusty plains.</p>")])

    for typed in ("zebra gallop", "GALLOPS dusty zebra", "the plain and a zebra"):
        assert found(client, typed) == ["/learn/an-article/"]


def test_when_no_page_has_all_words_those_with_some_are_shown(client):
    published(title="Zebras", slug="zebras")
    published(title="Giraffes", slug="giraffes")

    response = search(client, "zebra giraffe")

    assert sorted(paths(response)) == ["/learn/giraffes/", "/learn/zebras/"]
    assert "No page has all of these words. These pages have some of them." in said(response)


def test_titles_come_before_summaries_and_summaries_before_texts(client):
    published(title="Third", slug="third", body=[("text", "<p>A zebra, a zebra, and a zebra.</p>")])
    published(title="Second", slug="second", summary="About a zebra.")
    published(title="First zebra", slug="first")

    assert found(client, "zebra") == ["/learn/first/", "/learn/second/", "/learn/third/"]


def test_every_part_of_a_page_is_found_without_its_marks(client):
    body = [
        ("heading", "Aardvarks[R1]"),
        ("do_dont", {"do": ["Feed the badger.[R1]"], "dont": ["Chase the cheetah. [MEM]"]}),
        ("questions", {"questions": ["Is it a dingo?"]}),
        ("urgent", {"signs": ["an elephant"]}),
    ]
    published(key_points=[("point", "A falcon.[R1]")], body=body)

    for typed in ("aardvark", "badger", "cheetah", "dingo", "elephant", "falcon"):
        assert found(client, typed) == ["/learn/an-article/"], typed
    assert "R1]" not in said(search(client, "aardvark"))
    assert "MEM]" not in said(search(client, "cheetah"))


def test_accents_may_be_left_out_or_typed_in_two_parts(client):
    published(title="Żebra naïve")

    for typed in ("zebra", "ŻEBRA", "Z\u0307ebra", "naive"):
        assert "/learn/an-article/" in found(client, typed), typed


def test_a_withdrawn_treatment_says_so(client):
    response = search(client, "collagenase")

    first = by_class(parse(response), "read-list")[0].find("li")
    assert "Collagenase" in text(first.find("a"))
    assert "No longer available" in text(first)
    assert "No longer available" not in said(search(client, "retinol"))


def test_sample_content_says_what_it_is(client):
    assert "Sample content, not clinically approved" in said(search(client, "cellulite"))
    assert "Sample content" not in said(search(client, "privacy"))


# How it is shown


def test_the_words_are_marked_in_title_and_excerpt(client):
    filler = "Nothing of note. " * 40
    published(title="Zebras", body=[("text", f"<p>{filler}A striped zebra grazes. {filler}</p>")])

    result = by_class(parse(search(client, "zebra stripes")), "read-list")[0]

    assert [text(mark) for mark in result.iter("mark")] == ["Zebras", "striped", "zebra"]
    assert len(text(result)) < 400


@pytest.mark.parametrize(
    "attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</mark></title><svg/onload=alert(1)>"]
)
def test_nothing_that_is_typed_or_written_becomes_markup(client, attack):
    published(title=f"Zebra {attack}", summary=f"{attack} zebra", slug="zebra")

    for typed in (attack, "zebra", f"zebra {attack}"):
        response = search(client, typed)
        tree = parse(response)
        assert attack not in response.text
        assert not list(tree.iter("script"))
        assert not [element for element in tree.iter() if any(name.startswith("on") for name in element.attrib)]
    assert attack in text(by_class(parse(search(client, "zebra")), "read-list")[0].find(".//a"))


def test_markup_in_a_page_cannot_fake_a_mark(client):
    published(title="Zebra", summary="A <mark>lion</mark> and a zebra.")

    result = by_class(parse(search(client, "zebra")), "read-list")[0]

    assert [text(mark) for mark in result.iter("mark")] == ["Zebra", "zebra"]


# What is never found


def test_a_draft_is_not_found(client):
    article(title="Zebra")
    treatment = Treatment.objects.create(slug="zebra", name="Zebra", summary="Zebra.", certainty="low", live=False)
    treatment.save_revision()

    assert found(client, "zebra") == []


def test_a_change_that_is_still_a_draft_is_not_found(client):
    page = published(title="Giraffe")
    page.title = "Zebra"
    page.save_revision()

    assert found(client, "zebra") == []
    assert found(client, "giraffe") == ["/learn/an-article/"]
    publish(page)
    assert found(client, "zebra") == ["/learn/an-article/"]
    assert found(client, "giraffe") == []


@pytest.mark.parametrize("model", [ArticlePage, PlainPage, Treatment])
def test_what_is_unpublished_is_gone_at_once_and_comes_back(client, model):
    item = model.objects.filter(live=True).first()
    path = SearchDocument.objects.get(kind=index.KINDS[model], item=item.pk).path
    title = item.name if model is Treatment else item.title

    assert path in found(client, title)
    item.unpublish()
    assert path not in found(client, title)
    publish(item)
    assert path in found(client, title)


@pytest.mark.parametrize("model", [ArticlePage, PlainPage, Treatment])
def test_what_is_deleted_is_gone(client, model):
    item = model.objects.filter(live=True).first()
    title = item.name if model is Treatment else item.title
    path = SearchDocument.objects.get(kind=index.KINDS[model], item=item.pk).path

    if model is Treatment:
        item.delete()
    else:
        Page.objects.get(pk=item.pk).delete()

    assert path not in found(client, title)


def test_all_pages_below_a_deleted_one_are_gone(client):
    published(title="Zebra")

    Page.objects.get(slug="learn").delete()

    assert found(client, "zebra") == []
    assert not SearchDocument.objects.filter(path__startswith="/learn/").exists()


@pytest.mark.parametrize("kind", ["page", "treatment"])
def test_what_is_scheduled_is_found_from_its_hour_to_its_end(client, kind):
    if kind == "page":
        item = article(title="Zebra")
    else:
        item = Treatment.objects.create(slug="zebra", name="Zebra", summary="Zebra.", certainty="low", live=False)
    item.go_live_at = timezone.now() + timedelta(days=1)
    publish(item)
    call_command("publish_scheduled")
    assert found(client, "zebra") == []

    Revision.objects.filter(approved_go_live_at__isnull=False).update(
        approved_go_live_at=timezone.now() - timedelta(minutes=1)
    )
    revision = Revision.objects.get(pk=item.latest_revision_id)
    revision.content["go_live_at"] = (timezone.now() - timedelta(minutes=1)).isoformat()
    revision.save()
    call_command("publish_scheduled")
    assert len(found(client, "zebra")) == 1

    type(item).objects.filter(pk=item.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_scheduled")
    assert found(client, "zebra") == []


def test_a_new_address_takes_the_place_of_the_old_one(client, django_capture_on_commit_callbacks):
    page = published(title="Zebra", slug="old")

    page.slug = "new"
    publish(page)
    assert found(client, "zebra") == ["/learn/new/"]

    index_page = ArticleIndexPage.objects.get()
    index_page.slug = "read"
    with django_capture_on_commit_callbacks(execute=True):
        publish(index_page)
    assert found(client, "zebra") == ["/read/new/"]


def test_two_pages_may_swap_their_addresses(client):
    one, two = published(title="Zebra", slug="one"), published(title="Giraffe", slug="two")

    for page, slug in ((one, "between"), (two, "one"), (one, "two")):
        page.slug = slug
        publish(page)

    assert found(client, "zebra") == ["/learn/two/"]
    assert found(client, "giraffe") == ["/learn/one/"]


def test_pages_for_a_few_readers_only_are_not_found_by_all(client):
    published(title="Zebra")
    restriction = PageViewRestriction.objects.create(
        page=ArticleIndexPage.objects.get(), restriction_type=PageViewRestriction.LOGIN
    )
    assert found(client, "zebra") == []

    restriction.delete()
    assert found(client, "zebra") == ["/learn/an-article/"]


def test_home_and_lists_are_no_results(client):
    assert not SearchDocument.objects.filter(path__in=["/", "/learn/"]).exists()


# The index


def test_the_index_can_be_made_anew(client, capsys):
    before = list(SearchDocument.objects.order_by("path").values_list("path", "title", "body"))
    SearchDocument.objects.filter(path__startswith="/treatments/").delete()
    SearchDocument.objects.filter(path="/privacy/").update(title="Wrong", body="Wrong")

    call_command("rebuild_search")

    assert list(SearchDocument.objects.order_by("path").values_list("path", "title", "body")) == before
    assert f"{len(before)} documents" in capsys.readouterr().out


def test_a_database_older_than_the_index_is_read_into_it(client):
    published(title="Zebra")
    SearchDocument.objects.all().delete()

    call_command("migrate", verbosity=0)

    assert found(client, "zebra") == ["/learn/an-article/"]


def test_the_database_keeps_the_full_text_whoever_writes(client):
    published(title="Giraffe")

    SearchDocument.objects.filter(title="Giraffe").update(title="Zebra")

    assert found(client, "giraffe") == []
    assert found(client, "zebra") == ["/learn/an-article/"]


def test_a_very_long_text_is_no_obstacle(client):
    published(title="Zebra", body=[("text", "<p>" + " ".join(f"word{n}" for n in range(150_000)) + "</p>")])

    assert found(client, "zebra") == ["/learn/an-article/"]
    assert found(client, "word77") == ["/learn/an-article/"]


# Topics and pages


def test_a_topic_narrows_the_results(client):
    published(title="Zebra one", slug="one", topic="Zoology")
    published(title="Zebra two", slug="two", topic="Botany")

    assert found(client, "zebra", topic="zoology") == ["/learn/one/"]
    response = search(client, "zebra")
    links = {text(link): link.get("href") for chips in by_class(parse(response), "chips") for link in chips.iter("a")}
    assert links["Botany"] == "/search/?q=zebra&topic=botany"
    assert paths(client.get(links["Botany"])) == ["/learn/two/"]


def test_a_topic_without_words_lists_its_pages(client):
    response = client.get("/search/?topic=treatments")

    assert len(paths(response)) == 10
    assert "Only this topic: Treatments." in said(response)


@pytest.mark.parametrize("topic", ["no-such-topic", "'; DROP TABLE x", "x" * 10_000, "\0"])
def test_an_unknown_topic_counts_as_none(client, topic):
    assert found(client, "qwo", topic=topic) == found(client, "qwo")
    assert client.get("/search/", {"topic": topic}).status_code == 200


def test_nothing_on_a_topic_leads_to_all_topics(client):
    response = search(client, "qwo", topic="feelings-and-body-image")

    assert paths(response) == []
    assert "No page on the topic “Feelings and body image” matches “qwo”." in said(response)
    assert "/search/?q=qwo" in [link.get("href") for link in parse(response).iter("a")]
    assert not SearchMiss.objects.exists()


def test_results_come_ten_a_page(client):
    for number in range(25):
        published(title=f"Zebra {number}", slug=f"zebra-{number}")

    pages = [found(client, "zebra", page=number) for number in (1, 2, 3)]

    assert list(map(len, pages)) == [10, 10, 5]
    assert len(set(sum(pages, []))) == 25
    response = search(client, "zebra", page=2)
    assert "25 pages." in said(response)
    assert "Page 2 of 3" in said(response)
    addresses = {link.get("rel"): link.get("href") for link in parse(response).iter("a") if link.get("rel")}
    assert addresses == {"prev": "/search/?q=zebra", "next": "/search/?q=zebra&page=3"}


@pytest.mark.parametrize("page", ["0", "-1", "999", "two", "", "1.5", "9" * 5000, "\0", "²"])
def test_a_page_that_is_none_is_the_first(client, page):
    assert found(client, "cellulite", page=page) == found(client, "cellulite")


def test_more_than_anybody_would_read_is_not_ranked(client, monkeypatch):
    monkeypatch.setattr("education.search.query.RANKED", 20)
    monkeypatch.setattr("education.search.RANKED", 20)

    response = search(client, "cellulite", page=2)

    assert len(paths(response)) == 10
    assert "Many pages match. Here are the best." in said(response)
    assert found(client, "cellulite", page=3) == found(client, "cellulite")


# What is typed without care, or with malice


@pytest.mark.parametrize(
    "typed",
    [
        *(
            '"',
            '"zebra',
            "'",
            "zebra'",
            "(",
            "zebra)",
            "*",
            "zebra*",
            "^zebra",
            "-zebra",
            "+zebra",
            "a:b",
            "title:zebra",
        ),
        *("zebra AND", "OR zebra", "NOT", "NEAR(zebra, 5)", "{title names} : zebra", "zebra & !lion | (cat <-> dog)"),
        *("zebra:*", "zebra:A", "\\", "zebra\\", "%", "_", "%s", "%(q)s", "{}", "{0}", ";", "--", "/* */"),
        *("\0", "zebra\0", "\x1b[31m", "\u202ezebra", "\ufeff", "\ufffe", "\ud7ff", "🦓", "👩🏽‍⚕️ zebra", "zebra🦓"),
        *("naïve", "Größe", "İstanbul", "日本語", "ليمون", "ﬀ", "ﷺ" * 200, "a\u0301" * 150, "l'été", "1", "37,1 %"),
        *("a" * 200, "a" * 10_000, "a " * 5_000, "zebra " * 2_000, '"' * 10_000, "é" * 10_000, "\n\t\r zebra"),
        "<script>alert('zebra')</script>",
    ],
)
def test_whatever_is_typed_gets_a_sane_page(client, typed):
    published(title="Zebra")

    response = search(client, typed)

    assert ("/learn/an-article/" in paths(response)) == ("zebra" in typed.lower())
    assert ("We used only the first 200 letters" in said(response)) == (len(typed.strip("\0\ufeff \n\r\t")) > 200)


def test_bytes_that_are_no_text_are_no_fault(client):
    assert client.get("/search/?q=%FF%FE%00zebra%C3").status_code == 200
    assert client.get("/search/?q=%ED%A0%80").status_code == 200


def test_without_words_there_is_somewhere_to_start(client):
    for query in ("", "?q=", "?q=%20%20", "?other=1"):
        response = client.get(f"/search/{query}")
        assert "Choose a topic" in said(response)
        links = [link.get("href") for chips in by_class(parse(response), "chips") for link in chips.iter("a")]
        assert "/search/?topic=micro-needling" in links
    for link in links:
        assert paths(client.get(link)), f"{link} leads nowhere"


def test_an_empty_library_says_so(client):
    SearchDocument.objects.all().delete()

    assert "Nothing is published yet." in said(client.get("/search/"))
    assert "Nothing is published yet." in said(search(client, "zebra"))


def test_the_form_says_what_it_is_and_keeps_what_was_typed(client):
    tree = parse(search(client, 'zebra "stripes"'))
    field = next(element for element in tree.iter("input") if element.get("name") == "q")

    assert field.attrib.items() >= {"type": "search", "maxlength": "200", "autocomplete": "off", "id": "q"}.items()
    assert field.get("value") == 'zebra "stripes"'
    assert [text(label) for label in tree.iter("label") if label.get("for") == "q"] == ["What would you like to know?"]
    assert not list(tree.iter("script"))


# Synonyms


def test_editors_add_words_and_take_them_away(client):
    published(title="Zebra")
    assert found(client, "quagga") == []

    synonym = Synonym.objects.create(words="zebra, quagga, Grevy foal!")
    assert found(client, "quagga") == found(client, "grevy foals") == ["/learn/an-article/"]

    synonym.delete()
    assert found(client, "quagga") == []


def test_no_amount_of_synonyms_makes_a_search_grow_without_end(client):
    published(title="Zebra")
    Synonym.objects.bulk_create(Synonym(words=f"zebra, overlap{n}, " + "x, " * 80) for n in range(600))
    Synonym.objects.create(words=" , ,,; the, a, of")

    with CaptureQueriesContext(connection) as captured:
        assert "/learn/an-article/" in found(client, "zebra " * 20)

    asked = [query["sql"] for query in captured if "overlap" in query["sql"]]
    assert asked
    assert max(sql.count("overlap") for sql in asked) < 13


# How much it costs


@pytest.mark.parametrize(
    ("typed", "limit"),
    [
        ("privacy", 4),
        ("orange peel", 5),
        ("celulite", 8),
        ("trampoline bruising", 9),
        ("trampolin celulite", 13),
        ("collagena", 5),
        ("", 0),
    ],
)
def test_a_search_asks_little_and_no_more_when_there_is_more_content(client, monkeypatch, typed, limit):
    monkeypatch.setattr("portal.stamp.settled", lambda: True)
    before = reads(client, typed)
    for number in range(30):
        published(title=f"More about cellulite, dents and bruising {number}", slug=f"more-{number}")

    assert max(before, reads(client, typed)) <= limit


def reads(client, typed):
    """How often a search asks the database, once what is kept of the content has been read."""
    search(client, typed)
    with CaptureQueriesContext(connection) as captured:
        search(client, typed)
    asked = [query["sql"] for query in captured if query["sql"].lstrip().startswith("SELECT")]
    assert not [sql for sql in asked if "COUNT(" in sql.upper()]
    return len(asked)


# What is kept of a search


def test_nobody_on_the_way_keeps_a_search(client):
    response = search(client, "zebra")

    assert response["Cache-Control"] == "no-store, private"
    assert not response.cookies
    robots = [meta.get("content") for meta in parse(response).iter("meta") if meta.get("name") == "robots"]
    assert robots == ["noindex"]


def test_a_search_is_in_no_log(client, caplog, monkeypatch):
    caplog.set_level("DEBUG")
    search(client, "my secret worry")
    client.get("/no-such-page/?q=my secret worry")
    client.get("/search?q=my secret worry")
    client.get("/search/?q=my secret worry", headers={"host": "elsewhere.example"})
    monkeypatch.setattr("education.search.misses._count", _fail)
    search(client, "worry my secret")
    monkeypatch.setattr("education.views.look_up", _fail)
    client.raise_request_exception = False
    assert client.get("/search/?q=my secret worry").status_code in (500, 503)

    assert caplog.records
    assert "secret" not in caplog.text
    assert "--access-log" not in serve.WEB


def _fail(*args):
    raise DatabaseError("no such thing")


def test_a_search_without_result_is_counted_by_its_words(client):
    for typed in ("Striped  Zebras!", "striped zebras", "celulite", "qwo", "", "🦓"):
        search(client, typed)

    row = SearchMiss.objects.get()
    assert (row.words, row.count, row.last_day) == ("striped zebras", 2, timezone.localdate())


@pytest.mark.parametrize(
    "typed",
    [
        "zebra@example.org",
        "zebra 07700 900417",
        "zebra 12.3.85",
        "born 1985 zebra",
        "https://zebra.example/stripes",
        "www.zebra.example",
        "zebra.example",
        "my zebra was born on a very rainy day",
        "zebra " + "z" * 60,
    ],
)
def test_what_could_be_about_a_person_is_not_kept(client, typed):
    search(client, typed)

    assert not SearchMiss.objects.exists()


def test_only_the_thousand_most_wanted_misses_are_kept(client):
    today = timezone.localdate()
    SearchMiss.objects.bulk_create(SearchMiss(words=f"often {n}", count=3, last_day=today) for n in range(998))
    SearchMiss.objects.create(words="once, long ago", count=1, last_day=today - timedelta(days=9))
    SearchMiss.objects.create(words="once, lately", count=1, last_day=today - timedelta(days=1))

    search(client, "zebra")

    assert SearchMiss.objects.count() == 1000
    assert not SearchMiss.objects.filter(words="once, long ago").exists()
    assert SearchMiss.objects.filter(words__in=["zebra", "once, lately"]).count() == 2


def test_a_miss_that_cannot_be_counted_breaks_no_page(client, monkeypatch):
    monkeypatch.setattr(misses, "_count", _fail)

    assert "No page matches “zebra”." in said(search(client, "zebra"))


# Words


@pytest.mark.parametrize(("typed", "folded"), [("ÉÀÇ", "eac"), ("İstanbul", "istanbul"), ("Straße", "straße")])
def test_a_folded_text_has_its_letters_where_they_were(typed, folded):
    assert words.fold(typed) == folded
    assert len(words.fold(typed)) == len(typed)
