"""Marks that editors type in a text: [R4] cites a Source, [MEM] and [JUDGE] await a clinician's check."""

import functools
import re

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from portal.stamp import kept

CODE = re.compile(r"\[(R\d{1,4}[a-z]?)\]")
CITATIONS = re.compile(r"(?:\s*\[R\d{1,4}[a-z]?\])+")
PENDING = re.compile(r"\[(?:MEM|JUDGE)\]")
MARK = re.compile(r"\s*\[(?:R\d{1,4}[a-z]?|MEM|JUDGE)\]")
TAG = re.compile(r"(<[^>]*>)")

LINK = '<a class="cite" href="#{}source-{}"><span class="visually-hidden">{} </span>{}</a>'
COMMA = mark_safe('<span class="cite" aria-hidden="true">,</span>')


def cited_codes(text):
    """The codes of the Sources that a text cites, each once, in order."""
    return list(dict.fromkeys(CODE.findall(str(text))))


def plain(text):
    """A text without its marks, for places where nothing can be linked."""
    return MARK.sub("", str(text)).strip()


def check_citations(text):
    """Raises ValidationError when a text cites a Source that does not exist."""
    unknown = [code for code in cited_codes(text) if code not in known_sources()]
    if unknown:
        raise ValidationError(
            _("There is no source %(codes)s. Add it under Evidence, Sources first, or correct the mark."),
            params={"codes": ", ".join(unknown)},
        )


def citation_references(text):
    """The cited Sources in the form in which Wagtail keeps what is used where."""
    for code in cited_codes(text):
        if source := known_sources().get(code):
            yield type(source), str(source.pk), "", ""


@kept
def known_sources():
    """Each Source by its code: some hundred, which every page asks for."""
    return apps.get_model("education", "Source").objects.in_bulk(field_name="code")


class CitedTextField(models.TextField):
    """A text that may cite Sources. Unknown ones are refused, and a Source knows where it is cited."""

    default_validators = [check_citations]

    def extract_references(self, value):
        yield from citation_references(value)


class CitesSources:
    """The same for a block of text."""

    def clean(self, value):
        value = super().clean(value)
        check_citations(getattr(value, "source", value))
        return value

    def extract_references(self, value):
        yield from super().extract_references(value)
        yield from citation_references(getattr(value, "source", value))


class Citations:
    """Numbers Sources in the order in which one text cites them.

    Where several texts stand on one page, `prefix` tells their addresses apart.
    """

    def __init__(self, prefix=""):
        self.codes = []
        self.prefix = prefix

    def number(self, code):
        if code not in self.codes:
            self.codes.append(code)
        return self.codes.index(code) + 1

    def render(self, text):
        """Safe HTML: citations become numbered links to the list of sources, pending marks become words."""
        parts = TAG.split(str(conditional_escape(text)))
        # Every second part is a tag, and what stands in its attributes is no text.
        parts[::2] = [PENDING.sub(_pending, CITATIONS.sub(self._links, part)) for part in parts[::2]]
        return mark_safe("".join(parts))

    def _links(self, match):
        return self.links(cited_codes(match[0]))

    def links(self, codes):
        # No template: a long page cites hundreds of times.
        word = gettext("source")
        cited = sorted((self.number(code), code) for code in codes)
        return format_html_join(COMMA, LINK, ((self.prefix, code, word, number) for number, code in cited))

    def sources(self):
        """(number, Source) of what was cited so far."""
        known = known_sources() if self.codes else {}
        return [(number, known[code]) for number, code in enumerate(self.codes, 1) if code in known]


def _pending(match):
    return _pending_in(get_language())


@functools.cache
def _pending_in(language):
    return render_to_string("education/includes/pending.html").strip()
