"""Keeps one SearchDocument for each page and evidence record that anybody may read, in step with what is published."""

import unicodedata
from itertools import chain

from django.db import connections, transaction
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.translation import gettext
from wagtail import signals
from wagtail.models import PageViewRestriction

from education.citations import plain
from education.models import ArticlePage, PlainPage, SearchDocument, Treatment
from portal.stamp import content_changed

Kind = SearchDocument.Kind
KINDS = {ArticlePage: Kind.ARTICLE, PlainPage: Kind.PAGE, Treatment: Kind.TREATMENT}
PAGES = (ArticlePage, PlainPage)

MOST_LETTERS = 100_000  # of one text; PostgreSQL indexes no more than a megabyte
BATCH = 200


def start(app_config):
    """Has the index told of every change."""
    for page in PAGES:
        _connect(signals.page_published, _changed, page)
        _connect(signals.page_unpublished, _changed, page)
    _connect(signals.published, _changed, Treatment)
    _connect(signals.unpublished, _changed, Treatment)
    _connect(signals.post_page_move, _moved)
    _connect(signals.page_slug_changed, _moved)
    for model in KINDS:
        _connect(post_delete, _deleted, model)
    for signal in (post_save, post_delete):
        _connect(signal, _restricted, PageViewRestriction)
    _connect(post_migrate, _migrated, app_config)


def _connect(signal, receiver, sender=None):
    signal.connect(receiver, sender=sender, dispatch_uid=f"education.search.{receiver.__name__}")


def _changed(instance, **kwargs):
    refresh(type(instance), instance.pk)


def _deleted(sender, instance, **kwargs):
    _put(KINDS[sender], instance.pk, None)


def _moved(instance, **kwargs):
    refresh_below(instance)


def _restricted(instance, **kwargs):
    refresh_below(instance.page)


def _migrated(using, **kwargs):
    """A database that had its pages before it had this index gets them in."""
    if SearchDocument._meta.db_table in connections[using].introspection.table_names():
        if not SearchDocument.objects.exists():
            rebuild()


def refresh(model, pk):
    """Brings the index in line with what readers see of one page or record: what is in the database, not in hand."""
    item = public(model).filter(pk=pk).first()
    _put(KINDS[model], pk, item and document(item))


def refresh_below(page):
    """The same for a page and all pages under it, when their addresses or their readers change."""
    for model in PAGES:
        for pk in model.objects.descendant_of(page, inclusive=True).values_list("pk", flat=True):
            refresh(model, pk)


@transaction.atomic
def rebuild():
    """Makes the index anew. Returns how many documents it holds."""
    SearchDocument.objects.all().delete()
    found = chain.from_iterable(public(model).iterator(chunk_size=BATCH) for model in KINDS)
    documents = list(filter(None, map(document, found)))
    SearchDocument.objects.bulk_create(documents, batch_size=BATCH)
    content_changed()
    return len(documents)


@transaction.atomic
def _put(kind, pk, document):
    old = SearchDocument.objects.filter(kind=kind, item=pk)
    if document is None:
        old.delete()
    else:
        old.exclude(path=document.path).delete()
        # Another page's row may hold this address for a moment, when two pages swap theirs.
        SearchDocument.objects.bulk_create(
            [document], update_conflicts=True, unique_fields=["path"], update_fields=UPDATED
        )
    content_changed()


UPDATED = [field.name for field in SearchDocument._meta.fields if field.name not in ("id", "path")]


def public(model):
    return model.objects.live().public() if model in PAGES else model.objects.filter(live=True)


def document(item):
    """The SearchDocument of a page or record, or None for a page that has no address."""
    make = {ArticlePage: _of_article, PlainPage: _of_plain_page, Treatment: _of_treatment}[type(item)]
    path, values = make(item)
    if not path:
        return None
    values = {name: _clean(value) if isinstance(value, str) else value for name, value in values.items()}
    return SearchDocument(kind=KINDS[type(item)], item=item.pk, path=path, **values)


def _of_article(page):
    texts = [*_texts(page.key_points), *_texts(page.body)]
    values = {"topic": page.topic, "minutes": page.minutes, "awaiting_review": page.awaiting_review}
    return _path(page), {"title": page.title, "summary": page.summary, "body": "\n".join(texts), **values}


def _of_plain_page(page):
    return _path(page), {"title": page.title, "summary": page.summary, "body": "\n".join(_texts(page.body))}


def _of_treatment(treatment):
    facts = [text for _label, text in treatment.facts()]
    return treatment.get_absolute_url(), {
        "title": treatment.name,
        "names": treatment.also_called,
        "topic": gettext("Treatments"),
        "summary": treatment.summary,
        "body": "\n".join(filter(None, [treatment.withdrawn_notice, *facts])),
        "withdrawn": treatment.withdrawn,
        "awaiting_review": treatment.awaiting_review,
    }


def _path(page):
    parts = page.get_url_parts()
    return parts and parts[2]


def _texts(stream):
    return map(str, stream.stream_block.get_searchable_content(stream))


def _clean(text):
    """Without marks, and with each letter in one piece, so that it is found whichever way it was typed."""
    return unicodedata.normalize("NFC", plain(text))[:MOST_LETTERS]
