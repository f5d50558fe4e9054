"""The editor's desk in the CMS: feedback, search words, review calendar and the list of what is still open."""

from collections import Counter
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from education import go_live, reviews
from education.models import (
    ArticlePage,
    Feedback,
    HomePage,
    Outcome,
    PlainPage,
    SearchMiss,
    Source,
    Synonym,
    Treatment,
)
from intake.models import Note, Route
from portal.models import ClinicSettings
from tests.education.html import parse, text
from tests.factories import UserFactory, put_rules_in_force

LIST = "/cms/snippets/education/{}/"
CALENDAR, GO_LIVE, CLEARNESS = "/cms/reports/reviews/", "/cms/reports/go-live/", "/cms/reports/clear/"
SAID = "Was bedeutet „Kollagen“ hier?"
CONTENT_ROLES = ["editor", "reviewer", "admin"]
TODAY = date(2026, 11, 24)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


@pytest.fixture(params=CONTENT_ROLES)
def cms(client, request):
    client.force_login(UserFactory(role=request.param))
    return client


@pytest.fixture
def editor(client):
    client.force_login(UserFactory(role="editor"))
    return client


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(role="admin"))
    return client


def rows(response):
    """What the table of a page says, row by row."""
    rows = lenient(response).select("main tbody tr")
    return [[" ".join(cell.text.split()) for cell in row.select("td")] for row in rows]


def lenient(response):
    """Wagtail's own pages are no strict HTML."""
    return BeautifulSoup(response.text, "html.parser")


def main_text(response):
    return " ".join(lenient(response).main.text.split())


def address(item, action):
    return reverse(item.snippet_viewset.get_url_name(action), args=[item.pk])


@pytest.fixture
def said():
    return Feedback.objects.create(path="/learn/one/", clear="no", text=SAID)


def test_feedback_is_listed_newest_and_unseen_first(cms, said):
    old = Feedback.objects.create(path="/learn/two/", clear="yes")
    Feedback.objects.filter(pk=old.pk).update(received=date(2026, 1, 2))
    Feedback.objects.create(path="/learn/three/", clear="partly", seen=True)

    listed = rows(cms.get(LIST.format("feedback")))

    assert [row[1].split()[0] for row in listed] == ["/learn/one/", "/learn/two/", "/learn/three/"]
    assert listed[0][2:4] == ["No", SAID]
    assert listed[1][4] == "2 January 2026"
    assert [row[5] for row in listed] == ["New", "New", "Seen to"]


@pytest.mark.parametrize(
    ("query", "pages"),
    [("clear=no", ["/learn/one/"]), ("seen=true", ["/learn/two/"]), ("path=/learn/two/", ["/learn/two/"])],
)
def test_feedback_is_filtered(editor, said, query, pages):
    Feedback.objects.create(path="/learn/two/", clear="yes", seen=True)

    assert [row[1].split()[0] for row in rows(editor.get(LIST.format("feedback") + "?" + query))] == pages


def test_feedback_is_read_ticked_as_seen_to_and_changed_by_nobody(cms, said):
    assert SAID in main_text(cms.get(address(said, "inspect")))
    assert SAID in main_text(cms.get(address(said, "edit")))

    changed = {"seen": "on", "text": "Other words", "clear": "yes", "path": "/"}
    response = cms.post(address(said, "edit"), changed)

    assert response.status_code == 302
    kept = Feedback.objects.values("seen", "text", "clear", "path").get()
    assert kept == {"seen": True, "text": SAID, "clear": "no", "path": "/learn/one/"}


def test_feedback_is_added_by_nobody_and_may_be_deleted(cms, said):
    assert "add" not in main_text(cms.get(LIST.format("feedback"))).lower()
    for action in ("add", "copy"):
        assert cms.post(f"{LIST.format('feedback')}{action}/", {"seen": "on"}).status_code in (302, 404)
    assert Feedback.objects.get() == said

    cms.post(address(said, "delete"))

    assert not Feedback.objects.exists()


def test_the_history_of_the_cms_holds_no_words_of_a_reader(editor, said):
    editor.post(address(said, "edit"), {"seen": "on"})
    editor.post(address(said, "delete"))

    assert ModelLogEntry.objects.exists()
    assert "Kollagen" not in str(list(ModelLogEntry.objects.values()))


def test_pages_that_leave_most_people_with_questions_come_first(cms):
    answers = {"/learn/good/": "yes yes partly", "/learn/bad/": "no no yes", "/learn/fair/": "no partly"}
    for path, given in answers.items():
        for clear in given.split():
            Feedback.objects.create(path=path, clear=clear)

    listed = rows(cms.get(CLEARNESS))

    assert [[row[0], *row[-4:]] for row in listed] == [
        ["/learn/bad/", "2", "0", "1", "3"],
        ["/learn/fair/", "1", "1", "0", "2"],
        ["/learn/good/", "0", "1", "2", "3"],
    ]


def test_search_words_are_an_editors_own(cms):
    cms.post(f"{LIST.format('synonym')}add/", {"words": "orange peel, dents of mine"})
    words = Synonym.objects.get(words="orange peel, dents of mine")
    cms.post(address(words, "edit"), {"words": "orange peel, bumps"})
    assert "orange peel, bumps" in main_text(cms.get(LIST.format("synonym")))

    cms.post(address(words, "delete"))

    assert not Synonym.objects.filter(pk=words.pk).exists()


def test_searches_without_result_are_read_and_cleared_and_nothing_else(cms):
    miss = SearchMiss.objects.create(words="dry brushing", count=7, last_day=date(2026, 11, 2))
    rare = SearchMiss.objects.create(words="keto", last_day=date(2026, 11, 3))

    listed = rows(cms.get(LIST.format("searchmiss")))

    assert [row[2:] for row in listed] == [["7", "2 November 2026"], ["1", "3 November 2026"]]
    assert listed[0][1].startswith("dry brushing")
    for refused in (f"{LIST.format('searchmiss')}add/", address(miss, "edit")):
        assert cms.post(refused, {"words": "other", "count": 1, "last_day": "2026-11-02"}).status_code == 302
    assert set(SearchMiss.objects.values_list("words", flat=True)) == {"dry brushing", "keto"}
    cms.post(address(miss, "delete"))
    assert SearchMiss.objects.get() == rare


def fill(number):
    for one in range(number):
        Feedback.objects.create(path=f"/learn/{number}-{one}/", clear="no", text=SAID)
        SearchMiss.objects.create(words=f"{number} {one}", last_day=TODAY)
        Synonym.objects.create(words=f"{number}, {one}")
        Treatment.objects.create(slug=f"t{number}-{one}", name=f"{number} {one}", summary="S.", certainty="low")


@pytest.mark.parametrize(
    "address",
    [*map(LIST.format, ("feedback", "synonym", "searchmiss")), CLEARNESS, CALENDAR, GO_LIVE, "/cms/"],
)
def test_no_list_costs_more_queries_with_more_rows(editor, address):
    fill(2)
    editor.get(address)
    with CaptureQueriesContext(connection) as few:
        editor.get(address)
    fill(12)

    with CaptureQueriesContext(connection) as many:
        editor.get(address)

    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("next_review", "state"),
    [
        (date(2026, 11, 23), "overdue"),
        (TODAY, "soon"),
        (date(2026, 12, 24), "soon"),
        (date(2026, 12, 25), "later"),
        (None, "never"),
    ],
)
def test_a_review_is_due_thirty_days_ahead_and_overdue_the_day_after(next_review, state):
    assert reviews.due(next_review, TODAY) == state


@pytest.fixture
def due():
    """An overdue article that somebody sees to, a note that is due soon, and a record for later."""
    put_rules_in_force()
    today, owner = timezone.localdate(), UserFactory(role="editor", first_name="Ada", last_name="Okoro")
    days = {"last_reviewed": today - timedelta(400), "next_review": today - timedelta(35), "review_owner": owner}
    ArticlePage.objects.filter(slug="what-is-cellulite").update(**days)
    Note.objects.filter(code="E3").update(next_review=today + timedelta(30))
    Treatment.objects.filter(slug="creams").update(next_review=today + timedelta(31))
    return owner


def test_the_calendar_lists_everything_that_is_reviewed_what_is_due_first(cms, due):
    listed = [row for page in (1, 2) for row in rows(cms.get(f"{CALENDAR}?p={page}"))]

    kinds = Counter(row[1] for row in listed)
    assert kinds == {
        "home page": 1,
        "article": ArticlePage.objects.count(),
        "treatment": Treatment.objects.count(),
        "note": Note.objects.count(),
        "route": Route.objects.count(),
    }
    assert [row[5] for row in listed[:4]] == ["Overdue", "Due within 30 days", "Later", "Never reviewed"]
    assert listed[0][:3] == ["What is cellulite?", "article", "Ada Okoro"]
    assert listed[1][0].startswith("E3 ")


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("state=overdue", 1),
        ("state=soon&owner=nobody", 1),
        ("state=overdue&owner=nobody", 0),
        ("owner={owner}", 1),
        ("state=nonsense", None),
    ],
)
def test_the_calendar_is_filtered_by_state_and_owner(editor, due, query, number):
    query = query.format(owner=due.pk)
    whole, part = editor.get(f"{CALENDAR}?{query}"), editor.get(f"{CALENDAR}results/?{query}")

    expected = len(reviews.calendar(timezone.localdate())) if number is None else number
    assert whole.context["items_count"] == part.context["items_count"] == expected


def test_the_calendar_finds_drafts_too_and_leads_to_where_they_are_edited(editor):
    article = ArticlePage.objects.get(slug="what-is-cellulite")
    ArticlePage.objects.update(live=False)

    links = [link["href"] for link in lenient(editor.get(CALENDAR)).select("a[href]")]

    assert reverse("wagtailadmin_pages:edit", args=[article.pk]) in links
    assert address(Treatment.objects.get(slug="creams"), "edit") in links


def test_neither_list_costs_more_queries_with_more_content(editor, due, django_assert_num_queries):
    with django_assert_num_queries(5):
        reviews.calendar(TODAY)
    with django_assert_num_queries(10):
        before = len(go_live.awaiting())
    for number in range(3):
        ArticlePage.objects.first().copy(update_attrs={"slug": f"copy-{number}", "title": f"Copy {number}"})
        Treatment.objects.create(slug=f"new-{number}", name=f"New {number}", summary="New.", certainty="low")
        Source.objects.create(code=f"R90{number}", citation="C", strength="A", kind="Label")

    with django_assert_num_queries(5):
        reviews.calendar(TODAY)
    with django_assert_num_queries(10):
        assert len(go_live.awaiting()) == before + 9


def test_the_home_of_the_cms_counts_what_is_overdue_and_open(cms, due):
    points = len(go_live.awaiting())

    said = main_text(cms.get("/cms/"))

    assert "1 review is overdue" in said
    assert f"{points} points are open before you go live" in said


def points_of(kind):
    return [point for point in go_live.awaiting() if point.kind == kind]


def test_all_that_no_clinician_approved_is_open(due):
    models = {"Articles": ArticlePage, "Treatments": Treatment, "Notes": Note, "Routes": Route, "Home pages": HomePage}
    for kind, model in models.items():
        points = points_of(kind)
        assert [point.title for point in points] == [str(item) for item in model.objects.all()]
        assert {point.why for point in points} == {"Published, not approved"}


def test_what_is_approved_and_has_no_mark_left_is_not_open_any_more():
    approved = {"approved_by": "Dr Bo", "last_reviewed": TODAY}
    ArticlePage.objects.filter(slug="what-is-cellulite").update(**approved)
    HomePage.objects.update(**approved)

    assert points_of("Home pages") == []
    [point] = [point for point in points_of("Articles") if point.title == "What is cellulite?"]
    assert point.why == "Marks are left"
    assert point.marks > 0


def test_a_draft_that_nobody_approved_is_open():
    ArticlePage.objects.update(live=False)

    assert {point.why for point in points_of("Articles")} == {"Draft, not approved"}


def test_what_the_starter_pages_leave_to_the_clinic_is_open_until_it_is_written():
    left = points_of("For the clinic to write")
    assert [point.title for point in left] == ["How we write and review", "Your privacy"]
    assert left[0].why == "The clinic adds which of these treatments it sells, and who pays for these pages."

    page = PlainPage.objects.get(slug="how-we-write")
    page.body = [("text", "<p>We sell none of them, and nobody pays us for these pages.</p>")]
    page.save()

    assert [point.title for point in points_of("For the clinic to write")] == ["Your privacy"]


def test_marked_statements_are_counted_wherever_they_stand():
    article = ArticlePage.objects.get(slug="what-is-cellulite")
    article.summary = "One. [MEM]"
    article.key_points = [("point", text) for text in ("Two.[JUDGE]", "Three.[R1]", "Four.")]
    article.body = [("heading", "Why? [MEM]"), ("urgent", {"signs": ["it burns [JUDGE]"]})]
    article.save()
    creams = Treatment.objects.get(slug="creams")
    Treatment.objects.filter(pk=creams.pk).update(**dict.fromkeys(Treatment.FACTS, "") | {"lasts": "[MEM]"})
    Outcome.objects.filter(treatment=creams).delete()
    source = Source.objects.get(code="R1")
    Outcome.objects.create(treatment=creams, name="Dents", result="Fewer. [JUDGE]", certainty="low", source=source)
    privacy = PlainPage.objects.get(slug="privacy")
    privacy.body = [("heading", "We think so. [JUDGE]")]
    privacy.save()

    marks = {point.title: point.marks for point in go_live.awaiting()}

    assert marks["What is cellulite?"] == 4
    assert marks["Creams with caffeine or retinol"] == 2
    assert marks[privacy.title] == 1


def test_each_drawing_in_use_is_listed_once():
    names = [point.title for point in points_of("Drawings")]

    assert "Skin layers and bands" in names
    assert len(names) == len(set(names))
    ArticlePage.objects.all().delete()
    assert points_of("Drawings") == []


def test_sources_without_address_and_settings_that_are_missing_are_open():
    Source.objects.exclude(code="R1").update(url="https://example.org/")
    Source.objects.filter(code="R1").update(url="")
    clinic = ClinicSettings.load()
    clinic.crisis_name, clinic.crisis_phone = "Listeners", "555 0199"
    clinic.save()

    [source] = points_of("Sources")
    assert source.title.startswith("R1 ")
    labels = [point.title for point in points_of("Clinic settings")]
    assert "Emergency number" in labels
    assert "Crisis line, name" not in labels


def test_the_list_gives_the_total_and_leads_to_each_point(cms):
    points = go_live.awaiting()

    response = cms.get(GO_LIVE)

    said = main_text(response)
    assert f"{len(points)} points are open. {sum(point.marks for point in points)} statements" in said
    links = {link["href"] for link in lenient(response).select("a[href]")}
    assert {point.address for point in points if point.address} <= links
    assert f"Articles ({ArticlePage.objects.count()})" in said
    assert f"{GO_LIVE}print/" in links


def test_the_list_prints_without_the_menus(cms):
    response = cms.get(f"{GO_LIVE}print/")

    tree = parse(response)
    assert text(next(tree.iter("h1"))) == "Before you go live"
    assert f"{len(go_live.awaiting())} points are open." in text(tree)
    assert not list(tree.iter("nav"))


def test_an_empty_list_says_so(editor, monkeypatch):
    monkeypatch.setattr(go_live, "awaiting", list)

    assert "Nothing is open." in main_text(editor.get(GO_LIVE))
    assert "0 points are open before you go live" in main_text(editor.get("/cms/"))
