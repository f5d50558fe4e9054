"""Notes and routes in the CMS: loaded once, edited with history, and kept by each form as they were."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from education import starter_content
from education.models import Source, StarterItem
from intake import actions, starter_rules
from intake.answers import FACTS, deciding_rows
from intake.conditions import ALWAYS, All, Any, Test
from intake.facts import NAMES, facts
from intake.models import Note, Route, compiled
from intake.sentences import sentence, who_sees
from tests.education.cms_forms import decide
from tests.factories import DraftFactory, UserFactory, VersionFactory, complete_answers, hopes

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    """The form, the sources and the rules that a fresh copy of the portal has."""
    VersionFactory()
    Source.objects.bulk_create(Source(**row) for row in starter_content.read("sources.toml")["source"])
    starter_rules.load()


def edited(code, **changes):
    """The note of this code with changes, published."""
    note = Note.objects.get(code=code)
    for name, value in changes.items():
        setattr(note, name, value)
    note.full_clean()
    note.save_revision().publish()
    return Note.objects.get(code=code)


def submit(**changes):
    draft = DraftFactory(answers=complete_answers({name.replace("_", "-"): value for name, value in changes.items()}))
    return actions.submit(key=draft.key)


def codes(submission):
    return [note.code for note in submission.notes.all()]


def test_all_notes_and_routes_arrive_once(loaded):
    assert Note.objects.count() == 39 and Route.objects.count() == 7
    assert {note.code for note in Note.objects.filter(live=False)} == {"E33", "E38"}
    assert all(note.remark for note in Note.objects.filter(live=False))
    assert set(Note.objects.filter(live=True).values_list("version", flat=True)) == {1}
    assert set(Route.objects.values_list("version", "live")) == {(1, True)}
    assert starter_rules.load() == 0


def test_every_source_of_a_note_is_there(loaded):
    known = set(Source.objects.values_list("code", flat=True))
    for note in Note.objects.filter(condition__isnull=False):
        assert set(note.as_rule().sources) <= known


def test_loading_again_leaves_an_editors_work_alone(loaded):
    edited("E1", title="Another title", rank=2)
    Note.objects.get(code="E3").unpublish()
    Note.objects.get(code="E9").delete()
    assert starter_rules.load() == 0
    assert (Note.objects.get(code="E1").title, Note.objects.get(code="E1").rank) == ("Another title", 2)
    assert not Note.objects.get(code="E3").live
    assert not Note.objects.filter(code="E9").exists()


def test_in_production_notes_wait_as_drafts_and_routes_are_in_force(settings):
    settings.DEMO, settings.SITE_URL = False, "https://clinic.example"
    call_command("load_starter_content", verbosity=0)
    assert not Note.objects.filter(live=True).exists()
    assert Route.objects.filter(live=True).count() == 7
    submission = submit(goal="eliminate", legs_pattern="yes")
    assert (codes(submission), submission.team) == ([], "doctor")


def test_a_form_keeps_the_words_and_the_version_that_it_used(loaded):
    old = submit(goal="eliminate")
    edited("E1", patient_text="Other words.", sources="[R57]", rank=3)
    new = submit(goal="eliminate")
    before, after = old.notes.get(), new.notes.get()
    assert (before.version, after.version) == (1, 2)
    assert before.patient_text.startswith("No treatment removes all cellulite")
    assert (after.patient_text, after.rank) == ("Other words.", 3)
    assert [source["code"] for source in before.sources] == ["R1", "R56b", "R57"]
    assert after.sources[0]["citation"]


def test_a_draft_of_a_note_changes_nothing_yet(loaded):
    note = Note.objects.get(code="E1")
    note.title = "Not ready"
    note.save_revision()
    submission = submit(goal="eliminate")
    assert submission.notes.get().title == "Hopes to be rid of all cellulite"
    assert submission.notes.get().version == 1
    assert Note.objects.get(code="E1").has_unpublished_changes


def test_going_back_to_an_earlier_revision_is_a_new_version(loaded):
    first = Note.objects.get(code="E1").latest_revision
    edited("E1", title="Second")
    first.publish()
    note = Note.objects.get(code="E1")
    assert (note.title, note.version) == ("Hopes to be rid of all cellulite", 3)
    assert note.condition == {"question": "goal", "answer": "eliminate"}


@pytest.mark.parametrize(
    ("first", "last", "applies"), [(None, None, 1), (0, 0, 1), (None, -1, 0), (1, None, 0), (-5, None, 1), (-5, 5, 1)]
)
def test_a_note_is_in_use_between_its_dates(loaded, first, last, applies):
    today = timezone.localdate()
    edited(
        "E1",
        active_from=None if first is None else today + timedelta(first),
        active_until=None if last is None else today + timedelta(last),
    )
    assert len(codes(submit(goal="eliminate"))) == applies


def test_an_approved_note_no_longer_awaits_review(loaded):
    edited("E1", approved_by="Dr A. Example", last_reviewed=timezone.localdate())
    assert submit(goal="eliminate").notes.get().awaiting_review is False


@pytest.mark.parametrize(
    ("code", "changes", "field"),
    [
        ("E1", {"patient_text": ""}, "patient_text"),
        ("E20", {"patient_text": "Shown by mistake"}, "patient_text"),
        ("E1", {"active_from": "2027-01-02", "active_until": "2027-01-01"}, "active_until"),
        ("E1", {"sources": "[R999]"}, "sources"),
        ("E1", {"approved_by": "Dr A. Example"}, "last_reviewed"),
    ],
)
def test_a_note_that_would_do_harm_is_refused(loaded, code, changes, field):
    with pytest.raises(Exception) as refused:
        edited(code, **changes)
    assert field in refused.value.message_dict


def test_braces_in_a_text_are_only_braces(loaded):
    edited("E1", patient_text="Call {urgent_line} or {0} {nonsense} {", patient_title="{}")
    text = submit(goal="eliminate").notes.get().patient_text
    assert text == "Call your local urgent care line or {0} {nonsense} {"


def test_without_any_route_a_form_still_reaches_a_nurse(loaded):
    Route.objects.update(live=False)
    submission = submit()
    assert (submission.team, submission.urgency) == ("nurse", "soon")
    assert submission.route_why["rule"] == 0


def address(rule, page="edit"):
    return reverse(type(rule).snippet_viewset.get_url_name(page), args=[rule.pk] if page != "list" else [])


@pytest.mark.parametrize("role", ["editor", "reviewer", "admin"])
def test_editors_change_the_words_and_not_the_condition(loaded, client, role):
    client.force_login(UserFactory(role=role))
    note = Note.objects.get(code="E16")
    page = client.get(address(note)).content.decode()
    assert "Do you plan a big weight change in the next 6 months?" in page
    assert "unless" in page and 'name="condition"' not in page and 'name="to_patient"' not in page
    form = {
        "title": "Plans a weight change",
        "staff_text": "Say: other words.",
        "patient_title": note.patient_title,
        "patient_text": note.patient_text,
        "sources": "[R48]",
        "rank": "33",
        "to_patient": "",
        "condition": "{}",
        "action-submit": "yes",
    }
    assert client.post(address(note), form).status_code == 302
    client.force_login(UserFactory(role="reviewer"))
    decide(client, note)
    changed = Note.objects.get(code="E16")
    assert (changed.staff_text, changed.rank, changed.version) == ("Say: other words.", 33, 2)
    assert changed.condition == note.condition and changed.to_patient


def test_the_list_shows_conditions_as_sentences(loaded, client):
    client.force_login(UserFactory(role="editor"))
    page = client.get(reverse(Note.snippet_viewset.get_url_name("list"))).content.decode()
    assert "“What would you most like to change?” is “I want all of it gone”" in page
    page = client.get(reverse(Route.snippet_viewset.get_url_name("list"))).content.decode()
    assert "a procedure is considered is yes; and" in page


def test_a_list_of_rules_asks_as_much_for_many_as_for_few(loaded, client):
    client.force_login(UserFactory(role="editor"))
    page = reverse(Note.snippet_viewset.get_url_name("list"))
    client.get(page)
    counts = []
    for _each in ("all", "few"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        counts.append(len(captured))
        Note.objects.filter(rank__gt=3).delete()
    assert counts[0] <= counts[1] + 1
    assert counts[0] <= 25


def test_what_changed_can_be_compared(loaded, client):
    client.force_login(UserFactory(role="reviewer"))
    for rule in (edited("E1", title="Another title"), Route.objects.get(number=4)):
        rule.save_revision()
        first, *_between, last = rule.revisions.order_by("pk").values_list("pk", flat=True)
        compare = reverse(type(rule).snippet_viewset.get_url_name("revisions_compare"), args=[rule.pk, first, last])
        assert client.get(compare).status_code == client.get(address(rule, "history")).status_code == 200
        assert client.get(address(rule)).status_code == 200


def test_nobody_but_an_admin_adds_or_deletes_rules(loaded, client):
    client.force_login(UserFactory(role="editor"))
    note = Note.objects.get(code="E1")
    for page in (reverse(Note.snippet_viewset.get_url_name("add")), address(note, "delete")):
        assert client.post(page).status_code in (302, 403)
    assert Note.objects.count() == 39


def test_a_source_that_a_note_cites_stays(loaded, client):
    client.force_login(UserFactory(role="admin"))
    source = Source.objects.get(code="R144")
    client.post(address(source, "delete"))
    assert Source.objects.filter(code="R144").exists()


@pytest.fixture
def form():
    return compiled(VersionFactory().pk)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (ALWAYS, "always"),
        (Any(()), "never"),
        (Test("goal", "=", "eliminate"), "“What would you most like to change?” is “I want all of it gone”"),
        (Test("health-notes", "exists", True), "is answered"),
        (Test("days-to-event", "<=", 90), "days to the special day is at most 90"),
        (Test("count-considering", "=", 1), "treatments considered is 1"),
        (Test("high-distress", "!=", True), "is not yes"),
        (Test("hope-creams-change", "=", "gone"), "(What you hope for: Creams with caffeine or retinol)”"),
        (Test("asked-no-more", "=", "x"), "asked-no-more is x"),
        (Test("gap-creams-change", "=", "more"), "gap of creams, change is more"),
        (
            All((Test("age", ">", 1), Any((Test("goal", "=", "learn"), Test("bother", "<=", 2))))),
            "age in years is more than 1; and (",
        ),
    ],
)
def test_a_condition_reads_as_a_sentence(form, condition, words):
    assert words in sentence(condition, form)


def test_every_fact_has_a_name_in_words():
    assert set(FACTS) == NAMES


def test_the_answers_behind_a_fact_are_told(form):
    answers = complete_answers({"considering": ["creams"], "bother": 9}) | hopes("creams", lasts="permanent")
    known = answers | facts(form, answers, timezone.localdate())
    rows = deciding_rows(form, known, {"high-distress": True, "wants-permanent": True, "goal": "learn"})
    assert [(row["question"], row["answer"]) for row in rows] == [
        ("high-distress", "yes"),
        ("bother", "9"),
        ("wants-permanent", "yes"),
        ("hope-creams-lasts", "For good"),
        ("goal", "Nothing for now, I want to learn more"),
    ]


def test_who_sees_a_note_is_said(loaded):
    seen = {note.code: note.seen_by for note in Note.objects.filter(condition__isnull=False)}
    assert seen["E20"] == "Staff only"
    assert seen["E29"] == "Staff and the patient, also beside urgent advice"
    assert seen["E16"].startswith("Staff; the patient too, unless “Have worries about food")
    assert who_sees(Note.objects.get(code="E1").as_rule()) == "Staff and the patient"


def test_the_table_in_the_docs_is_up_to_date():
    call_command("write_rules_table", check=True)


def test_what_was_loaded_is_remembered(loaded):
    assert StarterItem.objects.filter(key__startswith="note/").count() == 39
