"""Everything that patients may read here, on one page to print or to keep."""

from itertools import chain, islice
from typing import NamedTuple

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from education.citations import Citations
from education.models import ArticlePage, published
from education.naming import names


class Part(NamedTuple):
    """An article in the pack, and where it begins."""

    anchor: str
    article: ArticlePage
    sections: list
    withdrawn: list
    citations: Citations


def print_pack(request):
    # Pages are kept by their bare address, and this is too long to be made for each made-up query.
    if request.META["QUERY_STRING"]:
        return redirect("print_pack")
    return render(request, "education/print_pack.html", contents())


def contents():
    """As few queries as for one article, however many there are."""
    parts = [_part(number, article) for number, article in enumerate(_articles(), 1)]
    treatments = published()
    return {
        "parts": parts,
        "asked": _asked(parts),
        "treatments": treatments,
        "citations": Citations("treatments-"),
        "awaiting_review": any(item.awaiting_review for item in [*treatments, *(part.article for part in parts)]),
        "canonical": settings.SITE_URL + reverse("print_pack"),
        "today": timezone.localdate(),
        "whole": True,
    }


def _part(number, article):
    anchor = f"article-{number}"
    withdrawn = names().told_on(article, chosen=article.chosen)
    return Part(anchor, article, article.sections(), withdrawn, Citations(f"{anchor}-"))


def _asked(parts):
    """(part, questions to ask), each question once, where it first comes."""
    first = {}
    for part in parts:
        for lines in part.article.block_values("questions"):
            for question in lines["questions"]:
                first.setdefault(question, part.anchor)
    asked = [(part, [question for question, anchor in first.items() if anchor == part.anchor]) for part in parts]
    return [(part, questions) for part, questions in asked if questions]


def _articles():
    """In the order of the lists: by topic, the topics as they first come."""
    articles = list(ArticlePage.objects.live().public().order_by("path").prefetch_related("treatments"))
    _load_bodies(articles)
    topics = list(dict.fromkeys(article.topic for article in articles))
    return sorted(articles, key=lambda article: topics.index(article.topic))


def _load_bodies(articles):
    """Looks up what all bodies name at once: records and pictures, which each would ask for by itself."""
    field = ArticlePage._meta.get_field("body")
    raw = chain.from_iterable(article.body.raw_data for article in articles)
    blocks = iter([(block.block_type, block.value) for block in field.to_python(list(raw))])
    for article in articles:
        article.body = list(islice(blocks, len(article.body)))
    pictures = [picture["image"] for article in articles for picture in article.block_values("picture")]
    prefetch_related_objects(pictures, "renditions")
