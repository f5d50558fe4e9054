"""How dates, phone numbers, icons and certainty look on every page."""

import re
from datetime import datetime

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, to_locale
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


@register.inclusion_tag("portal/nav_link.html", takes_context=True)
def nav_link(context, address, label):
    """A link of the header that says whether the reader is there, or on a page below it."""
    here = getattr(context.get("request"), "path", "")
    current = "page" if here == address else "true" if here.startswith(address) else ""
    return {"address": address, "label": label, "current": current}


@register.filter
def full_address(path):
    """As other sites and printed pages need it."""
    return settings.SITE_URL + path


@register.simple_tag
def territory_locale():
    """The language as Open Graph wants it: en_GB."""
    return to_locale(get_language())


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
