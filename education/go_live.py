"""What still has to be done before patients may come: all that no clinician has approved, and what is missing."""

import re
from itertools import chain
from typing import NamedTuple

from django.db import models
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.fields import StreamField

from education.blocks import DRAWINGS
from education.citations import PENDING
from education.models import PlainPage, Source, Treatment
from education.reviews import cms_address, reviewed_models
from portal.models import ClinicSettings

LEFT_TO_CLINIC = re.compile(r"\[(The clinic adds [^\]]+)\]")
DRAWN = re.compile(r'"drawing": "([\w-]+)"')


class Point(NamedTuple):
    """One thing to do. Its marks are the statements in it that await a clinician's check."""

    kind: str
    title: str
    why: str
    marks: int = 0
    address: str = ""


def awaiting():
    """Every point that is still open. A few queries for each kind, however much there is."""
    texts = {item: _text(item) for model in [*reviewed_models(), PlainPage] for item in _loaded(model)}
    return [*_unapproved(texts), *_left_to_write(texts), *_drawings(texts.values()), *_sources(), *_clinic()]


def _loaded(model):
    items = model._default_manager.all()
    return items.prefetch_related("outcomes") if model is Treatment else items


def _text(item):
    """All that is written in it, and in the findings of a record."""
    outcomes = item.outcomes.all() if isinstance(item, Treatment) else ()
    return "\n".join(chain(_fields(item), *map(_fields, outcomes)))


def _fields(item):
    for field in item._meta.concrete_fields:
        if isinstance(field, (StreamField, models.TextField, models.CharField)):
            yield field.value_to_string(item)


def _unapproved(texts):
    for item, text in texts.items():
        marks = len(PENDING.findall(text))
        approved = not getattr(item, "awaiting_review", False)
        if marks or not approved:
            kind = capfirst(item._meta.verbose_name_plural)
            yield Point(kind, str(item), _why(approved, item.live), marks, cms_address(item))


def _why(approved, live):
    if approved:
        return _("Marks are left")
    return _("Published, not approved") if live else _("Draft, not approved")


def _left_to_write(texts):
    """What the starter pages leave to the clinic stands in them in brackets."""
    for item, text in texts.items():
        for left in LEFT_TO_CLINIC.findall(text):
            yield Point(_("For the clinic to write"), str(item), left, address=cms_address(item))


def _drawings(texts):
    """A drawing has no field for an approval: who looks at them all ticks them off on paper."""
    used = {name for text in texts for name in DRAWN.findall(text)}
    for name, label in DRAWINGS:
        if name in used:
            yield Point(_("Drawings"), str(label), _("A clinician looks at it once"))


def _sources():
    for source in Source.objects.filter(url=""):
        yield Point(_("Sources"), str(source), _("No address"), address=cms_address(source))


def _clinic():
    address = reverse("wagtailsettings:edit", args=["portal", "clinicsettings"])
    for label in ClinicSettings.load().missing():
        yield Point(_("Clinic settings"), capfirst(label), _("Not filled in yet, an admin does that"), address=address)
