"""How long a search takes in a library of very many pages, by what is searched for."""

import gc
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate, chain, islice
from statistics import median, quantiles

from django.db import connection

from bench import cpu, rounds
from bench.servers import free_ports

DOCUMENTS = 10_000
WORDS = 450  # of a document
REQUESTS = 40  # of each kind in a round
AIM = 25  # ms, for 95 of 100
COMMONEST, SHARE = "cellulite", 0.95
SYLLABLES = "ba ren tol mi sub ka ver lin op dra fen gu hol isk jur nem pas quo tri vex".split()


@dataclass(frozen=True)
class Round:
    times: list  # ms
    shares: cpu.Shares


@dataclass
class Kind:
    """Searches of one kind, and whether each has to find something."""

    searches: list
    finds: bool = True
    rounds: list = field(default_factory=list)

    def measure(self, client, wrong):
        helpers = ["postgres"] if connection.vendor == "postgresql" else []
        before = cpu.read(helpers)
        times = [self._ask(client, self.searches.pop(), wrong) for _number in range(REQUESTS)]
        self.rounds.append(Round(times, cpu.shares(before, cpu.read(helpers))))

    def _ask(self, client, text, wrong):
        started = time.perf_counter()
        response = client.get("/search/", {"q": text})
        took = _ms(started)
        if response.status_code != 200 or (b'class="read-list"' in response.content) != self.finds:
            wrong[text] += 1
        return took


def bench(folder, options):
    rounds.prepare(folder, *free_ports(1))
    from django.test import Client

    kinds = Library(random.Random(2026)).filled().searches(options.rounds * REQUESTS)
    client, wrong = Client(headers={"host": "localhost"}), Counter()
    started = time.perf_counter()
    client.get("/search/?q=warm")
    print(f"{DOCUMENTS} documents. The first search, which reads their words: {_ms(started):.0f} ms.")
    gc.collect()
    gc.freeze()
    for _number in range(options.rounds):
        for kind in kinds.values():
            kind.measure(client, wrong)
    show(kinds)
    print(f"Wrong answers: {dict(wrong) or 'none'}.")
    return int(bool(wrong))


def show(kinds):
    """A missed aim is no failure."""
    print(f"\n{'ms':<24}{'p50':>8}{'p95':>8}{'p99':>8}{'others':>8}{'rounds':>8}")
    for name, kind in kinds.items():
        quiet = rounds.quiet(kind.rounds)
        cuts = quantiles(chain.from_iterable(entry.times for entry in quiet), n=100)
        others, used = median(entry.shares.others for entry in quiet), f"{len(quiet)}/{len(kind.rounds)}"
        missed = "" if cuts[94] <= AIM else f"  aim {AIM} missed"
        print(f"{name:<24}{cuts[49]:>8.1f}{cuts[94]:>8.1f}{cuts[98]:>8.1f}{others:>8.0%}{used:>8}{missed}")


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

    def filled(self):
        from education.models import SearchDocument
        from portal.stamp import content_changed

        seen = Counter()
        documents = (self._document(number, seen) for number in range(DOCUMENTS))
        while batch := list(islice(documents, 500)):
            SearchDocument.objects.bulk_create(batch)
        with connection.cursor() as cursor:
            # What the database does by itself after a while.
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        content_changed()
        self.rare = [word for word in self.words if seen[word] in (1, 2, 3)]
        return self

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

    def searches(self, count):
        common, some = self.own[:60], self.own[60:600]
        long = [word for word in some if len(word) > 7]
        asked = ["orange peel", "derma roller", "how much", "bruise", "shockwave", "safe"]

        def each(*choices):
            return [" ".join(self.dice.choice(words) for words in choices) for _number in range(count)]

        return {
            "no words": Kind([""] * count, finds=False),
            "the commonest word": Kind([COMMONEST] * count),
            "a common word": Kind(each(common)),
            "a rare word": Kind(each(self.rare)),
            "two words": Kind(each(common, some)),
            "six words": Kind(each(common, common, common, common, some, some)),
            "an unfinished word": Kind([word[:-2] for word in each(long)]),
            "a typing error": Kind([self._mistyped(word) for word in each(long)]),
            "a synonym": Kind(each(asked)),
            "nothing found": Kind([f"zzyx{self._made_up()}xyzz" for _number in range(count)], finds=False),
        }

    def _mistyped(self, word):
        at = self.dice.randrange(1, len(word) - 1)
        return word[:at] + word[at + 1 :]


def _ms(started):
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    rounds.main(__doc__, bench)
