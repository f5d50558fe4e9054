"""Marks that editors type in a text: [R4] cites a Source, [MEM] and [JUDGE] say that a clinician has still to check it."""

import re

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

CITATION = re.compile(r"\s*\[(R\d{1,4}[a-z]?)\]")
PENDING = re.compile(r"\[(?:MEM|JUDGE)\]")


def cited_codes(text):
    """The codes of the Sources that a text cites, in order."""
    return CITATION.findall(str(text))


class Citations:
    """Numbers Sources in the order in which one page cites them."""

    def __init__(self):
        self.codes = []

    def number(self, code):
        if code not in self.codes:
            self.codes.append(code)
        return self.codes.index(code) + 1

    def render(self, text):
        """Safe HTML: citations become numbered links to the list of sources, pending marks become words."""
        html = CITATION.sub(self._link, str(conditional_escape(text)))
        return mark_safe(PENDING.sub(_pending, html))

    def _link(self, match):
        code = match[1]
        context = {"code": code, "number": self.number(code)}
        return render_to_string("education/includes/citation.html", context).strip()

    def sources(self):
        """The cited Sources in the order of their numbers. One query."""
        from education.models import Source

        found = Source.objects.in_bulk(self.codes, field_name="code")
        return [found[code] for code in self.codes if code in found]


def _pending(match):
    return render_to_string("education/includes/pending.html").strip()
