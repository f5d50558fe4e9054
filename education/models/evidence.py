"""Evidence records: a Treatment with its Outcomes, and the Sources that texts cite."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, PublishingPanel
from wagtail.models import DraftStateMixin, Orderable, PreviewableMixin, RevisionMixin, WorkflowMixin
from wagtail.search import index

from education.checks import STOP
from education.citations import Citations, CitedTextField
from education.forms import CheckedRecordForm
from education.models.reviewed import Reviewed
from education.models.workflow import LockedInReview
from education.naming import names
from education.panels import ChecksPanel
from portal.stamp import kept

# The maker ended this drug's production and sale in December 2022 [R16]: without a record that says
# otherwise it counts as withdrawn.
WITHDRAWN_WITHOUT_RECORD = "collagenase"


class Certainty(models.TextChoices):
    HIGH = "high", _("High")
    MODERATE = "moderate", _("Moderate")
    LOW = "low", _("Low")
    VERY_LOW = "very-low", _("Very low")
    NONE = "none", _("No direct evidence")


class Change(models.TextChoices):
    NONE = "none", _("None")
    LITTLE = "little", _("Little")
    CLEAR = "clear", _("Clear")
    ALMOST_GONE = "almost-gone", _("Almost gone")
    GONE = "gone", _("Gone")


class Lasting(models.TextChoices):
    WEEKS = "weeks", _("Weeks")
    MONTHS = "months", _("Months")
    YEARS = "years", _("Years")
    PERMANENT = "permanent", _("For good")


class Bruising(models.TextChoices):
    NONE = "none", _("None")
    FEW_DAYS = "few-days", _("A few days")
    TWO_WEEKS = "two-weeks", _("Two weeks")
    MONTH = "month", _("A month")


class Source(index.Indexed, models.Model):
    """Where a fact comes from. Texts cite it by its code, like [R4]."""

    class Strength(models.TextChoices):
        A = "A", _("Official page, regulator record or label")
        B = "B", _("Article in a medical journal")
        C = "C", _("Second-hand account")
        D = "D", _("Weak page, used for a definition only")

    code = models.CharField(_("code"), max_length=8, unique=True, help_text=_("Like R4. Cite it in a text as [R4]."))
    citation = models.TextField(_("citation"))
    url = models.URLField(_("address"), max_length=500, blank=True)
    strength = models.CharField(_("strength"), max_length=1, choices=Strength)
    kind = models.CharField(_("kind, for patients"), max_length=120)
    note = models.CharField(_("note"), max_length=300, blank=True)

    panels = [FieldPanel(name) for name in ("code", "citation", "url", "strength", "kind", "note")]
    search_fields = [index.SearchField("citation"), index.AutocompleteField("code")]

    class Meta:
        verbose_name = _("source")

    def __str__(self):
        return f"{self.code} {self.citation[:80]}"

    @property
    def host(self):
        return (urlsplit(self.url).hostname or "").removeprefix("www.")

    @property
    def weak(self):
        return self.strength in (self.Strength.C, self.Strength.D)

    def clean(self):
        if not re.fullmatch(r"R\d{1,4}[a-z]?", self.code):
            raise ValidationError({"code": _("Use R and a number, like R4 or R56b.")})
        if self.pk and Source.objects.filter(pk=self.pk).exclude(code=self.code).exists():
            raise ValidationError({"code": _("Texts cite this code, so it has to stay. Add another source instead.")})


class Offer(NamedTuple):
    """Slugs of treatments that no patient may be offered, and of those that this clinic offers itself."""

    withheld: frozenset
    own: frozenset


class TreatmentQuerySet(models.QuerySet):
    def offer(self):
        """What the form may offer, drafts of records included. One query."""
        records = list(self.values_list("slug", "state", "offered_here"))
        withheld = {slug for slug, state, _own in records if state == Treatment.State.WITHDRAWN}
        if not any(slug == WITHDRAWN_WITHOUT_RECORD for slug, _state, _own in records):
            withheld.add(WITHDRAWN_WITHOUT_RECORD)
        return Offer(frozenset(withheld), frozenset(slug for slug, _state, own in records if own))


class Treatment(
    PreviewableMixin,
    WorkflowMixin,
    DraftStateMixin,
    RevisionMixin,
    LockedInReview,
    Reviewed,
    index.Indexed,
    ClusterableModel,
):
    """The evidence record: the only place where a treatment's facts live."""

    class State(models.TextChoices):
        AVAILABLE = "available", _("Available")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    slug = models.SlugField(_("short name in addresses"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    also_called = models.CharField(_("also called"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.AVAILABLE)
    withdrawn_notice = CitedTextField(_("why it was withdrawn"), blank=True)
    offered_here = models.BooleanField(_("offered at this clinic"), default=False)
    summary = CitedTextField(_("summary"), help_text=_("One sentence."))
    aim = CitedTextField(_("what it aims at"), blank=True)
    how_it_works = CitedTextField(_("how it is meant to work"), blank=True)
    visits = CitedTextField(_("visits"), blank=True)
    when_seen = CitedTextField(_("when a change is seen"), blank=True)
    lasts = CitedTextField(_("how long it lasts"), blank=True)
    healing = CitedTextField(_("healing"), blank=True, help_text=_("Bruises, soreness, time off."))
    common_effects = CitedTextField(_("common effects"), blank=True)
    serious_risks = CitedTextField(_("serious risks"), blank=True)
    not_for = CitedTextField(_("not for"), blank=True)
    regulator = CitedTextField(_("US regulator"), blank=True)
    certainty = models.CharField(_("how sure are we?"), max_length=10, choices=Certainty)
    usual_change = models.CharField(_("usual change"), max_length=12, choices=Change, blank=True)
    longest_lasting = models.CharField(_("longest lasting shown"), max_length=12, choices=Lasting, blank=True)
    usual_bruising = models.CharField(_("usual bruising"), max_length=12, choices=Bruising, blank=True)

    # The one order in which every page prints the facts; what an article shows of them keeps it.
    FACTS = "aim how_it_works visits when_seen lasts healing common_effects serious_risks not_for regulator".split()
    FACTS_IN_SHORT = "lasts healing serious_risks regulator".split()
    # What a timeline shows, in the order of time.
    FACTS_IN_TIME = "healing when_seen lasts".split()
    FACTS_IN_PRINT = "lasts serious_risks not_for".split()
    CHECKED = ("name", "summary", "withdrawn_notice", *FACTS)
    NEEDS_SOURCE = (STOP, "summary")

    objects = TreatmentQuerySet.as_manager()

    panels = [
        MultiFieldPanel([FieldPanel(name) for name in ("name", "slug", "also_called", "summary")], _("Treatment")),
        MultiFieldPanel([FieldPanel(n) for n in ("state", "withdrawn_notice", "offered_here")], _("Availability")),
        MultiFieldPanel([FieldPanel(name) for name in FACTS], _("Facts")),
        FieldPanel("certainty"),
        InlinePanel("outcomes", heading=_("What studies saw"), label=_("Outcome")),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("usual_change", "longest_lasting", "usual_bruising")],
            _("For comparing with a patient's hopes"),
        ),
        Reviewed.review_panel,
        ChecksPanel(heading=_("Checks")),
        PublishingPanel(),
    ]
    base_form_class = CheckedRecordForm
    search_fields = [index.SearchField("name"), index.AutocompleteField("name"), index.SearchField("also_called")]

    class Meta:
        verbose_name = _("treatment")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("education:treatment", args=[self.slug])

    @property
    def withdrawn(self):
        return self.state == self.State.WITHDRAWN

    def clean(self):
        super().clean()
        if self.pk and Treatment.objects.filter(pk=self.pk).exclude(slug=self.slug).exists():
            raise ValidationError({"slug": _("The form and links use this name, so it has to stay.")})
        if self.withdrawn and not self.withdrawn_notice.strip():
            raise ValidationError({"withdrawn_notice": _("Write why it was withdrawn: patients read it.")})

    def facts(self):
        """(label, text) of every fact. An empty text reads "Unknown"."""
        return self._rows(self.FACTS)

    def facts_in_short(self):
        return self._rows(self.FACTS_IN_SHORT)

    def facts_in_time(self):
        return self._rows(self.FACTS_IN_TIME)

    def facts_in_print(self):
        return self._rows(self.FACTS_IN_PRINT)

    def _rows(self, names):
        return [(self._meta.get_field(name).verbose_name, getattr(self, name)) for name in names]

    def get_context(self):
        known = names()
        return {
            "treatment": self,
            "articles": self.articles.listed() if self.pk else (),
            "citations": Citations(),
            "canonical": settings.SITE_URL + self.get_absolute_url(),
            "names": known,
            "withdrawn": known.told_on(self, *self.outcomes.all(), chosen=[self]),
        }

    def get_preview_template(self, request, mode_name):
        return "education/treatment.html"

    def get_preview_context(self, request, mode_name):
        return {**super().get_preview_context(request, mode_name), **self.get_context()}


class Outcome(Orderable):
    """One finding of one study, on its own scale: never compared across studies."""

    treatment = ParentalKey(Treatment, on_delete=models.CASCADE, related_name="outcomes")
    name = models.CharField(_("name"), max_length=120)
    measured = models.CharField(_("what was measured"), max_length=300, blank=True)
    population = models.CharField(_("in whom"), max_length=300, blank=True)
    n = models.PositiveIntegerField(_("number of people"), null=True, blank=True)
    follow_up = models.CharField(_("looked at after"), max_length=120, blank=True)
    result = CitedTextField(_("result, in words"))
    per_100_low = models.PositiveSmallIntegerField(_("better, of 100, lowest"), null=True, blank=True)
    per_100_high = models.PositiveSmallIntegerField(_("better, of 100, highest"), null=True, blank=True)
    per_100_compare_low = models.PositiveSmallIntegerField(_("compared group, of 100, lowest"), null=True, blank=True)
    per_100_compare_high = models.PositiveSmallIntegerField(
        _("compared group, of 100, highest"), null=True, blank=True
    )
    certainty = models.CharField(_("how sure are we?"), max_length=10, choices=Certainty)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))

    class Meta(Orderable.Meta):
        verbose_name = _("outcome")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(per_100_low__lte=models.F("per_100_high"), per_100_high__lte=100)
                | models.Q(per_100_low__isnull=True, per_100_high__isnull=True),
                name="outcome_per_100_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    per_100_compare_low__lte=models.F("per_100_compare_high"), per_100_compare_high__lte=100
                )
                | models.Q(per_100_compare_low__isnull=True, per_100_compare_high__isnull=True),
                name="outcome_compared_per_100_in_order",
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        for low, high in (("per_100_low", "per_100_high"), ("per_100_compare_low", "per_100_compare_high")):
            self._check_range(low, high)
        if self.per_100_low is None and self.per_100_compare_low is not None:
            raise ValidationError({"per_100_low": _("Fill in the numbers of the treated group, too.")})

    def _check_range(self, low_name, high_name):
        low, high = getattr(self, low_name), getattr(self, high_name)
        if (low is None) != (high is None):
            raise ValidationError({high_name: _("Fill in both numbers, or neither.")})
        if low is not None and not low <= high <= 100:
            raise ValidationError({high_name: _("Write the lower number first, and none above 100.")})

    def per_100(self):
        """How many of 100 people, in words."""
        if self.per_100_low is None:
            return gettext("Not reported this way")
        shown = {"shown": _range(self.per_100_low, self.per_100_high)}
        if self.per_100_compare_low is None:
            return gettext("About %(shown)s") % shown
        compared = _range(self.per_100_compare_low, self.per_100_compare_high)
        return gettext("About %(shown)s, compared with about %(compared)s in the other group") % (
            shown | {"compared": compared}
        )


@kept
def records():
    """Every record with its Outcomes and their Sources, by its id: dozens, which most pages ask for."""
    outcomes = Outcome.objects.select_related("source").order_by("sort_order", "pk")
    return Treatment.objects.prefetch_related(models.Prefetch("outcomes", outcomes)).in_bulk()


@kept
def offer_now():
    """What the form may offer, for whoever holds no lock. Whoever does asks `Treatment.objects.offer()`."""
    return Treatment.objects.offer()


def published():
    """The records that patients may read, by name."""
    return [record for record in records().values() if record.live]


def _range(low, high):
    return str(low) if low == high else gettext("%(low)s to %(high)s") % {"low": low, "high": high}
