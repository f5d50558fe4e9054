"""Stamps of content, which every process sees at once: what is kept in memory is worth what its stamp is.

A stamp is the size of a file that grows by a byte with each change. A time would not do: two changes within one tick
of the clock would look like one.
"""

import functools
import threading

from django.conf import settings
from django.db import connection, transaction
from django.db.models.signals import post_delete, post_save

# What patients read; and what every page says about the clinic, which changes seldom.
CONTENT, CLINIC = "content", "clinic"
# What saving a draft writes into the live row.
OF_DRAFTS = {"latest_revision", "latest_revision_created_at", "has_unpublished_changes", "draft_title"}

_forget = []


def current(*names):
    """What everything kept now is worth, or what is kept of some kinds only."""
    return tuple(_size(name) for name in names or (CONTENT, CLINIC))


def _size(name):
    try:
        return _file(name).stat().st_size
    except FileNotFoundError:
        return 0


def _file(name):
    return settings.DATA_DIR / f"{name}.stamp"


class _Transaction(threading.local):
    """What the transaction under way has changed, stamped once when it ends, and what it has kept for itself."""

    def __init__(self):
        self.changed = set()
        self.block, self.memory = None, {}

    def kept(self, load):
        if self.block is not connection.atomic_blocks[0]:
            self.block, self.memory = connection.atomic_blocks[0], {}
        if load not in self.memory:
            self.memory[load] = load()
        return self.memory[load]


_transaction = _Transaction()


def content_changed(name=CONTENT):
    """To be called by whatever changes what patients read. Other processes must not look before the commit."""
    _transaction.changed.add(name)
    _transaction.memory.clear()
    _bump_at_commit()


def _bump_at_commit():
    transaction.on_commit(_bump)


def _bump():
    changed, _transaction.changed = _transaction.changed, set()
    for name in changed:
        with open(_file(name), "ab") as file:
            file.write(b".")


def watch(*models, name=CONTENT):
    """Saving or deleting a row of these models is a change. An `update()` of a queryset tells nobody."""

    def saved(update_fields, **kwargs):
        if not update_fields or not OF_DRAFTS.issuperset(update_fields):
            content_changed(name)

    def deleted(**kwargs):
        content_changed(name)

    for model in models:
        post_save.connect(saved, sender=model, weak=False, dispatch_uid=f"stamp.saved.{model._meta.label}")
        post_delete.connect(deleted, sender=model, weak=False, dispatch_uid=f"stamp.deleted.{model._meta.label}")


def settled():
    """Whether what is read now has come to stay: what a transaction sees may never come to be."""
    return not connection.in_atomic_block


def kept(load=None, *, name=CONTENT):
    """Keeps what `load()` returns in this process until its kind of content changes; a transaction keeps its own.

    The value is shared by all who ask: nobody may change it.
    """
    if load is None:
        return functools.partial(kept, name=name)
    memory = {}

    @functools.wraps(load)
    def get():
        if not settled():
            return _transaction.kept(load)
        # Read before loading: a change in between makes the value old, never the old value new.
        now = current(name)
        if now in memory:
            return memory[now]
        value = load()
        memory.clear()
        memory[now] = value
        return value

    _forget.append(memory.clear)
    return get


def forget():
    """Drops all that this process keeps."""
    for clear in _forget:
        clear()
