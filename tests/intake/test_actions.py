"""Every change of state of a Draft: what is kept, what is frozen, and that it is all or nothing."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from education.models import Source
from intake import actions, frozen
from intake.models import Draft, Note, QuestionnaireVersion, Status, StatusChange, Submission, SubmissionNote
from intake.path import find, walk
from portal.models import ClinicHoliday, ClinicOpening, ClinicSettings
from tests.factories import DraftFactory, VersionFactory, complete_answers
from tests.intake.answers import STEPS

HOPES = {"goal": "eliminate", "by-when": "4-weeks", "visits-ok": "one", "pattern": "waves"}


def posted(name, **changes):
    data = QueryDict(mutable=True)
    for link_id, value in (STEPS[name] | changes).items():
        data.setlist(link_id, value if isinstance(value, list) else [value])
    return data


def submit(**changes):
    draft = DraftFactory(answers=complete_answers({name.replace("_", "-"): value for name, value in changes.items()}))
    return actions.submit(key=draft.key)


def test_a_draft_gets_a_token_that_the_database_does_not_know(form):
    draft, token = actions.start_draft()
    assert len(token) >= 43
    assert draft.key == actions.key_of(token) != token
    assert actions.start_draft()[1] != token


def test_a_new_draft_sweeps_away_those_past_their_day(form):
    old = DraftFactory(expires_at=timezone.now() - timedelta(seconds=1))
    kept = DraftFactory(expires_at=timezone.now() + timedelta(hours=1))
    new, _token = actions.start_draft()
    assert set(Draft.objects.all()) == {kept, new}
    assert old.pk not in Draft.objects.values_list("pk", flat=True)


def test_a_new_draft_gets_the_newest_form(form):
    newest = VersionFactory(version="9", resource=form.resource | {"version": "9"})
    assert actions.start_draft()[0].version == newest


def test_without_a_form_nothing_begins(db):
    with pytest.raises(QuestionnaireVersion.DoesNotExist, match="load_starter_content"):
        actions.start_draft()
    assert not Draft.objects.exists()


def test_saving_keeps_valid_answers_and_wrong_ones_apart(form):
    draft = DraftFactory(answers={})
    saved = actions.save_step(
        key=draft.key, name="about-you", data=posted("about-you", **{"birth-date": "soon", "contact-by": ""})
    )
    draft.refresh_from_db()
    assert saved.draft == draft
    assert not saved.form.is_valid()
    assert draft.answers == {"full-name": "Amara Nwosu", "appointment-date": None, "visit-help": None}
    assert draft.typed == {"birth-date": ["soon"], "contact-by": [""]}


def test_saving_without_a_draft_says_so(form):
    gone = DraftFactory(expires_at=timezone.now())
    for key in (actions.key_of("nobody"), gone.key):
        assert actions.save_step(key=key, name="goals", data=posted("goals")) is None


def test_saving_a_step_that_is_not_there_keeps_nothing(form):
    with pytest.raises(actions.NoSuchStep):
        actions.start_with_step(name="nonsense", data=posted("goals"))
    assert not Draft.objects.exists()


def test_a_draft_becomes_one_submission_with_its_history(form):
    draft = DraftFactory()
    submission = actions.submit(key=draft.key)
    assert not Draft.objects.exists()
    assert actions.submit(key=draft.key) == submission
    assert Submission.objects.count() == 1
    [change] = submission.changes.all()
    assert (change.from_status, change.to_status, change.by) == ("", Status.NEW, None)
    assert change.at == submission.submitted_at
    assert submission.status == Status.NEW and submission.owner is None
    assert (submission.full_name, submission.birth_date) == ("Amara Nwosu", "1985-03-14")


def test_neither_draft_nor_submission_is_nothing(form):
    assert actions.submit(key=actions.key_of("nobody")) is None
    assert actions.submit(key=None) is None
    assert actions.submit(key=DraftFactory(expires_at=timezone.now()).key) is None
    assert not Submission.objects.exists()


def form_step(draft, name):
    return find(walk(draft.questionnaire, draft.answers), name).step


@pytest.mark.parametrize("link_id", [name for name, value in complete_answers().items() if value])
def test_what_is_needed_is_needed(form, link_id):
    draft = DraftFactory(answers={name: value for name, value in complete_answers().items() if name != link_id})
    with pytest.raises(actions.Incomplete) as missing:
        actions.submit(key=draft.key)
    assert link_id in [question.link_id for question in form_step(draft, missing.value.step).questions]
    assert Draft.objects.get() == draft


def test_a_wrong_answer_to_an_optional_question_holds_a_form_back(form):
    draft = DraftFactory()
    actions.save_step(key=draft.key, name="about-you", data=posted("about-you", **{"appointment-date": "soon"}))
    with pytest.raises(actions.Incomplete):
        actions.submit(key=draft.key)


def test_answers_off_the_path_are_not_handed_in(form):
    submission = submit(contact_by="phone", phone="020 7946 0000", email="left@example.org")
    assert "email" not in submission.answers
    assert submission.email is None
    assert submission.phone == "020 7946 0000"


@pytest.mark.parametrize(
    ("changes", "team", "urgency", "rank", "rule", "because"),
    [
        ({}, "care-team", "routine", 2, 7, []),
        ({"legs_pattern": "yes"}, "doctor", "soon", 1, 3, ["legs-pattern"]),
        (
            {"urgent_signs": ["new-lump"], "legs_pattern": "yes"},
            "doctor",
            "soon",
            1,
            3,
            ["urgent-signs", "legs-pattern"],
        ),
        ({"urgent_signs": ["new-lump", "one-leg"]}, "clinical-lead", "urgent", 0, 1, ["urgent-signs"]),
    ],
)
def test_the_route_is_frozen_with_its_why(form, changes, team, urgency, rank, rule, because):
    submission = submit(**changes)
    submission.refresh_from_db()
    assert (submission.team, submission.urgency, submission.urgency_rank) == (team, urgency, rank)
    assert submission.route_why["rule"] == rule
    assert [row["question"] for row in submission.route_why["answers"]] == because
    for row in submission.route_why["answers"]:
        assert row["text"] == submission.questionnaire.question(row["question"]).text
        assert row["answer"]


def test_the_why_of_a_route_names_only_the_signs_that_decided(form):
    why = submit(urgent_signs=["new-lump", "one-leg"]).route_why["answers"]
    assert len(why) == 1
    assert "leg" in why[0]["answer"]
    assert "lump" not in why[0]["answer"]


def test_notes_are_frozen_with_their_version_sources_and_why(form):
    Source.objects.create(code="R1", citation="A review, 2015", strength="B", kind="Journal article")
    submission = submit(**{name.replace("-", "_"): value for name, value in HOPES.items()})
    frozen = {note.code: note for note in submission.notes.all()}
    assert list(frozen) == ["E1", "E3", "E2", "E9"]
    rule = Note.objects.get(code="E1")
    note = frozen["E1"]
    assert (note.version, note.rank, note.title, note.staff_text) == (rule.version, 19, rule.title, rule.staff_text)
    assert note.sources == [
        {"code": "R1", "citation": "A review, 2015"},
        {"code": "R56b", "citation": ""},
        {"code": "R57", "citation": ""},
    ]
    assert [row["question"] for row in note.why] == ["goal"]
    assert [row["question"] for row in frozen["E2"].why] == ["goal", "pattern"]
    assert [note.code for note in frozen.values() if note.for_patient] == ["E1", "E3", "E2"]
    assert all(note.awaiting_review for note in frozen.values())


def test_what_is_frozen_does_not_follow_its_source(form):
    source = Source.objects.create(code="R1", citation="A review, 2015", strength="B", kind="Journal article")
    submission = submit(goal="eliminate")
    source.citation = "Withdrawn"
    source.save()
    assert submission.notes.get().sources[0]["citation"] == "A review, 2015"


def test_beside_an_urgent_sign_only_its_own_note_is_for_the_patient(form):
    clinic = ClinicSettings.load()
    clinic.urgent_number = "111"
    clinic.save()
    found = submit(goal="eliminate", urgent_signs=["one-leg"]).notes.all()
    assert [(note.code, note.for_patient) for note in found] == [("E29", True), ("E1", False)]
    assert "Call 111." in found[0].patient_text
    assert "call your local emergency number" in found[0].patient_text


def test_the_due_time_follows_the_clinics_hours_and_holidays(form, monkeypatch):
    monday = timezone.make_aware(datetime(2026, 6, 15, 10))
    monkeypatch.setattr(timezone, "now", lambda: monday)
    clinic = ClinicSettings.load()
    clinic.openings = [ClinicOpening(weekday=day, opens=time(9), closes=time(16)) for day in range(5)]
    clinic.holidays = [ClinicHoliday(day=date(2026, 6, 16))]
    clinic.save()
    assert timezone.localtime(submit(urgent_signs=["one-leg"]).due_at) == timezone.make_aware(
        datetime(2026, 6, 15, 16)
    )
    assert timezone.localtime(submit(legs_pattern="yes").due_at) == timezone.make_aware(datetime(2026, 6, 18, 16))
    assert timezone.localtime(submit().due_at) == timezone.make_aware(datetime(2026, 6, 23, 16))
    early = submit(appointment_date="2026-06-19")
    assert early.appointment_date == date(2026, 6, 19)
    assert timezone.localtime(early.due_at) == timezone.make_aware(datetime(2026, 6, 18, 16))


def test_a_visit_that_has_passed_meanwhile_makes_a_form_due_at_once(form):
    submission = submit(appointment_date="2020-01-01")
    assert submission.due_at == submission.submitted_at


def test_references_are_drawn_until_one_is_free(form, monkeypatch):
    taken = submit().reference
    drawn = iter([taken, taken, "NEW-222"])
    monkeypatch.setattr(frozen, "new_reference", lambda: next(drawn))
    assert submit().reference == "NEW-222"


def test_mail_waits_in_the_same_transaction(form, outbox):
    submission = submit()
    by_phone = submit(contact_by="phone", phone="020 7946 0000")
    waiting = {(row.task_path.rpartition(".")[2], *row.args_kwargs["args"]) for row in DBTaskResult.objects.all()}
    assert waiting == {
        ("mail_team", submission.pk),
        ("mail_patient", submission.pk),
        ("mail_team", by_phone.pk),
    }


class Broken(Exception):
    pass


def fail(*args, **kwargs):
    raise Broken


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (Submission, "save"),
        (SubmissionNote.objects, "bulk_create"),
        (StatusChange.objects, "create"),
        (actions.mail_patient.__class__, "enqueue"),
    ],
)
def test_a_failure_on_the_way_leaves_the_draft_and_nothing_else(form, outbox, monkeypatch, where, name):
    draft = DraftFactory(answers=complete_answers(HOPES))
    with monkeypatch.context() as patch, pytest.raises(Broken):
        patch.setattr(where, name, fail)
        actions.submit(key=draft.key)
    assert Draft.objects.get().answers == draft.answers
    for model in (Submission, SubmissionNote, StatusChange, DBTaskResult):
        assert not model.objects.exists()
    assert actions.submit(key=draft.key)


@pytest.mark.django_db(transaction=True)
def test_a_failure_to_commit_leaves_the_draft_and_nothing_else(outbox):
    draft = DraftFactory()
    with pytest.raises(Broken), transaction.atomic():
        actions.submit(key=draft.key)
        assert DBTaskResult.objects.count() == 2
        raise Broken
    connection.close()
    assert Draft.objects.get() == draft
    for model in (Submission, SubmissionNote, StatusChange, DBTaskResult):
        assert not model.objects.exists()


def test_a_version_is_published_once_and_never_changes(db):
    resource = {"url": "https://clinic.example/form", "version": "1", "title": "A form"}
    version, created = actions.publish_questionnaire(resource=resource)
    assert created
    assert actions.publish_questionnaire(resource=dict(resource)) == (version, False)
    with pytest.raises(actions.Refused, match="is published already, with other words"):
        actions.publish_questionnaire(resource=resource | {"title": "Another"})
    version.refresh_from_db()
    assert version.resource == resource


def test_a_form_changed_without_a_new_version_does_not_stop_a_start(form, capsys):
    form.resource = {**form.resource, "title": "Other words"}
    form.save()
    call_command("load_starter_content")
    assert "is not published" in capsys.readouterr().out
    assert QuestionnaireVersion.objects.get().resource["title"] == "Other words"
