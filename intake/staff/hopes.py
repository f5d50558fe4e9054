"""The gaps of a Submission in words and as a chart: what the patient hopes beside what the record says is usual."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from intake.gaps import BEYOND_ALL
from intake.staff.chart import Chart, chart
from portal.templatetags.portal_tags import CERTAINTY

DIMENSIONS = {
    "change": gettext_lazy("Change"),
    "lasts": gettext_lazy("Lasts"),
    "bruising": gettext_lazy("Bruising"),
}
# In the order of the scales. They stand inside sentences too, so they begin small.
LEVELS = {
    "change": {
        "none": pgettext_lazy("change", "none"),
        "little": pgettext_lazy("change", "little"),
        "clear": pgettext_lazy("change", "clear"),
        "almost-gone": gettext_lazy("almost gone"),
        "gone": gettext_lazy("gone"),
    },
    "lasts": {
        "weeks": gettext_lazy("weeks"),
        "months": gettext_lazy("months"),
        "years": gettext_lazy("years"),
        "permanent": gettext_lazy("for good"),
    },
    "bruising": {
        "none": pgettext_lazy("bruising", "none"),
        "few-days": gettext_lazy("a few days"),
        "two-weeks": gettext_lazy("two weeks"),
        "month": gettext_lazy("a month"),
    },
}
UNSURE = "unsure"
HOPES = {
    "change": gettext_lazy("hopes for %(hope)s"),
    "lasts": gettext_lazy("hopes it lasts %(hope)s"),
    "bruising": gettext_lazy("accepts bruising: %(hope)s"),
}
USUAL = {
    "change": gettext_lazy("usual change %(usual)s"),
    "lasts": gettext_lazy("longest shown %(usual)s"),
    "bruising": gettext_lazy("usual bruising %(usual)s"),
}
GAPS = {
    "more": gettext_lazy("more than the evidence"),
    "in-line": gettext_lazy("in line with the evidence"),
    "less": gettext_lazy("less than the evidence"),
    "unknown": gettext_lazy("not known"),
}


@dataclass(frozen=True)
class Gap:
    """One row of the chart and of its table. `word` says how the hope stands to the record, and judges neither."""

    name: str
    level: str
    dimension: str
    hope: str
    usual: str
    word: str
    sentence: str
    beyond_all: bool
    chart: Chart


@dataclass(frozen=True)
class Hoped:
    """A treatment that the patient thinks about, with how sure its record is."""

    name: str
    certainty: str
    awaiting_review: bool
    gaps: tuple[Gap, ...]

    @property
    def how_sure(self):
        return CERTAINTY[self.certainty][1] if self.certainty else _("no record yet")


def hopes(submission):
    return [
        Hoped(
            frozen["name"],
            frozen["certainty"],
            frozen["awaiting_review"],
            tuple(_gap(frozen["treatment"], row) for row in frozen["rows"]),
        )
        for frozen in submission.gaps
    ]


def _gap(slug, row):
    dimension, hope, usual = row["dimension"], row["hope"], row["usual"]
    words = LEVELS[dimension]
    return Gap(
        name=f"{slug}-{dimension}",
        level=row["level"],
        dimension=DIMENSIONS[dimension],
        hope=_("Not sure") if hope == UNSURE else capfirst(words[hope]),
        usual=capfirst(words[usual]) if usual else _("Not known"),
        word=capfirst(GAPS[row["level"]]),
        sentence=_sentence(row, words),
        beyond_all=(dimension, hope) in BEYOND_ALL,
        chart=chart({code: capfirst(word) for code, word in words.items()}, hope, usual),
    )


def _sentence(row, words):
    dimension, hope = row["dimension"], row["hope"]
    hoped = _("is not sure what to hope for") if hope == UNSURE else HOPES[dimension] % {"hope": words[hope]}
    usual = USUAL[dimension] % {"usual": words[row["usual"]] if row["usual"] else _("not known")}
    sentence = _("%(hoped)s; %(usual)s: %(gap)s") % {"hoped": hoped, "usual": usual, "gap": GAPS[row["level"]]}
    if (dimension, hope) in BEYOND_ALL:
        return _("%(sentence)s, no treatment does that") % {"sentence": sentence}
    return sentence
