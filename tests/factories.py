"""Test objects. Submissions are made of answers by the real rules, so that they hang together as submitted ones do."""

import json
from datetime import date, timedelta
from pathlib import Path

import factory
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone
from factory.django import DjangoModelFactory

import intake
from education import starter_content
from education.models import Treatment
from intake import starter_rules
from intake.actions import key_of
from intake.answers import deciding_rows
from intake.facts import facts
from intake.models import (
    AccessLog,
    Comment,
    Draft,
    Note,
    QuestionnaireVersion,
    Route,
    Status,
    StatusChange,
    Submission,
    SubmissionNote,
    Urgency,
    compiled,
    new_reference,
)
from intake.path import prune
from intake.routing import route
from portal.models import User
from portal.roles import ADMIN

PASSWORD = "a passphrase for tests"
FORM = Path(intake.__file__).parent / "questionnaires" / "cellulite-goals.json"

# A careful reader: every required question answered, no sign ticked, no note but E35, care team, routine.
COMPLETE = {
    "consent-care": True,
    "urgent-signs": ["none"],
    "full-name": "Amara Nwosu",
    "birth-date": "1985-03-14",
    "contact-by": "email",
    "appointment-date": None,
    "visit-help": None,
    "email": "amara@example.org",
    "areas": [],
    "self-rating": "several-standing",
    "pattern": "dents",
    "legs-pattern": "no",
    "goal-own-words": None,
    "goal": "learn",
    "by-when": "no-rush",
    "visits-ok": "few",
    "why-now": ["myself"],
    "considering": ["none-yet"],
    "tried": ["nothing"],
    "pregnancy": "no",
    "medicines": ["none"],
    "conditions": ["none"],
    "weight-plan": "no",
    "health-notes": None,
    "bother": None,
    "time-thinking": None,
    "avoids": None,
    "food-worry": None,
    "top-questions": [],
    "own-question": None,
}
# What a patient with a procedure in mind is asked as well.
PROCEDURE = {
    "implants": ["none"],
    "allergies": ["none"],
    "skin-now": ["none"],
    "dark-marks": "no",
    "sun": "no",
    "nicotine": "no",
    "recent-procedure": "no",
}


def hopes(slug, change="little", lasts="months", bruising="two-weeks"):
    """What a patient hopes of a treatment."""
    given = {"change": change, "lasts": lasts, "bruising": bruising}
    return {f"hope-{slug}-{dimension}": code for dimension, code in given.items()}


def complete_answers(changes=()):
    """Answers with which a Draft can be handed in, but for these changes: complete_answers({"goal": "firmer"})."""
    return COMPLETE | dict(changes)


class UserFactory(DjangoModelFactory):
    """UserFactory(role="nurse"); without a role a person who may do nothing."""

    class Meta:
        model = User

    role = ""
    username = factory.Sequence(lambda number: f"person{number}")
    first_name = "Robin"
    last_name = factory.Sequence(lambda number: f"Haddad{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@clinic.example")
    password = factory.LazyFunction(lambda: make_password(PASSWORD))
    is_superuser = factory.LazyAttribute(lambda user: user.role == ADMIN)

    @classmethod
    def _create(cls, model_class, *args, role, **kwargs):
        user = super()._create(model_class, *args, **kwargs)
        user.groups.set(Group.objects.filter(name=role))
        return user


class VersionFactory(DjangoModelFactory):
    """The form as it is shipped."""

    class Meta:
        model = QuestionnaireVersion
        django_get_or_create = ("url", "version")

    resource = factory.LazyFunction(lambda: json.loads(FORM.read_text(encoding="utf-8")))
    url = factory.LazyAttribute(lambda version: version.resource["url"])
    version = factory.LazyAttribute(lambda version: version.resource["version"])


def put_rules_in_force():
    """The notes and routes of the starter files, without the sources that they cite."""
    notes = [starter_rules.note(row) for row in starter_rules.rows("notes.toml") if "when" in row]
    routes = [starter_rules.route(row) for row in starter_rules.rows("routes.toml")]
    for rule in (*notes, *routes):
        rule.live, rule.version = True, 1
    Note.objects.bulk_create(notes)
    Route.objects.bulk_create(routes)


def put_records_in_force():
    """The treatments of the starter files with their gap fields, without their outcomes."""
    rows = starter_content.folder("treatments")
    Treatment.objects.bulk_create(
        Treatment(
            slug=row["slug"],
            name=row["name"],
            state=row["state"],
            summary=row["summary"],
            certainty=row["certainty"],
            usual_change=row["gap_change"],
            longest_lasting=row["gap_lasts"],
            usual_bruising=row["gap_bruising"],
        )
        for row in rows
    )


def starter_routes():
    return [starter_rules.route(row).as_rule() for row in starter_rules.rows("routes.toml")]


class DraftFactory(DjangoModelFactory):
    """A Draft that can be handed in. Its cookie holds `token`: client.cookies[settings.DRAFT_COOKIE_NAME] = TOKEN."""

    class Meta:
        model = Draft

    class Params:
        token = factory.Sequence(lambda number: f"token-{number}")

    key = factory.LazyAttribute(lambda draft: key_of(draft.token))
    version = factory.SubFactory(VersionFactory)
    answers = factory.LazyFunction(complete_answers)


class SubmissionFactory(DjangoModelFactory):
    """SubmissionFactory(answers=complete_answers({...}), notes=4); team, urgency and names follow the answers."""

    class Meta:
        model = Submission
        skip_postgeneration_save = True

    class Params:
        token = factory.Sequence(lambda number: f"token-of-a-sent-draft-{number}")
        form = factory.LazyAttribute(lambda row: compiled(row.version.pk))
        given = factory.LazyAttribute(lambda row: row.answers | facts(row.form, row.answers, timezone.localdate()))
        way = factory.LazyAttribute(lambda row: route(starter_routes(), row.given))

    version = factory.SubFactory(VersionFactory)
    answers = factory.LazyFunction(complete_answers)
    reference = factory.LazyFunction(new_reference)
    draft_key = factory.LazyAttribute(lambda row: key_of(row.token))
    full_name = factory.LazyAttribute(lambda row: row.answers["full-name"])
    birth_date = factory.LazyAttribute(lambda row: row.answers["birth-date"])
    email = factory.LazyAttribute(lambda row: row.answers.get("email"))
    phone = factory.LazyAttribute(lambda row: row.answers.get("phone"))
    appointment_date = factory.LazyAttribute(lambda row: as_date(row.answers.get("appointment-date")))
    submitted_at = factory.LazyFunction(timezone.now)
    team = factory.LazyAttribute(lambda row: row.way.team)
    urgency = factory.LazyAttribute(lambda row: row.way.urgency)
    urgency_rank = factory.LazyAttribute(lambda row: Urgency.values.index(row.urgency))
    due_at = factory.LazyAttribute(lambda row: row.submitted_at + timedelta(days=2))
    route_why = factory.LazyAttribute(
        lambda row: {
            "rule": row.way.rule.number,
            "version": 1,
            "reason": row.way.rule.reason,
            "awaiting_review": True,
            "answers": deciding_rows(row.form, row.answers, row.way.because),
        }
    )
    sent = factory.RelatedFactory("tests.factories.StatusChangeFactory", "submission")

    @classmethod
    def _create(cls, model_class, *args, version, answers, **kwargs):
        answers = prune(compiled(version.pk), answers)
        return super()._create(model_class, *args, version=version, answers=answers, **kwargs)

    @factory.post_generation
    def notes(submission, create, count, **kwargs):
        NoteFactory.create_batch(count or 0, submission=submission)


def as_date(text):
    return date.fromisoformat(text) if text else None


class NoteFactory(DjangoModelFactory):
    class Meta:
        model = SubmissionNote

    class Params:
        rank = factory.Sequence(lambda number: number)
        code = factory.LazyAttribute(lambda note: f"T{note.rank}")
        version = 1
        title = factory.LazyAttribute(lambda note: f"Title of {note.code}")
        staff_text = factory.LazyAttribute(lambda note: f"What {note.code} tells staff.")
        patient_title = factory.LazyAttribute(lambda note: f"Heading of {note.code}")
        patient_text = factory.LazyAttribute(lambda note: f"What {note.code} tells the patient.")
        sources = [{"code": "R1", "citation": "A study, 2015"}]
        why = [{"question": "goal", "text": "What would you most like to change?", "answer": "I want all of it gone"}]

    submission = factory.SubFactory(SubmissionFactory)
    content = factory.LazyAttribute(lambda note: {name: getattr(note, name) for name in SubmissionNote.CONTENT})
    for_patient = True
    awaiting_review = True


class StatusChangeFactory(DjangoModelFactory):
    """The row that says: sent."""

    class Meta:
        model = StatusChange

    submission = factory.SubFactory(SubmissionFactory, sent=None)
    to_status = Status.NEW
    at = factory.LazyAttribute(lambda change: change.submission.submitted_at)


class CommentFactory(DjangoModelFactory):
    class Meta:
        model = Comment

    submission = factory.SubFactory(SubmissionFactory)
    by = factory.SubFactory(UserFactory, role="nurse")
    text = "Called, no answer."


class AccessLogFactory(DjangoModelFactory):
    class Meta:
        model = AccessLog

    submission = factory.SubFactory(SubmissionFactory)
    by = factory.SubFactory(UserFactory, role="nurse")
