"""What a text is made of, and the words that this library knows: its own, and those that patients use for them."""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from functools import lru_cache
from itertools import chain, takewhile
from typing import NamedTuple

import snowballstemmer
from django.utils.text import slugify
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from education.models import SearchDocument, Synonym
from portal.stamp import kept

WORD = re.compile(r"[^\W_]+")
JOINERS = "\u200c\u200d"  # unseen, but parts of words in some scripts, and of emoji
# PostgreSQL's own list for English, so that both databases leave out the same words.
TOO_COMMON = frozenset(
    """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
    its itself they them their theirs themselves what which who whom this that these those am is are was were be been
    being have has had having do does did doing a an the and but if or because as until while of at by for with about
    against between into through during before after above below to from up down in out on off over under again further
    then once here there when where why how all any both each few more most other some such no nor not only own same so
    than too very s t can will just don should now
    """.split()
)
MOST_LETTERS = 200

# What one search may cost is bounded here, whatever editors and visitors write.
MOST_DOCUMENTS = 1000
MOST_GUESSED = 10_000
MOST_SYNONYMS = 500
MOST_IN_GROUP = 12
MOST_IN_PHRASE = 4
MOST_COMPLETIONS = 6
LONGEST_GUESSED = 30


def _folded_letters():
    """Letters of the Latin script with an accent or a capital, each with the one letter that it is found by."""
    for code in chain(range(0xC0, 0x250), range(0x1E00, 0x1F00)):
        base, *marks = unicodedata.normalize("NFKD", chr(code))
        if marks and all(map(unicodedata.combining, marks)):
            yield code, base.lower()


FOLDED = dict(_folded_letters())


def fold(text):
    """A text of the same length in which capitals and accents are gone."""
    return text.translate(FOLDED).lower()


def words_of(text):
    return WORD.findall(fold(text))


def tidy(typed):
    """What was typed without what nobody can see, and whether it was too long to use all of it."""
    typed = _seen(typed)
    text = unicodedata.normalize("NFKC", typed[:MOST_LETTERS])
    return _seen(text)[:MOST_LETTERS].strip(), len(typed) > MOST_LETTERS


def _seen(text):
    letters = (letter if letter in JOINERS or unicodedata.category(letter)[0] != "C" else " " for letter in text)
    return " ".join("".join(letters).split())


@lru_cache(maxsize=10_000)
def stem(word):
    # Its own stemmer for each word: they keep a state, and the server may run threads.
    return snowballstemmer.stemmer("porter").stemWord(word)


def key(phrase):
    """Under which a phrase is looked up: "derma rollers" as "dermaroller"."""
    return "".join(phrase[:-1]) + stem(phrase[-1])


class Lexicon(NamedTuple):
    counts: Counter  # word -> how many documents have it; none where only patients use it
    ordered: list  # words that may be guessed: the patients' own, and the commonest of the documents
    synonyms: dict  # key -> phrases of the same meaning
    topics: dict  # slug -> topic

    def completed(self, word):
        """The commonest words that begin with these letters."""
        if len(word) < 3:
            return []
        start = bisect_left(self.ordered, word)
        longer = takewhile(lambda other: other.startswith(word), self.ordered[start : start + 200])
        return sorted(longer, key=lambda other: -self.counts[other])[:MOST_COMPLETIONS]

    def meant(self, word):
        """The known word that is very near to this unknown one, or None."""
        if not _may_be_guessed(word):
            return None
        most = 1 if len(word) < 8 else 2
        near = process.extract(word, self.ordered, scorer=OSA.distance, score_cutoff=most, limit=10)
        rank = {other: (steps, other[0] != word[0], -self.counts[other]) for other, steps, _place in near}
        return min(rank, key=rank.get, default=None)

    def similar(self, word):
        """Words of the documents that look a little like it, best first."""
        if not _may_be_guessed(word):
            return []
        near = process.extract(word, self.ordered, scorer=fuzz.ratio, score_cutoff=65, limit=10)
        return [other for other, _score, _place in near if self.counts[other]][:3]


def _may_be_guessed(word):
    return 4 <= len(word) <= LONGEST_GUESSED and word.isalpha()


@kept
def lexicon():
    counts = Counter()
    texts = SearchDocument.objects.order_by("-pk").values_list("title", "names", "topic", "summary", "body")
    for row in texts[:MOST_DOCUMENTS].iterator():
        counts.update(set(words_of(" ".join(row))))
    synonyms = _synonyms()
    theirs = set(chain.from_iterable(chain.from_iterable(synonyms.values())))
    counts.update(dict.fromkeys(theirs, 0))
    ordered = sorted(theirs.union(word for word, _count in counts.most_common(MOST_GUESSED)))
    topics = SearchDocument.objects.exclude(topic="").order_by("topic").values_list("topic", flat=True).distinct()
    return Lexicon(
        counts=counts,
        ordered=ordered,
        synonyms=synonyms,
        topics={slugify(topic, allow_unicode=True) or topic: topic for topic in topics},
    )


def _synonyms():
    found = {}
    for line in Synonym.objects.order_by("pk").values_list("words", flat=True)[:MOST_SYNONYMS]:
        group = [tuple(words_of(part)[:MOST_IN_PHRASE]) for part in line.split(",")[:MOST_IN_GROUP]]
        group = [phrase for phrase in group if phrase]
        for phrase in group:
            others = found.setdefault(key(phrase), [])
            others += [other for other in group if other not in others]
    return {name: tuple(group[:MOST_IN_GROUP]) for name, group in found.items()}
