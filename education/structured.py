"""What machines read of a page, in the words of schema.org. Only what is so: what is not set prints nothing."""

import json

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from education.citations import plain
from portal.models import EXAMPLE_NAME

# No text of an editor may end the element that it stands in.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


def article(page, address, clinic, sources):
    learn = gettext("Learn"), reverse("wagtail_serve", args=["learn/"])
    about = {"@type": "MedicalCondition", "name": gettext("Cellulite")}
    return _page(page, page.title, address, clinic, sources, parent=learn, about=about)


def treatment(record, address, clinic, sources):
    compare = gettext("Compare treatments"), reverse("education:compare")
    names = [name.strip() for name in record.also_called.split(",") if name.strip()]
    about = _filled({"@type": "MedicalTherapy", "name": record.name, "alternateName": names})
    return _page(record, record.name, address, clinic, sources, parent=compare, about=about)


def element(data):
    """A block of data, which a browser does not run."""
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text.translate(ESCAPES)))


def _page(item, name, address, clinic, sources, *, parent, about):
    reviewed = not (item.awaiting_review or getattr(item, "withdrawn", False))
    return _filled(
        {
            "@context": "https://schema.org",
            "@type": "MedicalWebPage",
            "name": name,
            "description": plain(item.summary),
            "url": address,
            "inLanguage": settings.LANGUAGE_CODE,
            "isPartOf": {"@type": "WebSite", "name": gettext("Before your visit"), "url": f"{settings.SITE_URL}/"},
            "publisher": clinic.name != EXAMPLE_NAME and _named("MedicalClinic", clinic.name),
            "about": about,
            "audience": {"@type": "Patient"},
            "author": _named("Person", item.author),
            "datePublished": item.first_published_at,
            "dateModified": item.last_published_at,
            "lastReviewed": reviewed and item.last_reviewed,
            "reviewedBy": reviewed and _named("Person", item.approved_by),
            "citation": [source.url for _number, source in sources if source.url],
            "breadcrumb": _trail((gettext("Home"), "/"), parent, (name, address.removeprefix(settings.SITE_URL))),
        }
    )


def _named(kind, name):
    return name and {"@type": kind, "name": name}


def _trail(*steps):
    places = [
        {"@type": "ListItem", "position": place, "name": name, "item": settings.SITE_URL + path}
        for place, (name, path) in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": places}


def _filled(fields):
    return {name: value for name, value in fields.items() if value}
