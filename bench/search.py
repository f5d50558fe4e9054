"""How long a search takes in a library of very many pages, by what is searched for."""

import gc
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from itertools import accumulate, islice
from pathlib import Path
from statistics import quantiles

import django
from django.core.management import call_command
from django.db import connection

from portal import demo_env

DOCUMENTS = 10_000
WORDS = 450  # of a document
REQUESTS = 200  # of each class
AIM = 25  # ms, for 95 of 100
COMMONEST, SHARE = "cellulite", 0.95
SYLLABLES = "ba ren tol mi sub ka ver lin op dra fen gu hol isk jur nem pas quo tri vex".split()


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        prepare(Path(folder))
        sys.exit(bench())


def prepare(folder):
    """A demo of its own, with a fresh database and the starter content."""
    os.environ.update(DATA_DIR=str(folder), DJANGO_SETTINGS_MODULE="portal.settings")
    demo_env.write(folder)
    django.setup()
    if connection.introspection.table_names():
        sys.exit("DATABASE_URL names a database that has tables already. Give an empty one: it will be filled.")
    print("Preparing a database.")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_starter_content", verbosity=0)


def bench():
    from django.test import Client

    from portal.stamp import content_changed

    library = Library(random.Random(2026))
    library.fill()
    content_changed()
    client = Client(headers={"host": "localhost"})
    started = time.perf_counter()
    client.get("/search/?q=warm")
    gc.freeze()
    print(f"{DOCUMENTS} documents. The first search, which reads their words: {_ms(started):.0f} ms.")
    print(f"\n{'ms':>24}{'p50':>8}{'p95':>8}{'p99':>8}")
    wrong = Counter()
    for name, (searches, finds) in library.searches().items():
        show(name, [measure(client, text, finds, wrong) for text in searches])
    print(f"Wrong answers: {dict(wrong) or 'none'}.")
    return int(bool(wrong))


def measure(client, text, finds, wrong):
    started = time.perf_counter()
    response = client.get("/search/", {"q": text})
    took = _ms(started)
    if response.status_code != 200 or (b'class="read-list"' in response.content) != finds:
        wrong[text] += 1
    return took


def show(name, times):
    cuts = quantiles(times, n=100)
    met = "" if cuts[94] <= AIM else f"  above the aim of {AIM}"
    print(f"{name:>24}{cuts[49]:>8.1f}{cuts[94]:>8.1f}{cuts[98]:>8.1f}{met}")


class Library:
    """Words as unevenly spread as in real texts: the starter content's own, and a long tail of made-up ones."""

    def __init__(self, dice):
        from education.search.words import TOO_COMMON, lexicon

        self.dice = dice
        own = [word for word, _count in lexicon().counts.most_common() if len(word) > 3 and word not in TOO_COMMON]
        self.own = [word for word in own if word.isalpha() and word != COMMONEST]
        made_up = {self._made_up() for _number in range(150_000)} - set(own)
        self.words = [*self.own, *sorted(made_up)]
        self.weights = list(accumulate(1 / (rank + 5) for rank in range(len(self.words))))
        self.rare = []

    def _made_up(self):
        return "".join(self.dice.choices(SYLLABLES, k=4))

    def fill(self):
        from education.models import SearchDocument

        seen = Counter()
        documents = (self._document(number, seen) for number in range(DOCUMENTS))
        while batch := list(islice(documents, 500)):
            SearchDocument.objects.bulk_create(batch)
        with connection.cursor() as cursor:
            # What the database does by itself after a while.
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        self.rare = [word for word in self.words if seen[word] in (1, 2, 3)]

    def _document(self, number, seen):
        from education.models import SearchDocument

        words = self._some(WORDS)
        if self.dice.random() < SHARE:
            words[self.dice.randrange(len(words))] = COMMONEST
        seen.update(set(words))
        return SearchDocument(
            kind=SearchDocument.Kind.ARTICLE,
            item=1_000_000 + number,
            path=f"/learn/made-up-{number}/",
            title=" ".join(self._some(5)),
            topic=f"Made-up topic {number % 8}",
            summary=" ".join(self._some(18)),
            body=" ".join(words),
            minutes=3,
        )

    def _some(self, count):
        return self.dice.choices(self.words, cum_weights=self.weights, k=count)

    def searches(self):
        """By class: what is searched for, and whether anything has to be found."""
        common, some, rare = self.own[:60], self.own[60:600], self.rare
        return {
            "the commonest word": ([COMMONEST] * REQUESTS, True),
            "a common word": (self._each(common), True),
            "a rare word": (self._each(rare), True),
            "two words": (self._each(common, some), True),
            "a question of six": (self._each(common, common, common, common, some, some), True),
            "the beginning of a word": (
                [word[:-2] for word in self._each([word for word in some if len(word) > 6])],
                True,
            ),
            "a typing error": ([self._mistyped(word) for word in self._each([w for w in some if len(w) > 7])], True),
            "a synonym": (
                self._each(["orange peel", "derma roller", "how much", "bruise", "shockwave", "safe"]),
                True,
            ),
            "nothing found": ([f"zzyx{self._made_up()}xyzz" for _number in range(REQUESTS)], False),
        }

    def _each(self, *choices):
        return [" ".join(self.dice.choice(words) for words in choices) for _number in range(REQUESTS)]

    def _mistyped(self, word):
        at = self.dice.randrange(1, len(word) - 1)
        return word[:at] + word[at + 1 :]


def _ms(started):
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
