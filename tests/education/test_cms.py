"""What editors and clinical reviewers do in the CMS, and what it refuses."""

import json
from datetime import date
from html import unescape
from io import BytesIO
from zlib import crc32

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.test.utils.form_data import rich_text, streamfield

from education.models import ArticleIndexPage, ArticlePage, Source, Treatment
from intake import starter_rules
from tests.education.cms_forms import (
    SUBMIT,
    article_form,
    decide,
    edit,
    outcome_form,
    save,
    streamfield_list,
    treatment_form,
)
from tests.education.html import by_class, parse, text
from tests.factories import UserFactory, VersionFactory

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


@pytest.fixture
def approve():
    """approve(item): a second person approves what the first one handed in."""
    second = Client()
    second.force_login(UserFactory(role="reviewer"))
    return lambda item: decide(second, item)


def test_an_edited_article_is_live_as_soon_as_it_is_approved(cms, article, approve):
    assert edit(cms, article, **SUBMIT).status_code == 302
    assert "A new title" not in cms.get(ARTICLE).content.decode()

    approve(article)

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
    edit(cms, article)
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
    response = edit(editor, article, **change, **SUBMIT)

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
            {"author": "Ada  Smith", "approved_by": "ada smith ", "last_reviewed": date(2026, 11, 16)},
            "Author and approver must be two people.",
        ),
        ({"approved_by": "Dr Bo", "last_reviewed": None}, "Fill in both the approver and the date, or neither."),
        ({"last_reviewed": date(2026, 11, 16)}, "Fill in both the approver and the date, or neither."),
    ],
)
def test_a_review_needs_two_people_and_a_date(creams, review, message):
    for name, value in review.items():
        setattr(creams, name, value)

    with pytest.raises(ValidationError, match=message):
        creams.clean()


def test_a_review_is_due_again_after_a_year(creams):
    creams.approved_by, creams.last_reviewed = "Dr Bo", date(2024, 2, 29)

    creams.clean()

    assert creams.next_review == date(2025, 2, 28)


@pytest.mark.parametrize("role", ["editor", "reviewer", "admin"])
def test_nobody_types_who_approved(client, creams, role):
    client.force_login(UserFactory(role=role))
    save(client, creams, approved_by="Dr Bo", last_reviewed="2026-11-16", lasts="Briefly.")

    creams.refresh_from_db()
    draft = creams.get_latest_revision_as_object()
    assert (draft.lasts, draft.approved_by, draft.last_reviewed) == ("Briefly.", "", None)


def test_a_new_article_can_be_written_and_published(cms, approve):
    index = ArticleIndexPage.objects.get()
    address = reverse("wagtailadmin_pages:add", args=["education", "articlepage", index.pk])

    response = cms.post(address, article_form(slug="fresh", **SUBMIT))

    assert response.status_code == 302
    assert cms.get("/learn/fresh/").status_code == 404
    approve(ArticlePage.objects.get(slug="fresh"))
    assert cms.get("/learn/fresh/").status_code == 200


@pytest.fixture
def creams():
    return Treatment.objects.get(slug="creams")


def test_a_changed_range_is_changed_everywhere(cms, creams, approve):
    outcome = outcome_form(per_100_low="3", per_100_high="4", per_100_compare_low="1", per_100_compare_high="1")

    response = save(cms, creams, [outcome], lasts="About three days.", **SUBMIT)

    assert response.status_code == 302
    approve(creams)
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
    response = save(editor, creams, [outcome_form(**numbers)], summary="Typed.", **SUBMIT)

    page = response.content.decode()
    assert response.status_code == 200
    assert message in page
    assert "Typed." in page


def test_a_record_refuses_an_unknown_source_where_it_stands(editor, creams):
    response = save(editor, creams, healing="Long.[R998]", regulator="Not yet.[R999]", **SUBMIT)

    page = response.content.decode()
    assert "There is no source R998." in page
    assert "There is no source R999." in page


def test_the_withdrawal_switch_is_one_click_and_an_approval(editor, creams, approve):
    save(editor, creams, state="withdrawn", withdrawn_notice="It is gone.[R1]", **SUBMIT)
    approve(creams)

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


@pytest.fixture
def rules():
    """The form and the notes, which name treatments."""
    VersionFactory()
    starter_rules.load()


def words_of(response):
    return " ".join(unescape(strip_tags(response.content.decode())).split())


@pytest.mark.parametrize("role", ["editor", "reviewer", "admin"])
def test_a_record_that_something_names_is_kept_and_says_where(client, creams, rules, role):
    client.force_login(UserFactory(role=role))

    response = client.post(reverse(Treatment.snippet_viewset.get_url_name("delete"), args=[creams.pk]), follow=True)

    told = words_of(response)
    assert "Creams with caffeine or retinol can't be deleted, because it is named here." in told
    assert "Set its state to withdrawn instead." in told
    for named in (
        "Do creams work for cellulite? (article)",
        "Which treatments are you thinking about? (question of the form, version 1",
        "E12 Hopes that creams clear it (note)",
    ):
        assert named in told
    assert Treatment.objects.filter(slug="creams").exists()


def test_records_that_something_names_are_kept_in_bulk_too(cms, creams):
    response = cms.post(f"/cms/bulk/education/treatment/delete/?id={creams.pk}", follow=True)

    assert "can't be deleted, because it is named here." in words_of(response)
    assert Treatment.objects.filter(slug="creams").exists()


def test_a_record_that_nothing_names_can_be_deleted(client):
    client.force_login(UserFactory(role="reviewer"))
    record = Treatment.objects.create(slug="new", name="New", summary="S.[R1]", certainty="low")

    client.post(reverse(Treatment.snippet_viewset.get_url_name("delete"), args=[record.pk]))

    assert not Treatment.objects.filter(slug="new").exists()


def test_the_name_of_a_record_in_addresses_stays(editor, creams):
    response = save(editor, creams, slug="potions")

    assert "The form and links use this name, so it has to stay." in unescape(response.content.decode())
    creams.refresh_from_db()
    assert creams.get_latest_revision_as_object().slug == "creams"


@pytest.mark.parametrize("view", ["unpublish", "delete"])
def test_before_a_page_goes_all_that_links_to_it_is_named(client, view):
    client.force_login(UserFactory(role="reviewer"))
    cellulite, other = (ArticlePage.objects.get(slug=slug) for slug in ("what-is-cellulite", "what-to-expect"))
    other.body = [("text", f'<p><a id="{cellulite.pk}" linktype="page">There</a></p>')]
    other.save()

    page = unescape(client.get(reverse(f"wagtailadmin_pages:{view}", args=[cellulite.pk])).content.decode())

    assert "“What is cellulite?” is named here:" in page
    assert str(other) in page and reverse("wagtailadmin_pages:edit", args=[other.pk]) in page
    assert "Treatments that cut the bands behind dents" in page  # as a related article


def test_pages_to_unpublish_in_bulk_tell_what_links_to_them(client):
    client.force_login(UserFactory(role="reviewer"))
    pages = [ArticlePage.objects.get(slug=slug) for slug in ("what-is-cellulite", "what-to-expect")]

    page = client.get(f"/cms/bulk/wagtailcore/page/unpublish/?id={pages[0].pk}&id={pages[1].pk}")

    assert unescape(page.content.decode()).count("is named here:") == 2


def test_before_a_record_is_unpublished_the_form_that_offers_it_is_named(client, creams, rules):
    client.force_login(UserFactory(role="reviewer"))
    address = reverse(Treatment.snippet_viewset.get_url_name("unpublish"), args=[creams.pk])

    page = unescape(client.get(address).content.decode())

    assert "Which treatments are you thinking about?" in page and "E12 Hopes that creams clear it" in page
    client.post(address)
    creams.refresh_from_db()
    assert not creams.live


def test_the_list_of_records_asks_as_much_for_many_as_for_few(editor):
    address = reverse(Treatment.snippet_viewset.get_url_name("list"))
    editor.get(address)
    counts = []
    for _each in ("all", "few"):
        with CaptureQueriesContext(connection) as captured:
            page = editor.get(address).content.decode()
        counts.append(len(captured))
        Treatment.objects.exclude(slug__in=["creams", "massage"]).delete()
    assert "Published" in page and "Creams with caffeine or retinol" in page
    assert counts[0] <= counts[1] + 1
    assert counts[0] <= 20


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def png(width, height):
    file = BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def bomb():
    """A small file that says it unfolds to more than a billion pixels."""
    small = png(1, 1)
    header = small[12:16] + (40_000).to_bytes(4, "big") * 2 + small[24:29]
    return small[:12] + header + crc32(header).to_bytes(4, "big") + small[33:]


UPLOADS = {
    "drawing.svg": (SVG, "Not a supported image format. Supported formats: GIF, JPG, JPEG, PNG, WEBP."),
    "drawing.png": (SVG, "Not a valid .png image."),
    "page.png": (HTML, "Upload a valid image."),
    "page.html": (HTML, "Upload a valid image."),
    "empty.png": (b"", "The submitted file is empty."),
    "big.png": (png(1, 1) + b"\0" * 20 * 1024 * 1024, "This file is too big (20.0\xa0MB)."),
    "broad.png": (png(8_000, 8_000), "This file has too many pixels (64000000)."),
    "bomb.png": (bomb(), "can't be opened as a picture of at most 50 million pixels."),
    "torn.png": (png(64, 64)[:45], "can't be opened as a picture of at most 50 million pixels."),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_what_is_no_fit_picture_is_refused_in_words(editor, name):
    content, message = UPLOADS[name]
    ajax = {"X-Requested-With": "XMLHttpRequest"}

    def file():
        return SimpleUploadedFile(name, content, "image/png")

    many = editor.post(reverse("wagtailimages:add_multiple"), {"files[]": file(), "title": "T"}, headers=ajax)
    one = {"image-chooser-upload-file": file(), "image-chooser-upload-title": "T"}
    chosen = editor.post(reverse("wagtailimages_chooser:create"), one, headers=ajax)

    assert message in json.loads(many.content)["error_message"]
    assert message in unescape(json.loads(chosen.content)["htmlFragment"])
    assert not get_image_model().objects.exists()


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # Wagtail's, of the small picture on that page
def test_a_picture_in_use_says_where_before_it_goes(editor, article):
    upload = SimpleUploadedFile("legs.png", png(8, 8), "image/png")
    editor.post(reverse("wagtailimages:add"), {"file": upload, "title": "Legs"})
    picture = get_image_model().objects.get()
    article.body = [("picture", {"image": picture, "alt": "Two legs.", "caption": ""})]
    article.save()

    page = unescape(editor.get(reverse("wagtailimages:delete", args=[picture.pk])).content.decode())

    assert "is named here:" in page and str(article) in page


def test_one_home_and_one_index(editor):
    home = Page.objects.get(slug="home")

    response = editor.get(reverse("wagtailadmin_pages:add_subpage", args=[home.pk]), follow=True)

    assert response.request["PATH_INFO"].endswith(f"/education/plainpage/{home.pk}/")
