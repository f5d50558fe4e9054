"""What the library learns from its readers, and the words that they use."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from portal.fields import EncryptedField


class SearchDocument(models.Model):
    """What search knows of one page or evidence record that is public now. The database itself keeps the full text."""

    class Kind(models.TextChoices):
        ARTICLE = "article", _("Article")
        TREATMENT = "treatment", _("Treatment")
        PAGE = "page", _("About this site")

    kind = models.CharField(max_length=10, choices=Kind)
    item = models.PositiveIntegerField()
    path = models.CharField(max_length=500, unique=True)
    title = models.CharField(max_length=255)
    names = models.CharField(max_length=300, blank=True)
    topic = models.CharField(max_length=80, blank=True, db_index=True)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField(null=True)
    withdrawn = models.BooleanField(default=False)
    awaiting_review = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "item"], name="searchdocument_one_an_item")]

    def __str__(self):
        return self.path


class Synonym(models.Model):
    """Words that patients type for one thing: whoever searches for one of them finds the others."""

    words = models.CharField(
        _("words for one thing"), max_length=300, help_text=_("With commas between: derma roller, dermaroller, roller")
    )

    panels = [FieldPanel("words")]

    class Meta:
        verbose_name = _("search words")
        verbose_name_plural = _("search words")
        ordering = ["words"]

    def __str__(self):
        return self.words


class SearchMiss(models.Model):
    """What was searched for and not found: words, how often, and the last day. Never who."""

    words = models.CharField(_("words"), max_length=60, unique=True)
    count = models.PositiveIntegerField(_("how often"), default=1)
    last_day = models.DateField(_("last searched on"))

    class Meta:
        verbose_name = _("search without result")
        verbose_name_plural = _("searches without result")
        ordering = ["-count", "words"]

    def __str__(self):
        return self.words


class Feedback(models.Model):
    """An answer to "Was this clear?" on one page. The text is encrypted: people write about themselves anyway."""

    class Clear(models.TextChoices):
        YES = "yes", _("Yes")
        PARTLY = "partly", _("Partly")
        NO = "no", _("No")

    path = models.CharField(_("page"), max_length=255)
    clear = models.CharField(_("was it clear?"), max_length=6, choices=Clear)
    text = EncryptedField(_("what was not clear"), default="", blank=True)
    received = models.DateField(_("received on"), auto_now_add=True)
    seen = models.BooleanField(_("seen to"), default=False)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["seen", "-received", "-pk"]

    def __str__(self):
        return f"{self.path}: {self.get_clear_display()}"


class ReviewReminder(models.Model):
    """A review that somebody has been reminded of, so that nobody is twice for the same stretch of time."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    item = GenericForeignKey()
    due = models.DateField()
    # The first day of the stretch: there is one before the day when it is due, then one for each week after.
    since = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "due", "since"], name="reviewreminder_once_a_stretch"
            )
        ]

    def __str__(self):
        return f"{self.content_type_id}/{self.object_id}, {self.since}"
