"""How dates, phone numbers, icons and certainty look on every page."""

import re
from datetime import datetime

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

register = template.Library()

CERTAINTY = {
    "high": (4, _("High")),
    "moderate": (3, _("Moderate")),
    "low": (2, _("Low")),
    "very-low": (1, _("Very low")),
    "none": (0, _("No direct evidence")),
}


@register.simple_tag
def icon(name):
    return format_html(
        '<svg class="ico" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        static("img/icons.svg"),
        name,
    )


@register.filter
def day(value):
    return date_format(_local(value), settings.DATE_STYLE) if value else ""


@register.filter
def moment(value):
    return date_format(_local(value), f"{settings.DATE_STYLE}, H:i") if value else ""


@register.filter
def tel(phone):
    """The part after tel: "+44 (0)20 7946 0000" -> "+442079460000"."""
    phone = (phone or "").strip()
    if phone.startswith("+"):
        return "+" + re.sub(r"\D", "", phone.replace("(0)", ""))
    return re.sub(r"\D", "", phone)


@register.inclusion_tag("portal/certainty.html")
def certainty(code):
    level, word = CERTAINTY[code] if code else (None, "")
    return {"level": level, "word": word}


@register.simple_tag
def control(field):
    """A text field's own widget in our look, without the placeholder in which allauth repeats the label."""
    return field.as_widget(attrs={"class": "form-control", "placeholder": False})


def _local(value):
    return timezone.localtime(value) if isinstance(value, datetime) else value
