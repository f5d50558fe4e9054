"""Notes and routes as editors keep them: with drafts and history, and a version that each publishing raises."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import DraftStateMixin, RevisionMixin, WorkflowMixin
from wagtail.signals import published

from education.checks import ADVICE
from education.citations import CitedTextField, cited_codes
from education.forms import CheckedRecordForm
from education.models import Reviewed
from education.models.workflow import LockedInReview
from education.panels import ChecksPanel
from intake import notes, routing
from intake.conditions import ALWAYS, parse
from intake.models.submissions import Team, Urgency
from intake.panels import ShownPanel
from portal.stamp import content_changed, kept


class Rule(WorkflowMixin, DraftStateMixin, RevisionMixin, LockedInReview, Reviewed):
    """What notes and routes share. The condition is shown as a sentence and comes from the starter files."""

    # {} always holds; a rule without a condition is not in use.
    condition = models.JSONField(_("condition"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)

    OUT, OUT_WITH_DRAFT = _("In use"), _("In use, with a newer draft")

    # Whose words a list tells its rules in; None: the form that is published now.
    form = None

    base_form_class = CheckedRecordForm
    CHECKED = ()
    NEEDS_SOURCE = ("", "")

    class Meta:
        abstract = True

    def with_content_json(self, content):
        """A revision holds what was written; which version is in force is known here only."""
        restored = super().with_content_json(content)
        restored.version = self.version
        return restored

    @property
    def sentence(self):
        """The condition in the words of the form that patients fill in now."""
        from intake.sentences import sentence

        return sentence(self.parsed, self.form) if self.condition is not None else ""

    @property
    def parsed(self):
        return parse(self.condition, str(self)) if self.condition else ALWAYS


class RuleQuerySet(models.QuerySet):
    def in_force(self):
        """The rules in use, as the core reads them."""
        return [rule for _row, rule in rules_in_use()[self.model]]


class NoteQuerySet(models.QuerySet):
    def in_force(self, today):
        """What applies to a form that is sent today. A note without a condition never does."""
        return [rule for row, rule in rules_in_use()[self.model] if row.applies_on(today)]


class Note(Rule):
    """An expectation-setting note: what staff say, what the patient reads, and on what evidence."""

    code = models.CharField(_("code"), max_length=8, unique=True, editable=False)
    rank = models.PositiveSmallIntegerField(_("rank"), help_text=_("1 is the most important."))
    title = models.CharField(_("title, for staff"), max_length=80)
    staff_text = models.TextField(_("what staff say, and why"))
    patient_title = models.CharField(_("heading, for the patient"), max_length=80, blank=True)
    patient_text = models.TextField(
        _("text, for the patient"),
        blank=True,
        help_text=_("{urgent_line} and {emergency_number} stand for the clinic's own numbers."),
    )
    to_patient = models.BooleanField(default=False, editable=False)
    alone = models.BooleanField(default=False, editable=False)
    unless = models.JSONField(null=True, blank=True, editable=False)
    sources = CitedTextField(_("sources"), blank=True, help_text=_("Their codes, like [R1] [R57]."))
    active_from = models.DateField(_("in use from"), null=True, blank=True)
    active_until = models.DateField(_("in use until"), null=True, blank=True)
    remark = models.CharField(_("remark for editors"), max_length=300, blank=True)

    objects = NoteQuerySet.as_manager()

    CHECKED = ("patient_title", "patient_text")
    # Some notes are the clinic's own judgement.
    NEEDS_SOURCE = (ADVICE, "sources")

    panels = [
        ShownPanel("sentence", heading=_("Applies when")),
        ShownPanel("seen_by", heading=_("Who sees it")),
        MultiFieldPanel([FieldPanel("title"), FieldPanel("staff_text")], _("For staff")),
        MultiFieldPanel([FieldPanel("patient_title"), FieldPanel("patient_text")], _("For the patient")),
        FieldPanel("sources"),
        MultiFieldPanel([FieldPanel(name) for name in ("rank", "active_from", "active_until")], _("Use")),
        FieldPanel("remark"),
        Reviewed.review_panel,
        ChecksPanel(heading=_("Checks")),
    ]

    class Meta:
        verbose_name = _("note")
        ordering = ["rank", "code"]

    def __str__(self):
        return f"{self.code} {self.title}"

    @property
    def seen_by(self):
        from intake.sentences import who_sees

        return who_sees(self.as_rule(), self.form)

    def clean(self):
        super().clean()
        if self.to_patient and not (self.patient_title and self.patient_text):
            raise ValidationError({"patient_text": _("The patient sees this note: write a heading and a text.")})
        if not self.to_patient and (self.patient_title or self.patient_text):
            raise ValidationError({"patient_text": _("Only staff see this note: leave this empty.")})
        if self.active_from and self.active_until and self.active_from > self.active_until:
            raise ValidationError({"active_until": _("Choose a day after the first one.")})

    def applies_on(self, day):
        return (self.active_from or day) <= day <= (self.active_until or day)

    def as_rule(self):
        return notes.Note(
            code=self.code,
            version=self.version,
            rank=self.rank,
            title=self.title,
            condition=self.parsed,
            staff=self.staff_text,
            patient_title=self.patient_title,
            patient=self.patient_text,
            to_patient=self.to_patient,
            alone=self.alone,
            unless=None if self.unless is None else parse(self.unless, str(self)),
            sources=tuple(cited_codes(self.sources)),
            awaiting_review=self.awaiting_review,
        )


class Route(Rule):
    """Which team reviews a form, and how soon. The first one that holds decides, by number."""

    number = models.PositiveSmallIntegerField(_("number"), unique=True, editable=False)
    team = models.CharField(_("team"), max_length=13, choices=Team, editable=False)
    urgency = models.CharField(_("urgency"), max_length=7, choices=Urgency, editable=False)
    objects = RuleQuerySet.as_manager()

    reason = models.CharField(_("reason, as staff read it in the queue"), max_length=60)

    panels = [
        ShownPanel("sentence", heading=_("Applies when")),
        ShownPanel("get_team_display", heading=_("Team")),
        ShownPanel("get_urgency_display", heading=_("Urgency")),
        FieldPanel("reason"),
        Reviewed.review_panel,
        ChecksPanel(heading=_("Checks")),
    ]

    class Meta:
        verbose_name = _("route")
        ordering = ["number"]

    def __str__(self):
        return f"{self.number} {self.get_team_display()}, {self.get_urgency_display()}"

    def as_rule(self):
        return routing.Rule(
            number=self.number,
            team=self.team,
            urgency=self.urgency,
            condition=self.parsed,
            reason=self.reason,
            version=self.version,
            awaiting_review=self.awaiting_review,
        )


@kept
def rules_in_use():
    """Each note and route that is published, in its order: the row and the rule as the core reads it."""
    in_use = {model: model.objects.filter(live=True, condition__isnull=False) for model in (Note, Route)}
    return {model: [(row, row.as_rule()) for row in rows] for model, rows in in_use.items()}


@receiver(published, sender=Note)
@receiver(published, sender=Route)
def raise_version(sender, instance, **kwargs):
    sender.objects.filter(pk=instance.pk).update(version=F("version") + 1)
    content_changed()
