"""What patients answer and what staff do with it. Whatever a person wrote is in an EncryptedField."""

import secrets
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from intake.questionnaire import compile_questionnaire
from portal.fields import EncryptedField

DRAFT_DAYS = 14
# On a device that is handed round: two minutes without a touch, and some seconds for the page to say so.
SHARED_LIFE = timedelta(seconds=135)
# No I, O, 0 or 1: a reference is read out over the phone.
REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Team(models.TextChoices):
    CLINICAL_LEAD = "clinical-lead", _("Clinical lead")
    DOCTOR = "doctor", _("Doctor")
    NURSE = "nurse", _("Nurse")
    CARE_TEAM = "care-team", _("Care team")


class Urgency(models.TextChoices):
    URGENT = "urgent", _("Urgent")
    SOON = "soon", _("Soon")
    ROUTINE = "routine", _("Routine")


class Status(models.TextChoices):
    NEW = "new", _("New")
    IN_REVIEW = "in-review", _("In review")
    READY = "ready", _("Ready for visit")
    CALL_FIRST = "call-first", _("Call first")
    NOT_NOW = "not-now", _("Not now")
    CLOSED = "closed", _("Closed")


class QuestionnaireVersion(models.Model):
    """One published version of the form, as FHIR R4 JSON. It never changes: old submissions show the words asked."""

    url = models.CharField(max_length=200)
    version = models.CharField(max_length=20)
    resource = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["url", "version"], name="questionnaire_version_once")]

    def __str__(self):
        return f"{self.url}|{self.version}"

    @classmethod
    def current_id(cls):
        """The id of the version that a new Draft gets. Raises DoesNotExist when nothing is published."""
        newest = cls.objects.order_by("-published_at", "-pk").values_list("pk", flat=True).first()
        if newest is None:
            raise cls.DoesNotExist("No form is published: run manage.py load_starter_content.")
        return newest


@lru_cache(maxsize=8)
def compiled(version_id):
    """The questionnaire of a version. Kept in memory, because a published version never changes."""
    resource = QuestionnaireVersion.objects.values_list("resource", flat=True).get(pk=version_id)
    return compile_questionnaire(resource)


class DraftQuerySet(models.QuerySet):
    def alive(self):
        return self.filter(expires_at__gt=timezone.now())

    def of(self, key):
        """The Draft of this key, unless its time is over. None when there is none."""
        return next(iter(self.alive().filter(key=key)), None) if key else None


def draft_expiry(shared=False):
    return timezone.now() + (SHARED_LIFE if shared else timedelta(days=DRAFT_DAYS))


class Draft(models.Model):
    """Answers being given. `answers` are valid ones; `typed` keeps what is not valid yet, as it was typed."""

    key = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token in the patient's cookie")
    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT)
    answers = EncryptedField(default=dict)
    typed = EncryptedField(default=dict)
    revision = models.PositiveIntegerField(default=0, help_text="Raised by each change, so that none is lost")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=draft_expiry)

    # Treatments that were chosen and are withdrawn, once somebody has looked.
    gone = ()

    objects = DraftQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self):
        return f"Draft {self.pk}"

    @property
    def questionnaire(self):
        return compiled(self.version_id)


class SubmissionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The one rule for list, detail and search: care staff see every team's forms, nobody else sees any."""
        from portal.roles import may_review

        return self if may_review(user) else self.none()

    def open(self):
        return self.exclude(status=Status.CLOSED)

    def naming_withdrawn(self):
        """Open forms that name a treatment which is withdrawn."""
        return self.open().filter(names_withdrawn=True)

    def by_need(self):
        """Urgent first, then by visit, then oldest."""
        return self.order_by("urgency_rank", models.F("appointment_date").asc(nulls_last=True), "submitted_at", "pk")


def new_reference():
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _letter in range(6))
    return f"{letters[:3]}-{letters[3:]}"


class Submission(models.Model):
    """Answers handed in. What staff sort and filter by is plain; what the patient said is encrypted."""

    reference = models.CharField(max_length=7, unique=True)
    draft_key = models.CharField(max_length=64, unique=True, help_text="Makes a Draft become one Submission, once")
    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT)
    answers = EncryptedField()
    full_name = EncryptedField()
    birth_date = EncryptedField()
    email = EncryptedField(null=True)
    phone = EncryptedField(null=True)
    appointment_date = models.DateField(null=True)
    submitted_at = models.DateTimeField()
    team = models.CharField(max_length=13, choices=Team)
    urgency = models.CharField(max_length=7, choices=Urgency)
    urgency_rank = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    route_why = EncryptedField()
    gaps = EncryptedField(default=list)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    names_withdrawn = models.BooleanField(default=False, help_text="Which one, only the answers tell")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("review_submission", "Can review what patients sent")]
        indexes = [
            models.Index(
                fields=["urgency_rank", "appointment_date", "submitted_at"],
                condition=~Q(status="closed"),
                name="submission_open_by_need",
            ),
            models.Index(
                fields=["urgency_rank", "appointment_date", "submitted_at"],
                condition=Q(status="closed"),
                name="submission_closed_by_need",
            ),
            models.Index(
                fields=["urgency_rank", "appointment_date", "submitted_at"],
                condition=~Q(status="closed") & Q(names_withdrawn=True),
                name="submission_names_withdrawn",
            ),
        ]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return reverse("staff:detail", args=[self.reference])

    @property
    def questionnaire(self):
        return compiled(self.version_id)

    @property
    def overdue(self):
        return self.status in (Status.NEW, Status.IN_REVIEW) and self.due_at < timezone.now()


def _kept(name):
    return property(lambda note: note.content[name])


class SubmissionNote(models.Model):
    """A note as it was when the form was sent: its words, its version, its sources and why it applied.

    Which note applies tells what was answered, so its code is encrypted like its words. Written in the order of rank.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="notes")
    content = EncryptedField()
    for_patient = models.BooleanField()
    awaiting_review = models.BooleanField()

    CONTENT = "code version rank title staff_text patient_title patient_text sources why".split()
    code, version, rank, title, staff_text, patient_title, patient_text, sources, why = map(_kept, CONTENT)

    class Meta:
        default_permissions = ()
        ordering = ["pk"]

    def __str__(self):
        return f"Note {self.pk}"


class StatusChange(models.Model):
    """One row of a Submission's history. Never changed, never deleted on its own."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="changes")
    from_status = models.CharField(max_length=10, choices=Status, blank=True)
    to_status = models.CharField(max_length=10, choices=Status)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = EncryptedField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.from_status or 'sent'} -> {self.to_status}"


class Comment(models.Model):
    """What staff tell each other about a Submission. Never shown to the patient."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = EncryptedField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["at", "pk"]

    def __str__(self):
        return f"Comment {self.pk}"


class Withdrawal(models.Model):
    """Since when a treatment counts as withdrawn. Says nothing about anybody."""

    slug = models.SlugField(unique=True)
    since = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self):
        return self.slug


class AccessLog(models.Model):
    """Who opened which Submission, and when."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="accesses")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=20, default="opened")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.by_id} {self.action} {self.submission_id}"
