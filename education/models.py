"""What patients read: evidence records (Treatment, Outcome, Source) and pages."""

import math
import re
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, PublishingPanel
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, Orderable, Page, PreviewableMixin, RevisionMixin
from wagtail.search import index

from education.blocks import BodyBlock
from education.citations import Citations, cited_codes

# The maker ended this drug's production and sale in December 2022 [R16]: without a record that says
# otherwise it counts as withdrawn.
WITHDRAWN_WITHOUT_RECORD = "collagenase"

WORDS_A_MINUTE = 180


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


def check_citations(texts):
    """Raises ValidationError when a text cites a Source that does not exist."""
    codes = {code for text in texts for code in cited_codes(text)}
    unknown = codes - set(Source.objects.filter(code__in=codes).values_list("code", flat=True))
    if unknown:
        raise ValidationError(
            _("There is no source %(codes)s. Add it under Sources first, or correct the mark."),
            params={"codes": ", ".join(sorted(unknown))},
        )


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

    def clean(self):
        if not re.fullmatch(r"R\d{1,4}[a-z]?", self.code):
            raise ValidationError({"code": _("Use R and a number, like R4 or R56b.")})


class Reviewed(models.Model):
    """Who wrote it, who of the clinic approved it, and when. Empty fields print nothing; nothing is invented."""

    author = models.CharField(_("written by"), max_length=120, blank=True)
    approved_by = models.CharField(_("clinically approved by"), max_length=120, blank=True)
    last_reviewed = models.DateField(_("last reviewed"), null=True, blank=True)
    next_review = models.DateField(_("next review"), null=True, blank=True, help_text=_("Empty: 12 months later."))

    review_panel = MultiFieldPanel(
        [FieldPanel(name) for name in ("author", "approved_by", "last_reviewed", "next_review")], _("Review")
    )

    class Meta:
        abstract = True

    @property
    def awaiting_review(self):
        return not (self.approved_by and self.last_reviewed)

    def clean(self):
        super().clean()
        if self.approved_by and self.approved_by.strip().casefold() == self.author.strip().casefold():
            raise ValidationError({"approved_by": _("Author and approver must be two people.")})
        if bool(self.approved_by) != bool(self.last_reviewed):
            raise ValidationError({"last_reviewed": _("Fill in both the approver and the date, or neither.")})
        if self.last_reviewed and not self.next_review:
            self.next_review = _a_year_after(self.last_reviewed)


def _a_year_after(day):
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


def _strings(value):
    """Every text in the nested lists and dicts that a StreamField stores."""
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for child in children for text in _strings(child)]


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


class Treatment(PreviewableMixin, DraftStateMixin, RevisionMixin, Reviewed, index.Indexed, ClusterableModel):
    """The evidence record: the only place where a treatment's facts live."""

    class State(models.TextChoices):
        AVAILABLE = "available", _("Available")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    slug = models.SlugField(_("short name in addresses"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    also_called = models.CharField(_("also called"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.AVAILABLE)
    withdrawn_notice = models.TextField(_("why it was withdrawn"), blank=True)
    offered_here = models.BooleanField(_("offered at this clinic"), default=False)
    summary = models.TextField(_("summary"))
    aim = models.TextField(_("what it aims at"), blank=True)
    how_it_works = models.TextField(_("how it is meant to work"), blank=True)
    visits = models.TextField(_("visits"), blank=True)
    when_seen = models.TextField(_("when a change is seen"), blank=True)
    lasts = models.TextField(_("how long it lasts"), blank=True)
    healing = models.TextField(_("healing"), blank=True, help_text=_("Bruises, soreness, time off."))
    common_effects = models.TextField(_("common effects"), blank=True)
    serious_risks = models.TextField(_("serious risks"), blank=True)
    not_for = models.TextField(_("not for"), blank=True)
    regulator = models.TextField(_("US regulator"), blank=True)
    certainty = models.CharField(_("how sure are we?"), max_length=10, choices=Certainty)
    usual_change = models.CharField(_("usual change"), max_length=12, choices=Change, blank=True)
    longest_lasting = models.CharField(_("longest lasting shown"), max_length=12, choices=Lasting, blank=True)
    usual_bruising = models.CharField(_("usual bruising"), max_length=12, choices=Bruising, blank=True)

    TEXTS = (
        "summary withdrawn_notice aim how_it_works visits when_seen lasts healing common_effects serious_risks "
        "not_for regulator"
    ).split()

    objects = TreatmentQuerySet.as_manager()

    panels = [
        MultiFieldPanel([FieldPanel(name) for name in ("name", "slug", "also_called", "summary")], _("Treatment")),
        MultiFieldPanel([FieldPanel(n) for n in ("state", "withdrawn_notice", "offered_here")], _("Availability")),
        MultiFieldPanel([FieldPanel(name) for name in TEXTS[2:]], _("Facts")),
        FieldPanel("certainty"),
        InlinePanel("outcomes", heading=_("What studies saw"), label=_("Outcome")),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("usual_change", "longest_lasting", "usual_bruising")],
            _("For comparing with a patient's hopes"),
        ),
        Reviewed.review_panel,
        PublishingPanel(),
    ]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name"), index.SearchField("also_called")]

    class Meta:
        verbose_name = _("treatment")
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def withdrawn(self):
        return self.state == self.State.WITHDRAWN

    def clean(self):
        super().clean()
        check_citations(getattr(self, name) for name in self.TEXTS)

    def get_absolute_url(self):
        return reverse("education:treatment", args=[self.slug])

    def rows(self):
        """The facts in the one order that every page keeps: (label, text). An empty text reads "Unknown"."""
        names = "aim how_it_works visits when_seen lasts healing common_effects serious_risks not_for regulator".split()
        return [(self._meta.get_field(name).verbose_name, getattr(self, name)) for name in names]

    def get_preview_template(self, request, mode_name):
        return "education/treatment.html"

    def get_preview_context(self, request, mode_name):
        return {**super().get_preview_context(request, mode_name), "treatment": self, "citations": Citations()}


class Outcome(Orderable):
    """One finding of one study, on its own scale: never compared across studies."""

    treatment = ParentalKey(Treatment, on_delete=models.CASCADE, related_name="outcomes")
    name = models.CharField(_("name"), max_length=120)
    measured = models.CharField(_("what was measured"), max_length=300, blank=True)
    population = models.CharField(_("in whom"), max_length=300, blank=True)
    n = models.PositiveIntegerField(_("number of people"), null=True, blank=True)
    follow_up = models.CharField(_("looked at after"), max_length=120, blank=True)
    result = models.TextField(_("result, in words"))
    per_100_low = models.PositiveSmallIntegerField(_("better, of 100, lowest"), null=True, blank=True)
    per_100_high = models.PositiveSmallIntegerField(_("better, of 100, highest"), null=True, blank=True)
    per_100_compare_low = models.PositiveSmallIntegerField(_("compared group, of 100, lowest"), null=True, blank=True)
    per_100_compare_high = models.PositiveSmallIntegerField(_("compared group, of 100, highest"), null=True, blank=True)
    certainty = models.CharField(_("how sure are we?"), max_length=10, choices=Certainty)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))

    class Meta(Orderable.Meta):
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
        check_citations([self.result])

    def _check_range(self, low_name, high_name):
        low, high = getattr(self, low_name), getattr(self, high_name)
        if (low is None) != (high is None):
            raise ValidationError({high_name: _("Fill in both numbers, or neither.")})
        if low is not None and not low <= high <= 100:
            raise ValidationError({high_name: _("Write the lower number first, and none above 100.")})


class PortalPage(Page):
    """What all our pages share: a one-sentence summary, and citations numbered anew for each rendering."""

    summary = models.TextField(_("summary"), blank=True, help_text=_("One sentence."))

    content_panels = Page.content_panels + [FieldPanel("summary")]

    class Meta:
        abstract = True

    def get_context(self, request, *args, **kwargs):
        return {**super().get_context(request, *args, **kwargs), "citations": Citations()}

    def cited_texts(self):
        """Every text of this page that may hold a citation."""
        return [self.summary]

    def clean(self):
        super().clean()
        check_citations(self.cited_texts())


class HomePage(PortalPage):
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["education.ArticleIndexPage", "education.PlainPage"]

    facts = StreamField(
        [("fact", blocks.StructBlock([("title", blocks.CharBlock()), ("text", blocks.CharBlock())]))],
        blank=True,
        max_num=3,
        verbose_name=_("three things to know first"),
    )
    steps = StreamField(
        [("step", blocks.StructBlock([("title", blocks.CharBlock()), ("text", blocks.CharBlock())]))],
        blank=True,
        max_num=3,
        verbose_name=_("how a visit starts"),
    )

    content_panels = PortalPage.content_panels + [FieldPanel("facts"), FieldPanel("steps")]

    class Meta:
        verbose_name = _("home page")

    def cited_texts(self):
        return [self.summary, str(self.facts.raw_data), str(self.steps.raw_data)]

    def get_context(self, request, *args, **kwargs):
        articles = ArticlePage.objects.live().descendant_of(self).order_by("title")
        treatments = Treatment.objects.filter(live=True, state=Treatment.State.AVAILABLE)[:6]
        return {**super().get_context(request, *args, **kwargs), "articles": articles, "treatments": treatments}


class ArticleIndexPage(PortalPage):
    max_count = 1
    parent_page_types = ["education.HomePage"]
    subpage_types = ["education.ArticlePage"]

    class Meta:
        verbose_name = _("article index")

    def get_context(self, request, *args, **kwargs):
        articles = ArticlePage.objects.live().child_of(self).order_by("title")
        return {**super().get_context(request, *args, **kwargs), "articles": articles}


class ArticlePage(Reviewed, PortalPage):
    parent_page_types = ["education.ArticleIndexPage"]
    subpage_types = []

    topic = models.CharField(_("topic"), max_length=80, blank=True)
    key_points = StreamField([("point", blocks.CharBlock())], min_num=3, max_num=5, verbose_name=_("key points"))
    body = StreamField(BodyBlock(), verbose_name=_("text"))
    treatments = ParentalManyToManyField(Treatment, blank=True, verbose_name=_("treatments named"))
    related = StreamField(
        [("page", blocks.PageChooserBlock("education.ArticlePage"))],
        blank=True,
        max_num=3,
        verbose_name=_("related articles"),
    )

    content_panels = PortalPage.content_panels + [
        FieldPanel("topic"),
        FieldPanel("key_points"),
        FieldPanel("body"),
        FieldPanel("treatments"),
        FieldPanel("related"),
        Reviewed.review_panel,
    ]

    class Meta:
        verbose_name = _("article")

    def cited_texts(self):
        return [self.summary, str(self.key_points.raw_data), str(self.body.raw_data)]

    @property
    def minutes(self):
        """Minutes that a calm reader needs, at least one."""
        words = sum(len(strip_tags(text).split()) for text in _strings(self.body.get_prep_value()))
        return max(1, math.ceil(words / WORDS_A_MINUTE))

    def contents(self):
        """(anchor, heading) for "On this page"."""
        return [(slugify(block.value), block.value) for block in self.body if block.block_type == "heading"]


class PlainPage(PortalPage):
    """Privacy, accessibility, how we write: about the portal, not about medicine."""

    parent_page_types = ["education.HomePage"]
    subpage_types = []

    body = StreamField(BodyBlock(), verbose_name=_("text"))

    content_panels = PortalPage.content_panels + [FieldPanel("body")]

    class Meta:
        verbose_name = _("plain page")

    def cited_texts(self):
        return [self.summary, str(self.body.raw_data)]


class StarterItem(models.Model):
    """What has been loaded from the starter files once, so that it is never loaded over an editor's change."""

    key = models.CharField(max_length=120, primary_key=True)

    def __str__(self):
        return self.key
