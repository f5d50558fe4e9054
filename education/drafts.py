"""Reads a page or a record as the checks need it: plain texts, each with its place, and what they name.

A model says in CHECKED which of its fields patients read, and in NEEDS_SOURCE how much a missing source matters.
"""

import re
from html import unescape

from django.utils.html import strip_tags
from wagtail.blocks import CharBlock, ListBlock, PageChooserBlock, RichTextBlock, StreamValue, StructBlock
from wagtail.models import Page

from education.blocks import AnswerBlock, TreatmentBlock
from education.checks import ALT, CHOICE, DRAFT, GONE, HEADING, RECORD, TEXT, WITHDRAWN, Content, Named, Piece
from education.citations import MARK

PARAGRAPH_END = re.compile(r"</(?:p|li)>|<br/?>")
HEADINGS = ("title", "name", "patient_title")
# By the names of the parts of blocks; all else is text.
KINDS = {"heading": HEADING, "alt": ALT, "dont": CHOICE, "question": CHOICE, "questions": CHOICE}


def read(item, outcomes=None):
    """A draft as the checks read it. `outcomes`: the findings of a record as they were typed."""
    if outcomes is None:
        outcomes = item.outcomes.all() if hasattr(item, "outcomes") else ()
    streams = [(name, getattr(item, name)) for name in item.CHECKED if isinstance(getattr(item, name), StreamValue)]
    pieces = [piece for name in item.CHECKED for piece in _pieces(item, name)]
    pieces += [
        Piece("outcomes.result", outcome.result, index=index, sourced=True) for index, outcome in enumerate(outcomes)
    ]
    level, field = item.NEEDS_SOURCE
    return Content(
        pieces=tuple(pieces),
        named=(*_chosen(streams), *_linked(streams), *_withdrawn(item)),
        needs_source=level,
        source_field=field,
        next_review=getattr(item, "next_review", None),
    )


def _pieces(item, name):
    value = getattr(item, name)
    if not isinstance(value, StreamValue):
        # A note names all its sources in one place.
        sourced = bool(MARK.search(getattr(item, "sources", "")))
        return [Piece(name, value or "", HEADING if name in HEADINGS else TEXT, sourced=sourced)]
    return [
        Piece(name, text, kind, index)
        for index, child in enumerate(value)
        for kind, text in _texts(child.block, child.value, child.block_type)
    ]


def _texts(block, value, name):
    """(kind, text) of all that stands in a block."""
    if isinstance(block, StructBlock):
        for part, child in block.child_blocks.items():
            choice = isinstance(block, AnswerBlock) and part == "text"
            yield from _texts(child, value.get(part), "question" if choice else part)
    elif isinstance(block, ListBlock):
        for item in value:
            yield from _texts(block.child_block, item, name)
    elif isinstance(block, RichTextBlock):
        for paragraph in PARAGRAPH_END.split(getattr(value, "source", value) or ""):
            yield TEXT, unescape(strip_tags(paragraph)).strip()
    elif isinstance(block, CharBlock):
        yield KINDS.get(name, TEXT), value or ""
    elif isinstance(block, TreatmentBlock):
        yield RECORD, str(value or "")


def _chosen(streams):
    """The records and pages that blocks show, where something is wrong with them."""
    for name, stream in streams:
        for index, child in enumerate(stream):
            if isinstance(child.block, (TreatmentBlock, PageChooserBlock)) and (fault := _fault(child.value)):
                yield Named(name, str(child.value or ""), fault, index)


def _fault(chosen):
    if chosen is None:
        return GONE
    if getattr(chosen, "withdrawn", False):
        return WITHDRAWN
    return "" if chosen.live else DRAFT


def _linked(streams):
    """The pages that texts link to, where something is wrong with them. One query."""
    links = [
        (name, index, int(pk))
        for name, stream in streams
        for index, child in enumerate(stream)
        for model, pk, *_path in child.block.extract_references(child.value)
        if model is Page and not isinstance(child.block, PageChooserBlock)
    ]
    pages = Page.objects.in_bulk({pk for _name, _index, pk in links}) if links else {}
    for name, index, pk in links:
        page = pages.get(pk)
        if fault := _fault(page):
            yield Named(name, page.title if page else "", fault, index)


def _withdrawn(item):
    """The withdrawn ones of the treatments that an article says it is about."""
    treatments = item.treatments.all() if item.pk and hasattr(item, "treatments") else ()
    return [Named("treatments", str(record), WITHDRAWN) for record in treatments if record.withdrawn]
