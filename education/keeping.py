"""Tells the page cache what has changed, and has the changed pages rendered before the first reader comes."""

import threading

from django.db import transaction
from django.db.models.signals import m2m_changed
from django.urls import reverse
from wagtail import signals

from education.models import (
    ArticleIndexPage,
    ArticlePage,
    HomePage,
    Outcome,
    PlainPage,
    Source,
    Synonym,
    Treatment,
)
from portal import page_cache, stamp

PAGES = (HomePage, ArticleIndexPage, ArticlePage, PlainPage)


class _Changed(threading.local):
    """Addresses that a transaction changes: made ready once when it ends, after the stamp."""

    def __init__(self):
        self.addresses = set()


_changed = _Changed()


def start():
    stamp.watch(*PAGES, Treatment, Outcome, Source, Synonym)
    m2m_changed.connect(_names_changed, sender=ArticlePage.treatments.through, dispatch_uid="education.named")
    for name in "page_published page_unpublished post_page_move page_slug_changed published unpublished".split():
        getattr(signals, name).connect(_published, dispatch_uid=f"education.{name}")


def _names_changed(**kwargs):
    stamp.content_changed()


def _published(instance, **kwargs):
    stamp.content_changed()
    if isinstance(instance, (*PAGES, Treatment)):
        _changed.addresses.update(addresses(instance))
        transaction.on_commit(_warm)


def _warm():
    changed, _changed.addresses = _changed.addresses, set()
    page_cache.warm(changed)


def addresses(instance):
    """Where a page or an evidence record is read: the one itself, the lists, and the articles that draw on it."""
    if isinstance(instance, Treatment):
        articles = instance.articles.live().only("url_path", "depth")
        own = [instance.get_absolute_url(), reverse("education:compare"), *(article.url for article in articles)]
    else:
        own = [instance.url, instance.get_parent().specific.url]
    return {"/", *filter(None, own)}
