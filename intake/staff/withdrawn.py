"""Open forms that name a treatment which is no longer available: what a clinician should know before the visit."""

from dataclasses import dataclass
from datetime import datetime

from intake.models import Submission, Withdrawal
from intake.staff.filters import page_of
from intake.withdrawal import Gone, named_in

# Decrypting what a row doesn't show would cost most of the page's time.
NOT_SHOWN = ("email", "phone", "route_why", "gaps")


@dataclass(frozen=True)
class Named:
    gone: Gone
    since: datetime | None


@dataclass(frozen=True)
class Row:
    submission: Submission
    named: list[Named]


def named(submission):
    """The withdrawn treatments that one form names, each with the time since when."""
    gone = named_in(submission)
    return _with_since(gone, _since()) if gone else []


def listed(submissions, last=None):
    """The next forms after the last one seen, and whether more follow. One whose mark is late to go is left out."""
    found, more = page_of(submissions.naming_withdrawn().defer(*NOT_SHOWN), last)
    since = _since()
    rows = [Row(submission, _with_since(named_in(submission), since)) for submission in found]
    return [row for row in rows if row.named], more


def _since():
    return dict(Withdrawal.objects.values_list("slug", "since"))


def _with_since(gone, since):
    return [Named(one, since.get(one.code)) for one in gone]
