"""The queue: which forms its address asks for, a page of them, and how many each other choice would show."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import Case, Count, Prefetch, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from intake.models import Status, SubmissionNote, Team, Urgency
from intake.tasks import TEAM_ROLE

PAGE_SIZE = 25
OPEN = [status for status in Status.values if status != Status.CLOSED]


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    wanted: dict = field(default_factory=dict)  # the values that fit, by column

    def fits(self, row):
        return all(row[column] in values for column, values in self.wanted.items())

    def narrow(self, submissions):
        return submissions.filter(**{f"{column}__in": values for column, values in self.wanted.items()})


@dataclass(frozen=True)
class Option:
    """A choice as the page offers it. Closed forms are not counted: they only pile up."""

    choice: Choice
    query: str
    current: bool
    count: int | None


class Filters:
    """What an address asks for; whatever it says that no filter knows counts as not said."""

    def __init__(self, params, role):
        self.menu = {"team": _teams(role), "status": _statuses(), "owner": _owners(), "only": _attention()}
        self.chosen = {name: _pick(choices, params.get(name)) for name, choices in self.menu.items()}
        first = {name: choices[0] for name, choices in self.menu.items()}
        self.all_open = first | {"team": _pick(self.menu["team"], "all")}

    def narrow(self, submissions):
        for choice in self.chosen.values():
            submissions = choice.narrow(submissions)
        # Said beside the list of statuses, because that is how the index of open forms is found.
        return submissions if self.chosen["status"].value == Status.CLOSED else submissions.open()

    @property
    def words(self):
        return ", ".join(str(choice.label) for choice in self.chosen.values() if choice.label)

    @property
    def query(self):
        return self._query(self.chosen)

    @property
    def query_without_only(self):
        return self._query(self.chosen | {"only": self.menu["only"][0]})

    @property
    def query_of_all_open(self):
        return self._query(self.all_open)

    def groups(self, tally):
        """The filters, each choice with its address and count while the other filters stay."""
        words = {"team": _("Team"), "status": _("Status"), "owner": _("Owner")}
        return [(name, label, self._options(name, tally, self.chosen)) for name, label in words.items()]

    def attention(self, tally):
        """What should not wait, over all teams."""
        return [option for option in self._options("only", tally, self.all_open)[1:] if option.count]

    def _options(self, name, tally, base):
        changed = [(choice, base | {name: choice}) for choice in self.menu[name]]
        return [
            Option(choice, self._query(chosen), choice is self.chosen[name], _count(chosen, tally))
            for choice, chosen in changed
        ]

    def _query(self, chosen):
        said = {name: choice.value for name, choice in chosen.items() if choice is not self.menu[name][0]}
        return f"?{urlencode(said)}"


def _teams(role):
    own = [team for team, needed in TEAM_ROLE.items() if needed == role]
    mine = [Choice("mine", _("Mine"), {"team": own})] if own else []
    return [
        *mine,
        Choice("all", _("Everyone's")),
        *(Choice(team.value, team.label, {"team": [team]}) for team in Team),
    ]


def _statuses():
    each = (Choice(status.value, status.label, {"status": [status]}) for status in Status)
    return [Choice("open", _("Open"), {"status": OPEN}), *each]


def _owners():
    return [
        Choice("anyone", _("Anyone")),
        Choice("me", _("Me"), {"holder": ["me"]}),
        Choice("none", _("No one"), {"holder": ["none"]}),
    ]


def _attention():
    return [
        Choice("", ""),
        Choice("urgent", _("urgent, unread"), {"urgency": [Urgency.URGENT], "status": [Status.NEW]}),
        Choice("overdue", _("overdue"), {"late": [True]}),
        Choice("today", _("with a visit today"), {"visits_today": [True]}),
        Choice("unowned", _("with no owner"), {"holder": ["none"]}),
    ]


def _pick(choices, value):
    return next((choice for choice in choices if choice.value == value), choices[0])


def _count(chosen, tally):
    if chosen["status"].value == Status.CLOSED:
        return None
    return sum(row["number"] for row in tally if all(choice.fits(row) for choice in chosen.values()))


def marked(submissions, user):
    """Submissions with the three columns that filters look at beside the model's own."""
    late = Q(status__in=[Status.NEW, Status.IN_REVIEW], due_at__lt=timezone.now())  # Submission.overdue, in SQL
    return submissions.annotate(
        holder=Case(
            When(owner=None, then=Value("none")), When(owner=user, then=Value("me")), default=Value("somebody")
        ),
        late=Case(When(late, then=True), default=False),
        visits_today=Case(When(appointment_date=timezone.localdate(), then=True), default=False),
    )


def tally(submissions):
    """How many open forms there are of each kind: one query, however many forms and filters."""
    columns = ("team", "status", "urgency", "holder", "late", "visits_today", "names_withdrawn")
    return list(submissions.open().order_by().values(*columns).annotate(number=Count("pk")))


def page(submissions, last=None):
    """The next forms after the last one seen, and whether more follow. Forms that leave the queue shift nothing."""
    titles = Prefetch("notes", SubmissionNote.objects.only("submission", "content"))
    # Decrypting what a row doesn't show would cost most of the page's time.
    return page_of(submissions.defer("answers", "email", "phone").prefetch_related(titles), last)


def page_of(submissions, last):
    found = submissions.filter(_after(last)) if last else submissions
    rows = list(found.by_need()[: PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def count_naming_withdrawn(tally):
    return sum(row["number"] for row in tally if row["names_withdrawn"])


def _after(last):
    """The order of by_need() as a condition: urgency, then visit with none at the end, then age."""
    younger = Q(submitted_at__gt=last.submitted_at) | Q(submitted_at=last.submitted_at, pk__gt=last.pk)
    same_visit = Q(appointment_date=last.appointment_date) & younger
    if last.appointment_date:
        same_visit |= Q(appointment_date__gt=last.appointment_date) | Q(appointment_date=None)
    return Q(urgency_rank__gt=last.urgency_rank) | Q(urgency_rank=last.urgency_rank) & same_visit
