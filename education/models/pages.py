"""The pages that editors write: home, article index, articles, and plain pages about the portal."""

import math
from itertools import chain, count
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager, PageViewRestriction, Site

from education.blocks import BodyBlock, LineBlock, TitledTextBlock
from education.checks import STOP
from education.citations import Citations, CitedTextField, plain
from education.forms import CheckedPageForm, DraftCopyForm
from education.models.evidence import Treatment, published
from education.models.reviewed import Reviewed
from education.naming import names
from education.panels import ChecksPanel
from portal.stamp import CLINIC, kept

WORDS_A_MINUTE = 180
ARTICLES_ON_HOME = 4
TREATMENTS_ON_HOME = 6

# Ids that a page's own parts use.
TAKEN_ANCHORS = ("main", "key-points", "treatments", "sources", "more")


class TheSite(NamedTuple):
    """Where the pages hang, and whether some of them are for a few readers only."""

    pk: int
    root: str
    restricted: bool


@kept(name=CLINIC)
def the_site():
    restricted = models.Exists(PageViewRestriction.objects.all())
    found = Site.objects.filter(is_default_site=True).values_list("pk", "root_page__url_path", restricted)
    return TheSite(*found.get())


def live_at(path):
    """The live page at an address, as a queryset of one or none."""
    url_path = the_site().root + path
    # The slug has an index, the address has none.
    slug = url_path.rstrip("/").rpartition("/")[2]
    return Page.objects.live().filter(slug=slug, url_path=url_path)


class PortalPage(Page):
    """What all our pages share: a summary, and citations numbered anew for each rendering."""

    summary = CitedTextField(_("summary"), blank=True, help_text=_("One sentence."))

    content_panels = Page.content_panels + [FieldPanel("summary")]
    promote_panels = [
        MultiFieldPanel([FieldPanel(n) for n in ("slug", "seo_title", "search_description")], _("For search engines"))
    ]

    base_form_class = CheckedPageForm
    CHECKED = ("title", "summary")
    NEEDS_SOURCE = ("", "")

    # Treatments that editors chose for this page.
    chosen = ()

    class Meta:
        abstract = True

    def get_context(self, request, *args, **kwargs):
        known = names()
        return {
            **super().get_context(request, *args, **kwargs),
            "citations": Citations(),
            "canonical": self.canonical(request),
            "names": known,
            "withdrawn": known.told_on(self, chosen=self.chosen),
        }

    def canonical(self, request):
        """The one full address of this page, empty for one that has none yet."""
        path = self.get_url(request)
        return settings.SITE_URL + path if path else ""

    def get_url_parts(self, request=None):
        """There is one site, under one address, so that this needs no query."""
        site = the_site()
        if not self.url_path.startswith(site.root):
            return None
        return site.pk, settings.SITE_URL, f"/{self.url_path.removeprefix(site.root)}"

    def get_url(self, request=None, current_site=None):
        parts = self.get_url_parts(request)
        return parts[2] if parts else None


class Section(NamedTuple):
    """A part of a body: its blocks under their heading. What comes before the first heading has none."""

    heading: str
    anchor: str
    level: int
    blocks: list


class BodyPage(PortalPage):
    """A page that is read from top to bottom."""

    body = StreamField(BodyBlock(), verbose_name=_("text"))

    CHECKED = (*PortalPage.CHECKED, "body")

    class Meta:
        abstract = True

    def sections(self):
        sections, taken = [Section("", "", 2, [])], set(TAKEN_ANCHORS)
        for block in self.body:
            if block.block_type == "heading":
                sections.append(Section(block.value, _anchor(block.value, taken), 3, []))
            else:
                sections[-1].blocks.append(block)
        return sections

    def get_context(self, request, *args, **kwargs):
        models.prefetch_related_objects([picture["image"] for picture in self.block_values("picture")], "renditions")
        return {
            **super().get_context(request, *args, **kwargs),
            "sections": self.sections(),
            "treatments": [treatment for treatment in self.chosen if treatment.live],
        }

    @cached_property
    def chosen(self):
        shown = [*self.block_values("treatment_fact"), *self.block_values("timeline")]
        found = [*shown, *self.named_treatments()]
        return list({treatment.pk: treatment for treatment in found}.values())

    def block_values(self, block_type):
        """The values of all blocks of one type; a record or picture that has been deleted is None."""
        return [block.value for block in self.body if block.block_type == block_type and block.value]

    def named_treatments(self):
        return []


def _anchor(heading, taken):
    """An id from a heading that no other part of the page has."""
    slug = slugify(plain(heading)) or "part"
    anchor = next(name for name in chain([slug], (f"{slug}-{n}" for n in count(2))) if name not in taken)
    taken.add(anchor)
    return anchor


class HomePage(Reviewed, PortalPage):
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["education.ArticleIndexPage", "education.PlainPage"]

    facts = StreamField(
        [("fact", TitledTextBlock())], blank=True, max_num=3, verbose_name=_("three things to know first")
    )
    steps = StreamField([("step", TitledTextBlock())], blank=True, max_num=3, verbose_name=_("how a visit starts"))

    content_panels = PortalPage.content_panels + [
        FieldPanel("facts"),
        FieldPanel("steps"),
        Reviewed.review_panel,
        ChecksPanel(heading=_("Checks")),
    ]
    CHECKED = (*PortalPage.CHECKED, "facts", "steps")

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request, *args, **kwargs):
        treatments = [record for record in published() if not record.withdrawn]
        return {
            **super().get_context(request, *args, **kwargs),
            "articles": ArticlePage.objects.listed()[:ARTICLES_ON_HOME],
            "treatments": treatments[:TREATMENTS_ON_HOME],
        }

    def get_sitemap_urls(self, request=None):
        """What no page of the CMS stands for hangs under home."""
        changed = {record.get_absolute_url(): record.last_published_at for record in published()}
        newest = max(filter(None, changed.values()), default=None)
        changed |= {reverse("education:compare"): newest, reverse("urgent_signs"): None}
        return super().get_sitemap_urls(request) + [
            {"location": settings.SITE_URL + path, "lastmod": when} for path, when in changed.items()
        ]


class ArticleIndexPage(PortalPage):
    max_count = 1
    parent_page_types = ["education.HomePage"]
    subpage_types = ["education.ArticlePage"]

    class Meta:
        verbose_name = _("article index")

    def get_context(self, request, *args, **kwargs):
        topics = {}
        for article in ArticlePage.objects.listed():
            topics.setdefault(article.topic, []).append(article)
        return {**super().get_context(request, *args, **kwargs), "topics": topics}


class ArticlePageManager(PageManager):
    def listed(self):
        """What a list of articles shows, in the order that editors chose, without the texts themselves."""
        articles = self.live().defer_streamfields().order_by("path")
        return articles.public() if the_site().restricted else articles


class ArticlePage(Reviewed, BodyPage):
    parent_page_types = ["education.ArticleIndexPage"]
    subpage_types = []

    topic = models.CharField(_("topic"), max_length=80, blank=True)
    key_points = StreamField([("point", LineBlock())], min_num=3, max_num=5, verbose_name=_("key points"))
    treatments = ParentalManyToManyField(
        Treatment, blank=True, related_name="articles", verbose_name=_("treatments named")
    )
    related = StreamField(
        [("page", blocks.PageChooserBlock("education.ArticlePage"))],
        blank=True,
        max_num=3,
        verbose_name=_("related articles"),
    )
    minutes = models.PositiveSmallIntegerField(_("minutes to read"), default=1, editable=False)

    objects = ArticlePageManager()

    content_panels = PortalPage.content_panels + [
        FieldPanel("topic"),
        FieldPanel("key_points"),
        FieldPanel("body"),
        FieldPanel("treatments"),
        FieldPanel("related"),
        Reviewed.review_panel,
        ChecksPanel(heading=_("Checks")),
    ]
    CHECKED = ("title", "summary", "key_points", "body", "related")
    NEEDS_SOURCE = (STOP, "body")
    copy_form_class = DraftCopyForm
    exclude_fields_in_copy = ["approved_by", "last_reviewed", "next_review"]

    class Meta:
        verbose_name = _("article")

    def save(self, *args, **kwargs):
        # Kept, so that a list of articles need not read them all.
        self.minutes = self.minutes_to_read()
        return super().save(*args, **kwargs)

    def minutes_to_read(self):
        """Minutes that a calm reader needs, at least one."""
        texts = [value.stream_block.get_searchable_content(value) for value in (self.key_points, self.body)]
        return max(1, math.ceil(sum(len(text.split()) for text in chain(*texts)) / WORDS_A_MINUTE))

    def get_context(self, request, *args, **kwargs):
        return {**super().get_context(request, *args, **kwargs), "related": self.related_articles()}

    def related_articles(self):
        """Those that are live, without their texts: a list of them shows none."""
        chosen = [row["value"] for row in self.related.raw_data]
        found = ArticlePage.objects.listed().in_bulk(chosen)
        return [found[pk] for pk in chosen if pk in found]

    def named_treatments(self):
        return self.treatments.all()


class PlainPage(BodyPage):
    """Privacy, accessibility, how we write: about the portal, not about medicine."""

    parent_page_types = ["education.HomePage"]
    subpage_types = []

    content_panels = PortalPage.content_panels + [FieldPanel("body"), ChecksPanel(heading=_("Checks"))]

    class Meta:
        verbose_name = _("plain page")


class StarterItem(models.Model):
    """What has been loaded from the starter files once, so that it is never loaded over an editor's change."""

    key = models.CharField(max_length=120, primary_key=True)

    def __str__(self):
        return self.key
