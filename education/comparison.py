"""Up to three treatments side by side, always beside no treatment: who stands there, and what each cell says."""

from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from education.citations import Citations
from education.models import Outcome, Source, Treatment, published

MOST = 3

# The one order of the rows. A name is a field of the record, or one of the words below.
ROWS = (
    "how_it_works studies per_100 certainty visits when_seen lasts healing common_effects serious_risks not_for "
    "regulator offered price"
).split()
OTHER_LABELS = {
    "studies": _("what studies saw"),
    "per_100": _("out of 100 people"),
    "offered": _("offered here"),
    "price": _("price"),
}
FACTS = [name for name in ROWS if name in Treatment.FACTS]

NO_TREATMENT = {
    "how_it_works": _(
        "It leaves the skin as it is. Cellulite is harmless, and you never need to treat it for your health.[R57]"
    ),
    "certainty": _("For the fair tests above."),
    "visits": _("None"),
    "when_seen": _("Does not apply"),
    "lasts": _("Cellulite can change with weight, hormones and age. [JUDGE]"),
    "healing": _("None needed"),
    "common_effects": _("None from a treatment"),
    "serious_risks": _("None from a treatment"),
    "not_for": _("Nobody. You can choose it, and change your mind later. [JUDGE]"),
    "regulator": _("Does not apply"),
    "offered": _("You can always choose it"),
    "price": _("It costs nothing"),
}
# The only record whose fair tests counted how many got better with a dummy treatment.
TESTED_AGAINST_DUMMY = "collagenase"


class Choice(NamedTuple):
    """What a reader asked to compare, each treatment once: what can be shown, and what can not."""

    compared: list
    left_out: list
    withdrawn: list
    unknown: int


class Column(NamedTuple):
    """One choice, from top to bottom. No treatment has no record; `counted` says whom its studies counted."""

    name: str
    record: Treatment | None
    certainty: str
    outcomes: list
    texts: dict
    counted: str = ""

    def counts(self):
        """What studies reported as a number out of 100 people."""
        return [outcome for outcome in self.outcomes if outcome.per_100_low is not None]


def choose(slugs, records):
    by_slug = {record.slug: record for record in records}
    asked = dict.fromkeys(filter(None, slugs))
    known = [by_slug[slug] for slug in asked if slug in by_slug]
    available = [record for record in known if not record.withdrawn]
    withdrawn = [record for record in known if record.withdrawn]
    return Choice(available[:MOST], available[MOST:], withdrawn, len(asked) - len(known))


def page(slugs):
    """What the page shows: all treatments to choose from or, where any are chosen, the table."""
    readable = published()
    available = [record for record in readable if not record.withdrawn]
    tested = [record for record in readable if record.slug == TESTED_AGAINST_DUMMY]
    choice = choose(slugs, readable)
    columns = _columns(choice.compared, tested) if choice.compared else []
    shown = [*choice.compared, *tested] if columns else available
    return {
        "most": MOST,
        "available": available,
        "withdrawn": [record for record in readable if record.withdrawn],
        "choice": choice,
        "columns": columns,
        "rows": [_row(name, columns) for name in ROWS] if columns else [],
        "awaiting_review": any(record.awaiting_review for record in shown),
        "citations": Citations(),
        "canonical": settings.SITE_URL + reverse("education:compare"),
    }


def _columns(compared, tested):
    return [_no_treatment(tested), *map(_column, compared)]


def _column(treatment):
    texts = {name: getattr(treatment, name) for name in FACTS}
    texts["price"] = gettext("Ask the clinic")
    return Column(treatment.name, treatment, treatment.certainty, treatment.outcomes.all(), texts)


def _no_treatment(tested):
    seen = after_dummies(tested)
    return Column(
        gettext("No treatment"), None, seen.certainty, [seen], NO_TREATMENT, gettext("with dummy injections")
    )


def after_dummies(tested):
    """How many got better with dummy injections: as the record of the real ones says, if patients can read it."""
    outcomes = [outcome for record in tested for outcome in record.outcomes.all()]
    first = next((outcome for outcome in outcomes if outcome.per_100_compare_low is not None), _as_published())
    seen = Outcome(
        name=gettext("Better after dummy injections"),
        follow_up=first.follow_up,
        per_100_low=first.per_100_compare_low,
        per_100_high=first.per_100_compare_high,
        certainty=first.certainty,
        source=first.source,
    )
    seen.result = gettext(
        "%(about)s in 100 women who got dummy injections were rated better after about 10 weeks, in the two fair "
        "tests of collagenase."
    ) % {"about": seen.per_100()}
    return seen


def _as_published():
    return Outcome(
        follow_up=gettext("Day 71 (about 10 weeks)"),
        per_100_compare_low=11,
        per_100_compare_high=18,
        certainty="moderate",
        source=Source(code="R10"),
    )


def _row(name, columns):
    label = OTHER_LABELS.get(name) or Treatment._meta.get_field(name).verbose_name
    return name, label, [(column, column.texts.get(name, "")) for column in columns]
