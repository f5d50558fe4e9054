"""Counts what was searched for and not found: words and how often, never who, and nothing that could tell who."""

import logging
import re
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from education.models import SearchMiss
from education.search.words import words_of

MOST_ROWS = 1000
MOST_WORDS = 6
MOST_LETTERS = 60
PATIENCE = 200  # milliseconds: no reader waits for this any longer

logger = logging.getLogger(__name__)


def note(text):
    """Counts a search. Where that cannot be done at once it is left out."""
    words = countable(text)
    if not words:
        return
    try:
        with _at_once():
            _count(words)
    except DatabaseError:
        # Without the error's own text, which may hold the words.
        logger.warning("A search without result was not counted: the database did not answer in time")


def countable(text):
    """The words in the form in which they are counted, or nothing where they may be about a person."""
    words = words_of(text)
    joined = " ".join(words)
    if len(words) > MOST_WORDS or len(joined) > MOST_LETTERS or "@" in text or re.search(r"://|www\.|\w\.\w", text):
        return ""
    return "" if sum(map(str.isdigit, text)) > 3 else joined


def _count(words):
    _row, new = SearchMiss.objects.get_or_create(words=words, defaults={"count": 0, "last_day": timezone.localdate()})
    SearchMiss.objects.filter(words=words).update(count=F("count") + 1, last_day=timezone.localdate())
    if new:
        _drop_rarest()


def _drop_rarest():
    rarest_last = SearchMiss.objects.order_by("-count", "-last_day", "-pk").values_list("pk", flat=True)
    SearchMiss.objects.filter(pk__in=list(rarest_last[MOST_ROWS:])).delete()


@contextmanager
def _at_once():
    """A transaction that waits for a lock for a moment only."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with transaction.atomic():
                cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE}")
                yield
        else:
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
            try:
                with transaction.atomic():
                    yield
            finally:
                usual = connection.settings_dict["OPTIONS"].get("timeout", 5)
                cursor.execute(f"PRAGMA busy_timeout = {usual * 1000}")
