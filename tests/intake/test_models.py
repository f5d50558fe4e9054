"""What the database holds: nothing that a patient or a colleague wrote, but in a form that only the key opens."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from intake import actions
from intake.models import (
    Draft,
    Note,
    QuestionnaireVersion,
    Route,
    Status,
    Submission,
    SubmissionNote,
    compiled,
    new_reference,
)
from intake.models.submissions import REFERENCE_LETTERS
from tests.factories import DraftFactory, NoteFactory, SubmissionFactory, UserFactory, VersionFactory
from tests.intake.answers import hand_in, send, walk

WRITTEN = {
    "full-name": "Zipporah Quill",
    "birth-date": "1971-12-30",
    "email": "zq@private.example",
    "visit-help": "sign language, please",
    "goal-own-words": "to swim with my daughter",
}
CODES = ("several-standing", "back-thighs")


def everything():
    """Every row of every table as text, as somebody who steals the database reads it; but not the public form."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table != QuestionnaireVersion._meta.db_table:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                yield from (str(value) for row in cursor.fetchall() for value in row)


def test_nothing_that_was_written_can_be_read_in_the_database(client, form, outbox):
    walk(client, WRITTEN)
    send(client, "about-you", WRITTEN | {"contact-by": "nobody-by-post"})
    assert_unreadable("nobody-by-post")
    send(client, "about-you", WRITTEN)
    submission = hand_in(client)
    assert submission.answers.items() >= WRITTEN.items()
    nurse = UserFactory(role="nurse")
    actions.claim(submission=submission, by=nurse)
    actions.comment(submission=submission, by=nurse, text="Rang her sister")
    actions.move(submission=submission, to=Status.NOT_NOW, by=nurse, reason="Away until spring")
    assert_unreadable("Rang her sister", "Away until spring")
    assert submission.reference in everything()


def assert_unreadable(*words):
    rows = list(everything())
    for word in (*WRITTEN.values(), *CODES, *words):
        assert not [row for row in rows if word.casefold() in row.casefold()]


def test_the_why_of_a_note_and_of_a_route_cannot_be_read_in_the_database(form):
    draft = DraftFactory()
    draft.answers |= {"urgent-signs": ["one-leg"], "goal": "eliminate"}
    draft.save()
    submission = actions.submit(key=draft.key)
    leg = submission.route_why["answers"][0]["answer"]
    assert leg
    note = submission.notes.first()
    assert note.why[0]["answer"] == leg
    assert note.title == "One leg newly swollen or painful"
    # The rules in force are nobody's secret; what of them came true for this patient is.
    Note.objects.all().delete()
    Route.objects.all().delete()
    QuestionnaireVersion.objects.update(resource={})
    rows = list(everything())
    for word in (leg, note.title, note.staff_text, note.patient_text, "E29"):
        assert not [row for row in rows if word in row]


def test_a_reference_can_be_read_out_over_the_phone():
    references = {new_reference() for _each in range(1000)}
    assert len(references) > 990
    for reference in references:
        assert re.fullmatch(f"[{REFERENCE_LETTERS}]{{3}}-[{REFERENCE_LETTERS}]{{3}}", reference)
    assert not set("IO01") & set(REFERENCE_LETTERS)


def test_a_draft_becomes_a_submission_only_once(form):
    SubmissionFactory(token="the same")
    with pytest.raises(IntegrityError), transaction.atomic():
        SubmissionFactory(token="the same")
    assert Submission.objects.count() == 1


def test_two_submissions_never_share_a_reference(form):
    SubmissionFactory(reference="AAA-AAA")
    with pytest.raises(IntegrityError), transaction.atomic():
        SubmissionFactory(reference="AAA-AAA")


def test_a_draft_lives_for_two_weeks(form):
    draft = DraftFactory()
    assert timedelta(days=13, hours=23) < draft.expires_at - timezone.now() <= timedelta(days=14)
    assert Draft.objects.alive().get() == draft
    Draft.objects.update(expires_at=timezone.now())
    assert not Draft.objects.alive().exists()


def test_the_current_form_is_the_one_published_last(form):
    older = VersionFactory(version="0.0", published_at=form.published_at - timedelta(days=1))
    assert QuestionnaireVersion.current_id() == form.pk
    older.published_at = timezone.now()
    older.save()
    assert QuestionnaireVersion.current_id() == older.pk


def test_a_form_is_compiled_once(form, django_assert_num_queries):
    with django_assert_num_queries(1):
        first = compiled(form.pk)
        assert compiled(form.pk) is first
    assert (first.url, first.version) == (form.url, form.version)


def test_a_form_in_use_cannot_be_deleted(form):
    DraftFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        form.delete()


@pytest.mark.parametrize("model", [Draft, Submission, SubmissionNote])
def test_names_of_rows_say_nothing_about_a_person(form, model):
    row = {Draft: DraftFactory, Submission: SubmissionFactory, SubmissionNote: NoteFactory}[model]()
    for word in ("Amara", "Nwosu", "amara@example.org", "1985"):
        assert word not in f"{row!r} {row}"
