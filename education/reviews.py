"""When everything that a clinician reviews comes up again, whichever part of the portal it belongs to."""

from datetime import date, timedelta
from typing import NamedTuple

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from education.models import Reviewed

SOON = timedelta(days=30)


class Due(models.TextChoices):
    OVERDUE = "overdue", _("Overdue")
    SOON = "soon", _("Due within 30 days")
    LATER = "later", _("Later")
    NEVER = "never", _("Never reviewed")


class Review(NamedTuple):
    """A page, a record or a rule in the calendar."""

    item: Reviewed
    state: Due

    @property
    def kind(self):
        return self.item._meta.verbose_name

    @property
    def address(self):
        return cms_address(self.item)


def reviewed_models():
    """Found by what they are: the rules of the form belong here too, and nothing here may know them."""
    return [model for model in apps.get_models() if issubclass(model, Reviewed)]


def calendar(today):
    """Everything that is reviewed, live or draft, what is due first on top. A query for each kind."""
    items = [item for model in reviewed_models() for item in _without_texts(model).select_related("review_owner")]
    items.sort(key=lambda item: (item.next_review or date.max, item._meta.verbose_name, str(item)))
    return [Review(item, due(item.next_review, today)) for item in items]


def _without_texts(model):
    items = model._default_manager.all()
    return items.defer_streamfields() if issubclass(model, Page) else items


def due(next_review, today):
    if next_review is None:
        return Due.NEVER
    if next_review < today:
        return Due.OVERDUE
    return Due.SOON if next_review <= today + SOON else Due.LATER


def has_passed(day):
    return day is not None and day < timezone.localdate()


def overdue_count():
    today = timezone.localdate()
    return sum(model._default_manager.filter(next_review__lt=today).count() for model in reviewed_models())


def cms_address(item):
    """Where an editor works on it."""
    if isinstance(item, Page):
        return reverse("wagtailadmin_pages:edit", args=[item.pk])
    return reverse(item.snippet_viewset.get_url_name("edit"), args=[item.pk])
