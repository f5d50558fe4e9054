"""Asks the database which documents have the words. Each question is bounded: it never ranks more than RANKED rows."""

from itertools import chain
from typing import NamedTuple

from django.db import connection, transaction

from education.search.words import MOST_IN_PHRASE, TOO_COMMON, key

MOST_SLOTS = 8
MOST_ALTERNATIVES = 12
RANKED = 100
MOST_CHECKED = 200

ALL, SOME = "all", "some"

SQLITE = """
    SELECT d.id, {rank} FROM {index} i JOIN education_searchdocument d ON d.id = i.rowid
    WHERE {index} MATCH %s {topic} LIMIT %s
"""
# The index knows no places of words: whether they stand side by side has to be read from each document.
POSTGRESQL = """
    SELECT d.id, {rank} FROM to_tsquery('pg_catalog.english', %s) loose, to_tsquery('pg_catalog.english', %s) strict,
    LATERAL (SELECT * FROM education_searchdocument d WHERE d.{column} @@ loose {topic} LIMIT %s) d
    WHERE d.{column} @@ strict LIMIT %s
"""
SHORTEST = "length(d.title)"
SQLITE_RANK = "bm25({index}, 12, 8, 2, 4, 1)"
POSTGRESQL_RANK = "-ts_rank('{{0.05, 0.2, 0.4, 1}}', d.{column}, strict)"


class Where(NamedTuple):
    """A part of a document, as either database names it."""

    sqlite: str
    only: str
    column: str


TITLE = Where("education_searchdocument_head_fts", "title : ", "title_words")
HEAD = Where("education_searchdocument_head_fts", "", "head_words")
ANYWHERE = Where("education_searchdocument_fts", "", "all_words")


class Slot(NamedTuple):
    """One thing that a document should have, in any of these phrases, each a tuple of words."""

    typed: tuple  # as it was typed, or as it may go on
    same: tuple = ()  # other words for it

    @property
    def phrases(self):
        return (self.typed + self.same)[:MOST_ALTERNATIVES]


def read(words, lexicon):
    """What is asked for: a Slot for each word or known phrase that says something."""
    found, place = [], 0
    while place < len(words) and len(found) < MOST_SLOTS:
        used, slot = _slot(words[place:], lexicon)
        if slot and slot.phrases not in [other.phrases for other in found]:
            found.append(slot)
        place += used
    return found


def _slot(words, lexicon):
    """How many words the first slot takes, and the slot."""
    for length in range(min(MOST_IN_PHRASE, len(words)), 0, -1):
        phrase = tuple(words[:length])
        if same := _same([phrase], lexicon):
            return length, Slot((phrase,), same)
    if words[0] in TOO_COMMON:
        return 1, None
    # The last word may be on its way still.
    longer = lexicon.completed(words[0]) if len(words) == 1 else []
    typed = tuple((word,) for word in dict.fromkeys([words[0], *longer]))
    return 1, Slot(typed, _same(typed, lexicon))


def _same(phrases, lexicon):
    asked = [phrase for phrase in phrases if phrase[0] not in TOO_COMMON or len(phrase) > 1]
    found = chain.from_iterable(lexicon.synonyms.get(key(phrase), ()) for phrase in asked)
    return tuple(phrase for phrase in dict.fromkeys(found) if phrase not in phrases)


def hits(slots, wanted, topic=None):
    """Ids of the documents that have all or some of this: first by title, then what is about it, then what says it."""
    if not slots:
        return []
    if connection.vendor == "sqlite":
        return _hits(slots, wanted, topic, _ask_sqlite)
    with transaction.atomic(), connection.cursor() as cursor:
        # The planner takes the words of a long text for cheap to read, and would rather read all of them.
        cursor.execute("SET LOCAL enable_seqscan = off")
        return _hits(slots, wanted, topic, _ask_postgresql)


def _hits(slots, wanted, topic, ask):
    typed, every = [slot.typed for slot in slots], [slot.phrases for slot in slots]
    in_title = [(typed, TITLE)] if typed == every else [(typed, TITLE), (every, TITLE)]
    found = {}
    for either, where in (*in_title, (every, HEAD), (every, ANYWHERE)):
        if len(found) < RANKED:
            found |= dict.fromkeys(ask(either, wanted, where, topic))
    return list(found)[:RANKED]


# Words hold letters and digits only, so in quotes none of them is an operator.
def _ask_sqlite(slots, wanted, where, topic):
    either = (" OR ".join(f'"{" ".join(phrase)}"' for phrase in slot) for slot in slots)
    match = {ALL: " AND ", SOME: " OR "}[wanted].join(f"({slot})" for slot in either)
    sql = _sql(SQLITE, SQLITE_RANK, where, topic)
    return _ranked(sql, [f"{where.only}({match})", *filter(None, [topic]), RANKED])


def _ask_postgresql(slots, wanted, where, topic):
    loose, strict = (_tsquery(slots, wanted, between) for between in (" & ", " <-> "))
    sql = _sql(POSTGRESQL, POSTGRESQL_RANK, where, topic)
    return _ranked(sql, [loose, strict, *filter(None, [topic]), MOST_CHECKED, RANKED])


def _sql(sql, rank, where, topic):
    names = {"index": where.sqlite, "column": where.column}
    rank = SHORTEST if where is TITLE else rank.format(**names)
    return sql.format(rank=rank, topic="AND d.topic = %s" if topic else "", **names)


def _tsquery(slots, wanted, between):
    phrases = ((between.join(f"'{word}'" for word in phrase) for phrase in slot) for slot in slots)
    either = (" | ".join(f"({phrase})" for phrase in slot) for slot in phrases)
    return {ALL: " & ", SOME: " | "}[wanted].join(f"({slot})" for slot in either)


def _ranked(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [pk for pk, _rank in sorted(cursor.fetchall(), key=lambda row: row[1])]
