"""Search for patients: finds what they mean in what is published, and says how it was found."""

from itertools import chain
from math import ceil
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from education.models import SearchDocument
from education.search import misses
from education.search.excerpts import Marker
from education.search.query import ALL, RANKED, SOME, hits, read
from education.search.words import TOO_COMMON, WORD, fold, lexicon, tidy, words_of

ON_A_PAGE = 10
MOST_GUESSED = 4
POPULAR = (
    _("dents"),
    _("derma roller"),
    _("creams"),
    _("bruises"),
    _("how long it lasts"),
    _("Qwo"),
    _("is it harmful"),
)


class Found(NamedTuple):
    pks: list
    text: str  # what was typed, or what was probably meant
    slots: list
    some: bool = False  # no document has all of it


class Hit(NamedTuple):
    document: SearchDocument
    title: str
    excerpt: str

    @property
    def about(self):
        """What kind of page it is, on what topic, and how long it takes to read."""
        document, minutes = self.document, self.document.minutes
        read = ngettext("%(minutes)s minute to read", "%(minutes)s minutes to read", minutes or 0)
        topic = document.topic if document.kind == SearchDocument.Kind.ARTICLE else ""
        shown = [document.get_kind_display(), topic, read % {"minutes": minutes} if minutes else ""]
        return " · ".join(filter(None, shown))


class Results(NamedTuple):
    q: str
    shortened: bool
    topics: dict
    topic: str  # slug of the chosen one
    found: Found
    number: int
    pages: int
    hits: list
    similar: list

    @property
    def total(self):
        return len(self.found.pks)

    @property
    def many(self):
        return self.total == RANKED

    @property
    def corrected(self):
        return self.found.text if self.found.text != self.q else ""

    @property
    def awaiting_review(self):
        return any(hit.document.awaiting_review for hit in self.hits)

    @property
    def topic_name(self):
        return self.topics.get(self.topic, "")

    def topic_links(self):
        """(name, address, whether it is the chosen one) of each topic, where there is anything to choose from."""
        q = self.q if self.hits or self.topic else ""
        return [(name, address(q, slug), slug == self.topic) for slug, name in self.topics.items()]

    def suggestions(self):
        """Searches that show what the library knows, for whoever has found nothing."""
        return [Similar(text, address(text)) for text in map(str, POPULAR)]

    def all_topics(self):
        return address(self.q)

    def previous_page(self):
        return self._page(self.number - 1)

    def next_page(self):
        return self._page(self.number + 1)

    def _page(self, number):
        return address(self.q, self.topic, number) if 1 <= number <= self.pages else ""


class Similar(NamedTuple):
    text: str
    address: str


def address(q="", topic="", page=1):
    values = {"q": q, "topic": topic, "page": page if page > 1 else ""}
    query = urlencode({name: value for name, value in values.items() if value})
    return reverse("search") + (f"?{query}" if query else "")


def look_up(typed, topic="", page=""):
    """What a patient gets for these words. A topic that nobody knows counts as none, a page as the first."""
    text, shortened = tidy(typed)
    known = lexicon()
    topic = topic if topic in known.topics else ""
    found = _find(text, known, known.topics.get(topic))
    if text and not (found.pks or topic):
        misses.note(text)
    pages = max(1, ceil(len(found.pks) / ON_A_PAGE))
    number = _number(page, pages)
    return Results(
        q=text,
        shortened=shortened,
        topics=known.topics,
        topic=topic,
        found=found,
        number=number,
        pages=pages,
        hits=_shown(found, number),
        similar=[] if found.pks else _similar(text, known),
    )


def _find(text, known, topic):
    if not text:
        return Found(_of_topic(topic) if topic else [], "", [])
    typed = read(words_of(text), known)
    if pks := hits(typed, ALL, topic):
        return Found(pks, text, typed)
    meant = _meant(text, known)
    wanted = read(words_of(meant), known)
    if meant != text and (pks := hits(wanted, ALL, topic)):
        return Found(pks, meant, wanted)
    pks = hits(wanted, SOME, topic) if len(wanted) > 1 else []
    return Found(pks, meant if pks else text, wanted, some=bool(pks))


def _of_topic(topic):
    """Everything on a topic, where no word was typed."""
    return list(SearchDocument.objects.filter(topic=topic).order_by("title").values_list("pk", flat=True)[:RANKED])


def _meant(text, known):
    """What was probably typed but for slips of the finger."""
    meant = {word: known.meant(word) for word in _unknown(text, known)}
    return _replaced(text, {word: other for word, other in meant.items() if other})


def _similar(text, known):
    """Searches for words that look like the unknown ones, best first."""
    others = ({word: other} for word in _unknown(text, known) for other in known.similar(word))
    return [Similar(other, address(other)) for other in (_replaced(text, change) for change in others)][:3]


def _unknown(text, known):
    words = dict.fromkeys(words_of(text))
    return [word for word in words if word not in known.counts and word not in TOO_COMMON][:MOST_GUESSED]


def _replaced(text, others):
    return WORD.sub(lambda match: others.get(fold(match[0]), match[0]), text)


def _number(page, pages):
    try:
        number = int(page)
    except ValueError:
        return 1
    return number if 1 <= number <= pages else 1


def _shown(found, number):
    pks = found.pks[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    documents = SearchDocument.objects.in_bulk(pks)
    marker = Marker(list(chain.from_iterable(slot.phrases for slot in found.slots)))
    return [_hit(documents[pk], marker) for pk in pks if pk in documents]


def _hit(document, marker):
    return Hit(document, marker.marked(document.title), marker.excerpt(document.summary, document.body))
