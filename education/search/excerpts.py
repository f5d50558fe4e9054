"""Shows where the words stand: the best part of a text, escaped, with the words marked."""

from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import mark_safe

from education.search.words import WORD, fold, stem

LONGEST = 240  # letters of an excerpt
LEAD = 60  # letters shown before the first word found
MOST_MARKED = 40


class Span(NamedTuple):
    start: int
    end: int
    phrase: tuple


class Marker:
    """Finds phrases in texts, whatever their endings, capitals and accents."""

    def __init__(self, phrases):
        self.by_first = {}
        for phrase in sorted({tuple(map(stem, phrase)) for phrase in phrases}, key=len, reverse=True):
            self.by_first.setdefault(phrase[0], []).append(phrase)
        # Taking the ending off a word costs time: most words begin otherwise.
        self.beginnings = {first[:2] for first in self.by_first}

    def spans(self, text):
        """Where the phrases stand."""
        words = list(WORD.finditer(fold(text))) if self.by_first else []
        found, done = [], 0
        for place, word in enumerate(words):
            if place >= done and word[0][:2] in self.beginnings and (phrase := self._phrase(words, place)):
                done = place + len(phrase)
                found.append(Span(word.start(), words[done - 1].end(), phrase))
                if len(found) == MOST_MARKED:
                    break
        return found

    def _phrase(self, words, place):
        """The longest phrase that begins here, if any does."""
        for phrase in self.by_first.get(stem(words[place][0]), ()):
            if phrase == tuple(stem(word[0]) for word in words[place : place + len(phrase)]):
                return phrase
        return None

    def marked(self, text):
        parts, done = [], 0
        for start, end, _phrase in self.spans(text):
            parts += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
            done = end
        return mark_safe("".join([*parts, escape(text[done:])]))

    def excerpt(self, summary, body):
        """The summary where it has the words; else the part of the body that has most of them."""
        if self.spans(summary) or not (found := self.spans(body)):
            return self.marked(_cut(summary, 0))
        return self.marked(_cut(body, _start(body, _densest(found))))


def _densest(found):
    """Where the excerpt has to begin to show most of the different phrases."""

    def different(span):
        near = (other for other in found if span.start <= other.start and other.end <= span.start + LONGEST - LEAD)
        return len({other.phrase for other in near})

    return max(found, key=different).start


def _start(text, at):
    """The beginning of the sentence or, if that is far away, of a word a little before."""
    first = max(0, at - LEAD)
    sentence = max(text.rfind(end, first, at) for end in (". ", "\n", "? "))
    if sentence >= 0:
        return sentence + 1
    return 0 if first == 0 else text.find(" ", first, at) + 1 or at


def _cut(text, start):
    part = text[start : start + LONGEST]
    if start + LONGEST < len(text):
        part = part.rpartition(" ")[0] or part
        part += "…"
    whole = not start or text[start - 1] in ".\n?"
    return ("" if whole else "…") + " ".join(part.split())
