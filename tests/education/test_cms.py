"""What editors and clinical reviewers do in the CMS, and what it refuses."""

import json
from html import unescape

import pytest
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from education.models import ArticleIndexPage, ArticlePage, Outcome, Source, Treatment
from tests.education.html import by_class, parse, text
from tests.factories import UserFactory

ARTICLE = "/learn/what-is-micro-needling/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


@pytest.fixture(params=["editor", "reviewer"])
def cms(client, request):
    client.force_login(UserFactory(role=request.param))
    return client


@pytest.fixture
def editor(client):
    client.force_login(UserFactory(role="editor"))
    return client


@pytest.fixture
def article():
    return ArticlePage.objects.get(slug="what-is-micro-needling")


def article_form(**changes):
    """Every kind of block once."""
    treatment = Treatment.objects.get(slug="creams")
    body = [
        ("heading", "A heading"),
        ("text", rich_text("<p>A text with <b>weight</b>.[R1][R59] A guess. [MEM]</p>")),
        ("do_dont", {"do": streamfield_list("Do this.[R1]"), "dont": streamfield_list("Not that.")}),
        ("caution", {"title": "Take care", "text": rich_text("<p>With this.</p>")}),
        ("urgent", {"signs": streamfield_list("something is wrong")}),
        ("drawing", {"drawing": "body-areas", "alt": "Areas of a body.", "caption": "Not to scale."}),
        ("treatment_fact", str(treatment.pk)),
        ("questions", {"questions": streamfield_list("What happens next?")}),
    ]
    fields = {
        "title": "A new title",
        "slug": "what-is-micro-needling",
        "summary": "A new summary.",
        "topic": "Micro-needling",
        "key_points": streamfield([("point", f"Point {number}.") for number in range(3)]),
        "body": streamfield(body),
        "treatments": [str(treatment.pk)],
        "related": streamfield([]),
        "author": "",
        "approved_by": "",
        "last_reviewed": "",
        "next_review": "",
        "seo_title": "",
        "search_description": "",
        "comments": inline_formset([]),
    }
    return nested_form_data(fields | changes)


def streamfield_list(*lines):
    return inline_list([{"value": line} for line in lines])


def inline_list(items):
    return {
        "count": str(len(items)),
        **{str(n): {"deleted": "", "order": str(n), "id": "", **item} for n, item in enumerate(items)},
    }


def edit(client, page, **changes):
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), article_form(**changes))


def test_an_edited_article_is_live_at_once(cms, article):
    response = edit(cms, article, **{"action-publish": "1"})

    assert response.status_code == 302
    tree = parse(cms.get(ARTICLE))
    main = text(next(tree.iter("main")))
    assert text(next(tree.iter("h1"))) == "A new title"
    for part in (
        "A new summary.",
        "Point 2.",
        "A text with weight.source 1,source 2 A guess. Awaiting clinical review",
        "Do this.source 1",
        "Not that.",
        "Take care",
        "something is wrong",
        "Creams with caffeine or retinol",
        "What happens next?",
    ):
        assert part in main
    [image] = [image for image in tree.iter("img") if image.get("alt")]
    assert (image.get("alt"), image.get("height")) == ("Areas of a body.", "366")


def test_a_draft_stays_inside_until_it_is_published(cms, article):
    edit(cms, article)

    assert text(next(parse(cms.get(ARTICLE)).iter("h1"))) == "What is micro-needling?"
    article.refresh_from_db()
    draft = cms.get(reverse("wagtailadmin_pages:view_draft", args=[article.pk]))
    assert text(next(parse(draft).iter("h1"))) == "A new title"


def test_a_preview_may_be_framed_by_the_cms_and_by_nobody_else(cms, article):
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[article.pk])
    assert json.loads(cms.post(address, article_form()).content)["is_valid"]

    response = cms.get(address)

    assert text(next(parse(response).iter("h1"))) == "A new title"
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in cms.get(ARTICLE)["Content-Security-Policy"]


def test_a_preview_says_where_a_record_is_still_a_draft(editor, article):
    Treatment.objects.update(live=False)
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[article.pk])
    editor.post(address, article_form())

    page = text(parse(editor.get(address)))

    assert "Patients do not see this yet: the record of Creams with caffeine or retinol is a draft." in page
    assert "All facts about" not in page


def test_the_cms_has_a_policy_of_its_own(cms):
    assert "script-src 'self' 'unsafe-inline'" in cms.get("/cms/")["Content-Security-Policy"]


def test_revisions_can_be_compared_and_brought_back(cms, article):
    edit(cms, article, **{"action-publish": "1"})
    first, last = article.revisions.order_by("pk").first(), article.revisions.order_by("pk").last()

    compared = cms.get(reverse("wagtailadmin_pages:revisions_compare", args=[article.pk, first.pk, last.pk]))
    assert "A new summary." in compared.content.decode()
    old = cms.get(reverse("wagtailadmin_pages:revisions_revert", args=[article.pk, first.pk]))
    assert "What is micro-needling?" in old.content.decode()
    assert cms.get(reverse("wagtailadmin_pages:history", args=[article.pk])).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "A claim.[R999]"},
        {"key_points": streamfield([("point", text) for text in ("One.[R999]", "Two.", "Three.")])},
        {"body": streamfield([("heading", "Why?[R999]")])},
        {"body": streamfield([("text", rich_text("<p>A claim.[R999] And a <b>second</b>.[R1]</p>"))])},
        {"body": streamfield([("questions", {"questions": streamfield_list("What?[R999]")})])},
        {"body": streamfield([("caution", {"title": "Care", "text": rich_text("<p>A claim.[R999]</p>")})])},
    ],
)
def test_an_unknown_source_is_named_and_nothing_typed_is_lost(editor, article, change):
    response = edit(editor, article, **change, **{"action-publish": "1"})

    page = unescape(response.content.decode())
    assert response.status_code == 200
    assert "There is no source R999. Add it under Evidence, Sources first, or correct the mark." in page
    assert "A new title" in page
    assert page.count("[R999]") == 1
    assert "What is micro-needling?" in editor.get(ARTICLE).content.decode()


@pytest.mark.parametrize(
    ("review", "message"),
    [
        (
            {"author": "Ada  Smith", "approved_by": "ada smith ", "last_reviewed": "2026-11-16"},
            "Author and approver must be two people.",
        ),
        ({"approved_by": "Dr Bo", "last_reviewed": ""}, "Fill in both the approver and the date, or neither."),
        ({"approved_by": "", "last_reviewed": "2026-11-16"}, "Fill in both the approver and the date, or neither."),
    ],
)
def test_a_review_needs_two_people_and_a_date(editor, article, review, message):
    response = edit(editor, article, **review, **{"action-publish": "1"})

    assert message in response.content.decode()
    article.refresh_from_db()
    assert article.awaiting_review


def test_a_review_is_due_again_after_a_year(editor, article):
    edit(editor, article, approved_by="Dr Bo", last_reviewed="2024-02-29", **{"action-publish": "1"})

    article.refresh_from_db()
    assert str(article.next_review) == "2025-02-28"
    assert not article.awaiting_review


def test_a_new_article_can_be_written_and_published(cms):
    index = ArticleIndexPage.objects.get()
    address = reverse("wagtailadmin_pages:add", args=["education", "articlepage", index.pk])

    response = cms.post(address, article_form(slug="fresh", **{"action-publish": "1"}))

    assert response.status_code == 302
    assert cms.get("/learn/fresh/").status_code == 200


def treatment_form(treatment, outcomes=(), **changes):
    names = [*Treatment.FACTS, "name", "slug", "also_called", "summary", "state", "withdrawn_notice", "certainty"]
    names += ["usual_change", "longest_lasting", "usual_bruising", "author", "approved_by"]
    fields = {name: getattr(treatment, name) for name in names}
    return nested_form_data(
        fields | {"last_reviewed": "", "next_review": ""} | {"outcomes": inline_formset(outcomes)} | changes
    )


def outcome_form(**changes):
    source = Source.objects.get(code="R1")
    fields = {"name": "Dents", "result": "Fewer dents.", "certainty": "low", "source": str(source.pk)}
    numbers = ("n", "per_100_low", "per_100_high", "per_100_compare_low", "per_100_compare_high")
    return fields | dict.fromkeys(("measured", "population", "follow_up", *numbers), "") | changes


@pytest.fixture
def creams():
    return Treatment.objects.get(slug="creams")


def save(client, treatment, *args, **kwargs):
    address = reverse(Treatment.snippet_viewset.get_url_name("edit"), args=[treatment.pk])
    return client.post(address, treatment_form(treatment, *args, **kwargs))


def test_a_changed_range_is_changed_everywhere(cms, creams):
    outcome = outcome_form(per_100_low="3", per_100_high="4", per_100_compare_low="1", per_100_compare_high="1")

    response = save(cms, creams, [outcome], lasts="About three days.", **{"action-publish": "1"})

    assert response.status_code == 302
    article, record = cms.get("/learn/micro-needling-for-cellulite/"), cms.get("/treatments/creams/")
    for page in (article, record):
        assert "About three days." in page.content.decode()
        assert "Fewer dents." in page.content.decode()
    assert "About 3 to 4, compared with about 1 in the other group" in record.content.decode()


def test_a_draft_of_a_record_changes_no_page(cms, creams):
    save(cms, creams, lasts="About three days.")

    assert "About three days." not in cms.get("/treatments/creams/").content.decode()


def test_a_record_has_a_preview(cms, creams):
    address = reverse(Treatment.snippet_viewset.get_url_name("preview_on_edit"), args=[creams.pk])
    form = treatment_form(creams, [outcome_form()], name="Another name")
    assert json.loads(cms.post(address, form).content)["is_valid"]

    response = cms.get(address)

    page = parse(response)
    assert text(next(page.iter("h1"))) == "Another name"
    assert "Fewer dents.source" in text(page)
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]


def test_a_new_record_has_a_preview_too(cms, creams):
    address = reverse(Treatment.snippet_viewset.get_url_name("preview_on_add"))
    form = treatment_form(creams, [outcome_form()], name="A new one", slug="new")
    assert json.loads(cms.post(address, form).content)["is_valid"]

    assert text(next(parse(cms.get(address)).iter("h1"))) == "A new one"


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"per_100_low": "42", "per_100_high": "37"}, "Write the lower number first, and none above 100."),
        ({"per_100_low": "42", "per_100_high": "101"}, "Write the lower number first, and none above 100."),
        ({"per_100_low": "42"}, "Fill in both numbers, or neither."),
        (
            {"per_100_low": "1", "per_100_high": "2", "per_100_compare_low": "4", "per_100_compare_high": "3"},
            "Write the lower number first, and none above 100.",
        ),
        (
            {"per_100_compare_low": "3", "per_100_compare_high": "4"},
            "Fill in the numbers of the treated group, too.",
        ),
        ({"result": "Fewer.[R999]"}, "There is no source R999."),
    ],
)
def test_a_finding_that_cannot_be_is_refused(editor, creams, numbers, message):
    response = save(editor, creams, [outcome_form(**numbers)], summary="Typed.", **{"action-publish": "1"})

    page = response.content.decode()
    assert response.status_code == 200
    assert message in page
    assert "Typed." in page


def test_a_record_refuses_an_unknown_source_where_it_stands(editor, creams):
    response = save(editor, creams, healing="Long.[R998]", regulator="Not yet.[R999]", **{"action-publish": "1"})

    page = response.content.decode()
    assert "There is no source R998." in page
    assert "There is no source R999." in page


def test_the_withdrawal_switch_is_one_click_and_a_publish(editor, creams):
    save(editor, creams, state="withdrawn", withdrawn_notice="It is gone.[R1]", **{"action-publish": "1"})

    banners = [
        text(box) for box in by_class(parse(editor.get("/learn/micro-needling-for-cellulite/")), "box-withdrawn")
    ]
    assert any("It is gone." in banner for banner in banners)


def delete_source(client, source):
    return client.post(reverse(Source.snippet_viewset.get_url_name("delete"), args=[source.pk]), follow=True)


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("R59", "What is micro-needling?"),  # cited by a block of an article
        ("R13", "Collagenase injections (Qwo)"),  # cited by a fact of a record
        ("R12", "Collagenase injections (Qwo)"),  # the source of an outcome
    ],
)
def test_a_source_in_use_is_kept_and_says_where(cms, code, where):
    source = Source.objects.get(code=code)

    response = delete_source(cms, source)

    assert f"{code} is still cited, see below. Take its citations out first." in response.content.decode()
    assert where in response.content.decode()
    assert Source.objects.filter(code=code).exists()


def test_sources_in_use_are_kept_in_bulk_too(cms):
    ids = list(Source.objects.filter(code__in=["R59", "R12"]).values_list("pk", flat=True))
    query = "&".join(f"id={pk}" for pk in ids)

    response = cms.post(f"/cms/bulk/education/source/delete/?{query}", follow=True)

    assert "is still cited" in response.content.decode()
    assert Source.objects.filter(pk__in=ids).count() == 2


def test_a_source_that_nothing_cites_can_be_deleted(cms):
    source = Source.objects.create(code="R900", citation="Nobody cites this.", strength="D", kind="Blog")

    delete_source(cms, source)

    assert not Source.objects.filter(code="R900").exists()


@pytest.mark.parametrize(("code", "message"), [("R5000x1", "Use R and a number"), ("R2", "already exists")])
def test_a_source_needs_a_code_of_its_own(editor, code, message):
    address = reverse(Source.snippet_viewset.get_url_name("add"))

    response = editor.post(address, {"code": code, "citation": "C", "strength": "A", "kind": "Label"})

    assert message in response.content.decode()


def test_a_code_stays_because_texts_cite_it(editor):
    source = Source.objects.get(code="R1")
    address = reverse(Source.snippet_viewset.get_url_name("edit"), args=[source.pk])

    response = editor.post(address, {"code": "R901", "citation": "C", "strength": "A", "kind": "Label"})

    assert "Texts cite this code, so it has to stay." in response.content.decode()
    source.refresh_from_db()
    assert source.code == "R1"


def test_a_record_in_use_can_go_and_its_pages_stay(editor, creams):
    editor.post(reverse(Treatment.snippet_viewset.get_url_name("delete"), args=[creams.pk]))

    assert not Treatment.objects.filter(slug="creams").exists()
    assert not Outcome.objects.filter(treatment_id=creams.pk).exists()
    assert editor.get("/treatments/creams/").status_code == 404
    assert editor.get("/learn/micro-needling-for-cellulite/").status_code == 200


def test_one_home_and_one_index(editor):
    home = Page.objects.get(slug="home")

    response = editor.get(reverse("wagtailadmin_pages:add_subpage", args=[home.pk]), follow=True)

    assert response.request["PATH_INFO"].endswith(f"/education/plainpage/{home.pk}/")
