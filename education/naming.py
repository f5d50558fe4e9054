"""Which withdrawn treatments a text names, so that a page tells of them even where nobody ticked them."""

import re
from html import unescape
from unicodedata import normalize

from django.db import models
from wagtail.fields import StreamField
from wagtail.models import Page

from portal.stamp import kept

LEAST_LETTERS = 3

INLINE_TAG = re.compile(r"</?(?:a|b|i|em|strong)\b[^>]*>")
TAG = re.compile(r"</?[a-z][^>]*>")
UNSEEN = re.compile("[\u0300-\u036f\u00ad\u200b\u2060]")  # accents, once they stand apart, and marks of no width
DASH = re.compile("[\u2010-\u2015\u2212]")


class Names:
    """The names of treatments, ready to be looked for. Whatever is found in a text is withdrawn."""

    def __init__(self, treatments):
        self.withdrawn = [treatment for treatment in treatments if treatment.withdrawn]
        self._owners = {}
        for treatment in self.withdrawn:
            for name in names_of(treatment):
                self._owners.setdefault(name, []).append(treatment)
        # "Guided subcision" is another treatment than "subcision": where it stands, the shorter name does not.
        longer = {name for treatment in treatments for name in names_of(treatment) if self._is_part_of(name)}
        self._pattern = _any_of(longer.union(self._owners)) if self._owners else None

    def _is_part_of(self, name):
        return any(own in name for own in self._owners)

    def found_in(self, text):
        """The withdrawn treatments that a text names, each once, in the order in which they come."""
        if not self._pattern:
            return []
        found = [self._owners.get(match[0], ()) for match in self._pattern.finditer(folded(text))]
        return list({treatment.pk: treatment for owners in found for treatment in owners}.values())

    def told_on(self, *items, chosen=()):
        """What a page has to tell of: the withdrawn treatments that editors chose for it, then those that it names."""
        told = [treatment for treatment in chosen if treatment.withdrawn]
        found = self.found_in("\n".join(map(words_of, items)))
        return told + [treatment for treatment in found if treatment not in told]


def names_of(treatment):
    """What a treatment is called: its name, the short one in brackets, and whatever it is also called."""
    for called in (treatment.name, *treatment.also_called.split(",")):
        name, _, rest = called.partition("(")
        short = rest.partition(")")[0].strip()
        # "Guided subcision (Cellfina)" has a short name, "Radiofrequency (heat through the skin)" has none.
        describes = " " in short and not short[0].isupper()
        yield from filter(_is_a_name, map(folded, [name] if describes else [name, short]))


def _is_a_name(name):
    return sum(letter.isalpha() for letter in name) >= LEAST_LETTERS


def _any_of(names):
    """Finds whole words; of two names at one place the longer."""
    choice = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{choice})(?!\w)")


def folded(text):
    """A text in which only the words tell: no capitals, no accents, one kind of dash, single blanks."""
    text = UNSEEN.sub("", normalize("NFKD", text))
    return " ".join(DASH.sub("-", text).casefold().split())


@kept
def names():
    from education.models import records

    return Names(list(records().values()))


def words_of(item):
    """What editors wrote in the fields of a page or record, as one text."""
    texts = [str(item)]
    for field in item._meta.concrete_fields:
        value = field.value_from_object(item)
        if isinstance(field, StreamField):
            texts += _texts_in(list(value.raw_data))
        elif _is_written(field):
            texts.append(value)
    return "\n".join(without_tags(text) for text in texts)


def _is_written(field):
    """Whether editors write its text, and readers see it. What Wagtail itself knows of a page is neither."""
    return (
        isinstance(field, (models.CharField, models.TextField))
        and not isinstance(field, models.SlugField)
        and not field.choices
        and field.model is not Page
    )


def _texts_in(raw):
    """Every text in a stream as it is stored, where a block is a mapping of type, value and id."""
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, dict):
        yield from _texts_in(raw["value"] if "type" in raw and "value" in raw else list(raw.values()))
    elif isinstance(raw, list):
        for part in raw:
            yield from _texts_in(part)


def without_tags(html):
    return unescape(TAG.sub(" ", INLINE_TAG.sub("", html)))
