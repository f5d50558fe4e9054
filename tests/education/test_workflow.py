"""The way of content to patients: one person writes, another approves, and nobody goes past that."""

import json
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page, Workflow, WorkflowContentType, WorkflowPage
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from education.apps import put_content_under_review
from education.models import ArticleIndexPage, ArticlePage, ClinicalReviewTask, HomePage, PlainPage, Treatment
from education.models.workflow import ensure_workflow
from intake import starter_rules
from intake.apps import put_rules_under_review
from intake.models import Note, Route
from portal.models import ClinicSettings
from portal.roles import ensure_roles
from tests.education.cms_forms import PUBLISH, SUBMIT, article_form, decide, edit, save
from tests.factories import UserFactory, VersionFactory

PAST_THE_REVIEW = "Submit it for clinical review: somebody else approves it."
OWN_WORK = "You wrote or handed in a part of this, so somebody else approves it."

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


@pytest.fixture
def person():
    """person(role): a client of somebody new, who is its `user`."""

    def make(role, **names):
        client = Client()
        client.user = UserFactory(role=role, **names)
        client.force_login(client.user)
        return client

    return make


@pytest.fixture
def editor(person):
    return person("editor")


@pytest.fixture
def reviewer(person):
    return person("reviewer", first_name="Ana", last_name="Silva")


@pytest.fixture
def article():
    return ArticlePage.objects.get(slug="what-is-micro-needling")


@pytest.fixture
def creams():
    return Treatment.objects.get(slug="creams")


@pytest.fixture(scope="module")
def rules(starter, django_db_blocker):
    """The form, the notes and the routes, beside the starter content and loaded as seldom."""
    with django_db_blocker.unblock():
        VersionFactory()
        starter_rules.load()


@pytest.fixture
def single_handed():
    ClinicSettings.objects.update(single_handed=True)


def live(item):
    """As it is in the database now: what an object knows of its drafts and its workflow it asks only once."""
    return type(item).objects.get(pk=item.pk)


def draft(item):
    return live(item).get_latest_revision_as_object()


def is_in_review(item):
    return live(item).workflow_in_progress


def stamp(item):
    item = live(item)
    return item.approved_by, item.last_reviewed, item.next_review


def a_year_from_now():
    today = timezone.localdate()
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=today.year + 1, day=day)


def page_of(response):
    return unescape(response.content.decode())


def rule_form(rule, **changes):
    """The form of a note or a route as it stands, but for these changes."""
    names = "title staff_text patient_title patient_text sources rank remark reason author".split()
    fields = {name: getattr(rule, name) for name in names if hasattr(rule, name)}
    dates = dict.fromkeys(("active_from", "active_until", "next_review", "review_owner"), "")
    return nested_form_data(fields | dates | changes)


def edit_rule(client, rule, **changes):
    return client.post(reverse(rule.snippet_viewset.get_url_name("edit"), args=[rule.pk]), rule_form(rule, **changes))


def home_form(**changes):
    fields = {"title": "Home", "slug": "home", "summary": "Typed.", "seo_title": "", "search_description": ""}
    streams = {"facts": streamfield([]), "steps": streamfield([])}
    return nested_form_data(fields | streams | {"author": "", "next_review": "", "review_owner": ""} | changes)


def edit_page(client, page, form):
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form)


# Handing in and approving


def test_an_article_goes_live_by_approval_and_says_who_approved_it(editor, reviewer, article):
    edit(editor, article, **SUBMIT)
    assert is_in_review(article) and article.awaiting_review

    response = decide(reviewer, article)

    assert response.status_code == 200
    assert live(article).title == "A new title" and not is_in_review(article)
    assert stamp(article) == ("Ana Silva", timezone.localdate(), a_year_from_now())
    assert live(article).live_revision.content["approved_by"] == "Ana Silva"
    assert live(article).author == ""
    assert "Checked by Ana Silva" in page_of(reviewer.get("/learn/what-is-micro-needling/"))


def test_the_next_edit_keeps_the_last_approval_until_the_next_one(editor, reviewer, person, article):
    edit(editor, article, **SUBMIT)
    decide(reviewer, article)
    edit(editor, article, title="A third title", **SUBMIT)
    assert stamp(article)[0] == "Ana Silva"
    assert draft(article).approved_by == "Ana Silva"

    decide(person("admin", first_name="Bo", last_name="Ek"), article)

    assert stamp(article)[0] == "Bo Ek"


def test_records_notes_routes_and_home_go_the_same_way(editor, reviewer, creams, rules):
    note, route, home = Note.objects.get(code="E1"), Route.objects.get(number=4), HomePage.objects.get()
    save(editor, creams, lasts="Briefly.", **SUBMIT)
    edit_rule(editor, note, title="Another title", **SUBMIT)
    edit_rule(editor, route, reason="Another reason", **SUBMIT)
    edit_page(editor, home, home_form(**SUBMIT))

    for item in (creams, note, route, home):
        assert is_in_review(item), item
        decide(reviewer, item)
        assert stamp(item) == ("Ana Silva", timezone.localdate(), a_year_from_now()), item
    assert live(creams).lasts == "Briefly."
    note = live(note)
    assert (note.title, note.version, note.as_rule().awaiting_review) == ("Another title", 2, False)
    assert HomePage.objects.get().summary == "Typed."


@pytest.mark.parametrize(
    ("chosen", "kept"), [("2030-01-02", True), ("2026-01-01", False), ("", False)], ids=["later", "past", "none"]
)
def test_a_day_of_the_next_review_that_somebody_chose_stays(editor, reviewer, creams, chosen, kept):
    save(editor, creams, next_review=chosen, **SUBMIT)

    decide(reviewer, creams)

    assert stamp(creams)[2] == (date.fromisoformat(chosen) if kept else a_year_from_now())


def test_the_day_of_an_earlier_approval_is_not_a_chosen_one(editor, reviewer, creams):
    save(editor, creams, next_review="2030-01-02", **SUBMIT)
    decide(reviewer, creams)
    save(editor, creams, next_review="2030-01-02", **SUBMIT)

    decide(reviewer, creams)

    assert stamp(creams)[2] == a_year_from_now()


def test_neither_starter_content_nor_a_script_names_an_approver(creams):
    creams.save_revision().publish()

    assert stamp(creams) == ("", None, None)
    assert not any(stamp(item)[0] for item in [*ArticlePage.objects.all(), *HomePage.objects.all()])


# Not past the review


@pytest.mark.parametrize("role", ["editor", "reviewer", "admin"])
def test_nobody_publishes_medical_content_directly(person, role, article, creams, rules):
    client, note, home = person(role), Note.objects.get(code="E1"), HomePage.objects.get()
    before = [item.latest_revision_id for item in (article, creams, note, home)]

    for response, typed in (
        (edit(client, article, **PUBLISH), "A new title"),
        (save(client, creams, lasts="Briefly.", **PUBLISH), "Briefly."),
        (edit_rule(client, note, title="Another title", **PUBLISH), "Another title"),
        (edit_page(client, home, home_form(**PUBLISH)), "Typed."),
    ):
        assert response.status_code == 200
        assert PAST_THE_REVIEW in page_of(response) and typed in page_of(response)
    for item, revision in zip((article, creams, note, home), before, strict=True):
        item.refresh_from_db()
        assert (item.latest_revision_id, item.has_unpublished_changes) == (revision, False)


@pytest.mark.parametrize("role", ["editor", "reviewer", "admin"])
def test_a_new_article_is_not_published_directly_either(person, role):
    index = ArticleIndexPage.objects.get()
    address = reverse("wagtailadmin_pages:add", args=["education", "articlepage", index.pk])

    response = person(role).post(address, article_form(slug="fresh", **PUBLISH))

    assert PAST_THE_REVIEW in page_of(response)
    assert not ArticlePage.objects.filter(slug="fresh").exists()


@pytest.mark.parametrize("role", ["editor", "reviewer", "admin"])
def test_no_button_publishes_medical_content(person, role, article, creams, rules):
    client, note = person(role), Note.objects.get(code="E1")
    plain = PlainPage.objects.get(slug="privacy")
    edits = [reverse("wagtailadmin_pages:edit", args=[page.pk]) for page in (article, HomePage.objects.get())]
    edits += [reverse(item.snippet_viewset.get_url_name("edit"), args=[item.pk]) for item in (creams, note)]
    edits += [reverse("wagtailadmin_pages:add", args=["education", "articlepage", article.get_parent().pk])]
    edits += [reverse(Treatment.snippet_viewset.get_url_name("add"))]

    for address in edits:
        page = page_of(client.get(address))
        assert 'name="action-publish"' not in page and 'name="action-submit"' in page, address
    page = page_of(client.get(reverse("wagtailadmin_pages:edit", args=[plain.pk])))
    assert ('name="action-publish"' in page) == (role != "editor")


@pytest.mark.parametrize("role", ["reviewer", "admin"])
def test_medical_pages_are_not_published_in_bulk(person, role, article):
    article.unpublish()
    plain, index = PlainPage.objects.get(slug="privacy"), ArticleIndexPage.objects.get()
    plain.unpublish()

    def publish(*pages, **form):
        query = "&".join(f"id={page.pk}" for page in pages)
        return page_of(person(role).post(f"/cms/bulk/wagtailcore/page/publish/?{query}", form, follow=True))

    refusal = "Submit each page for clinical review on its own: somebody else approves it."
    assert refusal in publish(article, plain)
    assert refusal in publish(index, include_descendants="on")
    assert not Page.objects.filter(pk__in=[article.pk, plain.pk], live=True).exists()
    assert refusal not in publish(plain)
    assert Page.objects.get(pk=plain.pk).live


def test_a_copy_is_a_draft_that_nobody_has_approved(editor, reviewer, article):
    edit(editor, article, **SUBMIT)
    decide(reviewer, article)
    address = reverse("wagtailadmin_pages:copy", args=[article.pk])
    form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": article.get_parent().pk}

    assert "publish_copies" not in page_of(reviewer.get(address))
    reviewer.post(address, form | {"publish_copies": "on", "alias": "on"})

    copy = ArticlePage.objects.get(slug="copy")
    assert not copy.live and copy.alias_of is None
    assert stamp(copy) == ("", None, None) and draft(copy).awaiting_review


def test_plain_pages_are_the_reviewers_own(editor, reviewer):
    page = PlainPage.objects.get(slug="privacy")
    form = {"title": "Privacy", "slug": "privacy", "summary": "S.", "seo_title": "", "search_description": ""}
    body = {"body": streamfield([("text", rich_text("<p>Words.</p>"))])}

    edit_page(editor, page, nested_form_data(form | body | PUBLISH))
    assert live(page).title == "Your privacy"
    edit_page(reviewer, page, nested_form_data(form | body | PUBLISH))
    assert live(page).title == "Privacy"
    edit_page(reviewer, page, nested_form_data(form | body | {"title": "Private"} | SUBMIT))
    decide(reviewer, live(page))
    assert live(page).title == "Private"


# Two people


def test_nobody_approves_what_they_handed_in(reviewer, article):
    edit(reviewer, article, **SUBMIT)

    response = decide(reviewer, article)

    assert OWN_WORK in page_of(response)
    assert is_in_review(article) and stamp(article) == ("", None, None)


def test_nobody_approves_what_they_wrote_before_somebody_else_handed_it_in(editor, reviewer, creams):
    save(reviewer, creams, lasts="Briefly.")
    save(editor, creams, healing="None.", **SUBMIT)

    assert OWN_WORK in page_of(decide(reviewer, creams))

    assert is_in_review(creams) and stamp(creams) == ("", None, None)


def test_a_reviewer_who_changes_what_is_in_review_leaves_it_to_another(editor, reviewer, person, article):
    edit(editor, article, **SUBMIT)
    edit(reviewer, article, summary="Mended.")

    assert OWN_WORK in page_of(decide(reviewer, article))
    decide(person("reviewer"), article)

    assert live(article).summary == "Mended."


def test_a_person_who_is_named_as_author_does_not_approve(editor, reviewer, creams):
    save(editor, creams, author="ana  SILVA", **SUBMIT)

    assert "You are named as the author of this" in page_of(decide(reviewer, creams))

    assert is_in_review(creams)


def test_an_earlier_author_may_approve_a_later_change(editor, reviewer, person, creams):
    save(reviewer, creams, lasts="Briefly.", **SUBMIT)
    decide(person("admin"), creams)
    save(editor, creams, lasts="Longer.", **SUBMIT)

    decide(reviewer, creams)

    assert stamp(creams)[0] == "Ana Silva"


def test_no_button_offers_to_approve_ones_own(reviewer, person, article):
    edit(reviewer, article, **SUBMIT)
    address = reverse("wagtailadmin_pages:edit", args=[article.pk])

    own, others = page_of(reviewer.get(address)), page_of(person("reviewer").get(address))

    assert OWN_WORK in own and 'data-workflow-action-name="approve"' not in own
    assert OWN_WORK not in others and 'data-workflow-action-name="approve"' in others
    assert "/workflow/action/" in page_of(reviewer.get("/cms/"))
    assert f"/approve/{article.current_workflow_task_state.pk}/" not in page_of(reviewer.get("/cms/"))


def test_what_has_become_wrong_since_it_was_handed_in_stops_its_approval(editor, reviewer, article):
    other = ArticlePage.objects.get(slug="what-to-expect")
    text = rich_text(f'<p>See <a linktype="page" id="{other.pk}">there</a>.[R1]</p>')
    edit(editor, article, body=streamfield([("text", text)]), **SUBMIT)
    other.delete()

    response = decide(reviewer, article)

    assert "What stands here is no longer there. Choose another, or take it out." in page_of(response)
    assert is_in_review(article) and stamp(article) == ("", None, None)


def from_form(action, **extra):
    """What the form of a record sends when a reviewer decides there."""
    return {
        "action-workflow-action": "1",
        "workflow-action-name": action,
        "workflow-action-extra-data": json.dumps(extra),
    }


def test_a_reviewer_approves_from_the_form(editor, reviewer, rules):
    note = Note.objects.get(code="E1")
    edit_rule(editor, note, title="Another title", **SUBMIT)
    note = draft(note)

    response = edit_rule(reviewer, note, **from_form("approve"))

    assert response.status_code == 302
    assert stamp(note)[0] == "Ana Silva"


def test_the_form_refuses_to_approve_ones_own_and_what_one_changes(editor, reviewer, rules):
    note = Note.objects.get(code="E1")
    edit_rule(reviewer, note, title="Another title", **SUBMIT)
    note = draft(note)
    assert OWN_WORK in page_of(edit_rule(reviewer, note, **from_form("approve")))

    other = Note.objects.get(code="E3")
    edit_rule(editor, other, title="Another title", **SUBMIT)
    other = draft(other)
    response = page_of(edit_rule(reviewer, other, title="My title", **from_form("approve")))

    assert "You changed something here." in response and "My title" in response
    assert is_in_review(note) and is_in_review(other)
    assert other.latest_revision.user == editor.user


@pytest.mark.parametrize("extra", ["{", "[]", '{"update": false}', '{"comment": 1}'])
def test_a_decision_that_is_none_changes_nothing(editor, reviewer, rules, extra):
    note = Note.objects.get(code="E1")
    edit_rule(editor, note, **SUBMIT)

    response = edit_rule(reviewer, note, **from_form("approve") | {"workflow-action-extra-data": extra})

    assert "Your comment did not arrive." in page_of(response)
    assert is_in_review(note)


@pytest.mark.parametrize("kind", ["page", "record"])
def test_a_decision_that_comes_too_late_says_so(reviewer, article, creams, kind):
    if kind == "page":
        response = edit(reviewer, article, **from_form("approve"))
    else:
        response = save(reviewer, creams, **from_form("approve"))

    assert response.status_code == 302
    assert "This is not in review any more." in page_of(reviewer.get(response["Location"]))
    assert article.revisions.count() <= 2


# Sending back


def test_changes_are_asked_for_with_a_reason_that_the_author_reads(editor, reviewer, article):
    edit(editor, article, **SUBMIT)
    decide(reviewer, article, "reject")
    assert is_in_review(article)

    decide(reviewer, article, "reject", comment="Please say who paid for the study.")

    assert not is_in_review(article)
    page = page_of(editor.get(reverse("wagtailadmin_pages:edit", args=[article.pk])))
    assert "Ana Silva asks for changes:" in page and "Please say who paid for the study." in page
    edit(editor, article, summary="The maker paid.", **SUBMIT)
    decide(reviewer, article)
    assert live(article).summary == "The maker paid."


def test_the_form_asks_for_a_reason_too(editor, reviewer, rules):
    note = Note.objects.get(code="E1")
    edit_rule(editor, note, **SUBMIT)

    for reason in ("", "  "):
        response = edit_rule(reviewer, note, **from_form("reject", comment=reason))
        assert "Say what has to change, so that the author knows." in page_of(response)
    assert is_in_review(note)
    edit_rule(reviewer, note, **from_form("reject", comment="Shorter, please."))
    assert not is_in_review(note)


# While it is in review


def test_what_is_in_review_is_locked_for_its_author_and_open_to_reviewers(editor, reviewer, article, creams):
    edit(editor, article, **SUBMIT)
    save(editor, creams, lasts="Briefly.", **SUBMIT)
    page = reverse("wagtailadmin_pages:edit", args=[article.pk])
    record = reverse(Treatment.snippet_viewset.get_url_name("edit"), args=[creams.pk])

    assert "Only reviewers for this task can edit the page." in page_of(editor.get(page))
    assert "Only reviewers for this task can edit the treatment." in page_of(editor.get(record))
    edit(editor, article, title="Too late")
    save(editor, creams, lasts="Too late.")
    assert draft(article).title == "A new title"
    assert draft(creams).lasts == "Briefly."
    assert "Only reviewers for this task" not in page_of(reviewer.get(record))
    save(reviewer, creams, lasts="Mended.")
    assert draft(creams).lasts == "Mended."


def test_an_author_can_take_back_what_they_handed_in(editor, creams):
    save(editor, creams, lasts="Briefly.", **SUBMIT)

    save(editor, creams, lasts="Briefly.", **{"action-cancel-workflow": "1"})

    assert not is_in_review(creams)


# On a day to come


def on(day):
    return timezone.make_aware(datetime.combine(day, datetime.min.time())).strftime("%Y-%m-%d %H:%M")


def come(revision):
    """Its day is here."""
    revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
    revision.content["go_live_at"] = revision.approved_go_live_at.isoformat()
    revision.save()


def test_a_schedule_counts_from_the_approval_on(editor, reviewer, creams):
    tomorrow = timezone.localdate() + timedelta(days=1)
    save(editor, creams, lasts="Briefly.", go_live_at=on(tomorrow), **SUBMIT)
    call_command("publish_scheduled")
    assert not live(creams).approved_schedule

    decide(reviewer, creams)

    assert live(creams).approved_schedule and live(creams).lasts != "Briefly." and live(creams).approved_by == ""
    address = reverse(Treatment.snippet_viewset.get_url_name("edit"), args=[creams.pk])
    assert "has been scheduled to go live" in page_of(editor.get(address))
    come(creams.revisions.get(approved_go_live_at__isnull=False))
    call_command("publish_scheduled")
    assert live(creams).lasts == "Briefly."
    assert stamp(creams)[:2] == ("Ana Silva", timezone.localdate())


def test_an_editors_schedule_alone_does_nothing(editor, article):
    soon = timezone.localtime() + timedelta(hours=1)
    edit(editor, article, expire_at=soon.strftime("%Y-%m-%d %H:%M"))

    assert live(article).expire_at is None and not live(article).approved_schedule


# A clinic with one clinician


@pytest.mark.usefixtures("single_handed")
def test_one_person_may_write_and_approve_where_the_clinic_says_so(reviewer, article, creams):
    edit(reviewer, article, **SUBMIT)
    decide(reviewer, article)
    assert stamp(article)[0] == "Ana Silva"

    page = page_of(reviewer.get(reverse(Treatment.snippet_viewset.get_url_name("edit"), args=[creams.pk])))
    assert 'name="action-publish"' in page
    save(reviewer, creams, lasts="Briefly.", author="Ana Silva", **PUBLISH)
    assert stamp(creams) == ("Ana Silva", timezone.localdate(), a_year_from_now())
    assert live(creams).live_revision.content["approved_by"] == "Ana Silva"
    edit(reviewer, article, title="A third title", **PUBLISH)
    assert live(article).title == "A third title"
    assert save(reviewer, creams, lasts="Longer.", author="Ana Silva").status_code == 302


@pytest.mark.usefixtures("single_handed")
def test_an_editor_does_not_publish_there_either(editor, article, creams):
    assert 'name="action-publish"' not in page_of(editor.get(reverse("wagtailadmin_pages:edit", args=[article.pk])))
    edit(editor, article, **PUBLISH)
    save(editor, creams, lasts="Briefly.", **PUBLISH)

    assert live(article).title != "A new title"
    assert live(creams).lasts != "Briefly."


# Who may do what

RIGHTS = """
                     nobody  nurse  editor  reviewer  admin
add article          no      no     yes     yes       yes
submit article       no      no     yes     yes       yes
approve article      no      no     no      yes       yes
reject article       no      no     no      yes       yes
unpublish article    no      no     no      yes       yes
delete article       no      no     no      yes       yes
submit treatment     no      no     yes     yes       yes
approve treatment    no      no     no      yes       yes
unpublish treatment  no      no     no      yes       yes
delete treatment     no      no     no      yes       yes
submit note          no      no     yes     yes       yes
approve note         no      no     no      yes       yes
unpublish note       no      no     no      yes       yes
delete note          no      no     no      no        yes
submit plain         no      no     yes     yes       yes
publish plain        no      no     no      yes       yes
unpublish plain      no      no     no      yes       yes
delete plain         no      no     no      yes       yes
"""


def rights(role):
    """(action, thing, whether this role may do it)."""
    header, *lines = RIGHTS.strip("\n").splitlines()
    for line in lines:
        action, thing, *cells = line.split()
        yield action, thing, cells[header.split().index(role)] == "yes"


class Desk:
    """Each action on each thing, by whoever `client` is. An action says whether it was done."""

    def __init__(self, client, author):
        self.client, self.author = client, author
        self.things = {
            "article": ArticlePage.objects.get(slug="what-is-micro-needling"),
            "treatment": Treatment.objects.create(slug="new", name="New", summary="S.[R1]", certainty="low"),
            "note": Note.objects.get(code="E1"),
            "plain": PlainPage.objects.get(slug="privacy"),
        }

    def write(self, client, thing, **action):
        item = self.things[thing]
        if thing == "article":
            return edit(client, item, **action)
        if thing == "treatment":
            return save(client, item, **action)
        if thing == "note":
            return edit_rule(client, item, **action)
        form = {"title": "Privacy", "slug": "privacy", "summary": "S.", "seo_title": "", "search_description": ""}
        body = {"body": streamfield([("text", rich_text("<p>Words.</p>"))])}
        return edit_page(client, item, nested_form_data(form | body | action))

    def address(self, view, thing):
        item = self.things[thing]
        if isinstance(item, Page):
            return reverse(f"wagtailadmin_pages:{view}", args=[item.pk])
        return reverse(item.snippet_viewset.get_url_name(view), args=[item.pk])

    def add(self, thing):
        parent = ArticleIndexPage.objects.get().pk
        address = reverse("wagtailadmin_pages:add", args=["education", "articlepage", parent])
        self.client.post(address, article_form(slug="fresh"))
        return ArticlePage.objects.filter(slug="fresh").exists()

    def submit(self, thing):
        self.write(self.client, thing, **SUBMIT)
        return is_in_review(self.things[thing])

    def publish(self, thing):
        self.write(self.client, thing, **PUBLISH)
        return live(self.things[thing]).title == "Privacy"

    def approve(self, thing):
        self.write(self.author, thing, **SUBMIT)
        decide(self.client, self.things[thing])
        return not is_in_review(self.things[thing])

    def reject(self, thing):
        self.write(self.author, thing, **SUBMIT)
        decide(self.client, self.things[thing], "reject", comment="Why?")
        return not is_in_review(self.things[thing])

    def unpublish(self, thing):
        self.client.post(self.address("unpublish", thing))
        return not live(self.things[thing]).live

    def delete(self, thing):
        self.client.post(self.address("delete", thing))
        return not type(self.things[thing]).objects.filter(pk=self.things[thing].pk).exists()


@pytest.mark.parametrize("role", ["nobody", "nurse", "editor", "reviewer", "admin"])
def test_each_role_does_what_is_its_own(person, rules, role):
    client = Client() if role == "nobody" else person(role)
    desk, wrong = Desk(client, person("editor")), []
    for action, thing, may in rights(role):
        with transaction.atomic():
            if getattr(desk, action)(thing) is not may:
                wrong.append(f"{action} {thing}")
            transaction.set_rollback(True)

    assert wrong == []


def test_an_editor_deletes_a_record_that_is_still_a_draft(editor):
    record = Treatment.objects.create(slug="new", name="New", summary="S.", certainty="low", live=False)

    editor.post(reverse(Treatment.snippet_viewset.get_url_name("delete"), args=[record.pk]))

    assert not Treatment.objects.filter(slug="new").exists()


# What a database holds of it


def test_an_editor_of_an_older_portal_loses_the_right_to_publish():
    editors, root = Group.objects.get(name="editor"), Page.get_first_root_node()
    publish = Permission.objects.get(codename="publish_page")
    GroupPagePermission.objects.create(group=editors, page=root, permission=publish)
    editors.permissions.add(*Permission.objects.filter(codename__startswith="publish_"))

    ensure_roles()

    user = UserFactory(role="editor")
    assert not user.has_perm("education.publish_treatment") and not user.has_perm("intake.publish_note")
    assert not root.permissions_for_user(user).can_publish_subpage()
    assert UserFactory(role="reviewer").has_perm("intake.publish_route")


def test_the_workflow_is_made_once():
    for _each in range(2):
        put_content_under_review()
        put_rules_under_review()

    task = ClinicalReviewTask.objects.get()
    assert set(task.groups.values_list("name", flat=True)) == {"reviewer", "admin"}
    workflow = Workflow.objects.get(workflow_tasks__task=task)
    assert WorkflowPage.objects.get(page=Page.get_first_root_node()).workflow == workflow
    assert set(WorkflowContentType.objects.values_list("content_type__model", "workflow")) == {
        (model, workflow.pk) for model in ("treatment", "note", "route")
    }


def test_an_admins_longer_way_through_clinical_review_stays_and_one_past_it_does_not():
    longer, past = Workflow.objects.create(name="Two steps"), Workflow.objects.create(name="Nobody looks")
    longer.workflow_tasks.create(task=ClinicalReviewTask.objects.get())
    longer.save()
    WorkflowPage.objects.update(workflow=longer)
    WorkflowContentType.objects.update(workflow=past)

    ensure_workflow(Treatment, pages=True)

    assert WorkflowPage.objects.get().workflow == longer
    assert WorkflowContentType.objects.get(content_type__model="treatment").workflow.tasks.count() == 1


# Mails


class Unreachable:
    def __init__(self, *args, **kwargs):
        raise OSError("no mail server")


def test_who_can_approve_hears_of_it_and_the_author_hears_back(editor, reviewer, person, article):
    person("reviewer", email="")
    admin = person("admin").user

    edit(editor, article, **SUBMIT)
    assert {one.to[0] for one in mail.outbox} == {reviewer.user.email, admin.email}
    mail.outbox.clear()
    decide(reviewer, article, "reject", comment="Who paid?")
    [back] = mail.outbox
    assert back.to == [editor.user.email] and "Who paid?" in back.body
    mail.outbox.clear()
    edit(editor, article, **SUBMIT)
    mail.outbox.clear()
    decide(reviewer, article)
    assert [one.to for one in mail.outbox] == [[editor.user.email]]


def test_a_mail_server_that_is_away_stops_nobody(editor, reviewer, article, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"

    assert edit(editor, article, **SUBMIT).status_code == 302
    decide(reviewer, article)

    assert live(article).title == "A new title"
