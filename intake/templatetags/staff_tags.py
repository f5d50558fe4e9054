"""How dates, reasons and people look on staff pages, where there is little room."""

import re

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from intake import facts
from intake.models import Status
from portal.roles import ADMIN, EDITOR, NURSE, PRACTITIONER, REVIEWER, may_edit
from portal.templatetags.portal_tags import day

register = template.Library()

ROLES = {
    ADMIN: gettext_lazy("admin"),
    EDITOR: gettext_lazy("editor"),
    REVIEWER: gettext_lazy("reviewer"),
    NURSE: gettext_lazy("nurse"),
    PRACTITIONER: gettext_lazy("practitioner"),
}
STATE_STYLES = {
    Status.NEW: "state-new",
    Status.IN_REVIEW: "state-review",
    Status.READY: "state-ready",
    Status.CALL_FIRST: "state-call",
}
TITLES = 2
BARE_ANSWERS = {"yes", "no", "unsure", "rather-not-say"}


@register.filter
def person_and_role(user):
    role = ROLES.get(user.role)
    return f"{user}, {role}" if role else str(user)


register.filter("may_edit", may_edit)


@register.simple_tag
def data_of(submission):
    """Where a Submission stands, in codes that no translation changes."""
    return format_html(
        ' data-team="{}" data-urgency="{}" data-status="{}"', submission.team, submission.urgency, submission.status
    )


@register.filter
def state_style(status):
    return STATE_STYLES.get(status, "")


@register.filter
def age(submission):
    return facts.age(submission.birth_date, timezone.localdate())


@register.filter
def short_day(value):
    """The clinic's own date style with a weekday and without the year, unless it is another one: "Wed 25 Nov"."""
    if value.year != timezone.localdate().year:
        return day(value)
    return date_format(value, f"D {_without_year()}")


def _without_year():
    return re.sub(r"\W*[Yy]\W*", "", settings.DATE_STYLE).replace("F", "M")


@register.filter
def visit_day(value):
    return _("Today") if value == timezone.localdate() else short_day(value)


@register.filter
def days_away(value):
    days = (value - timezone.localdate()).days
    if days < 0:
        return ngettext("%(n)s day ago", "%(n)s days ago", -days) % {"n": -days}
    return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days} if days else ""


@register.filter
def due_time(submission):
    """When it is due, or by how much it is late."""
    if submission.overdue:
        return _("Overdue %(time)s") % {"time": _how_long(timezone.now() - submission.due_at)}
    due = timezone.localtime(submission.due_at)
    if due.date() == timezone.localdate():
        return _("Today %(time)s") % {"time": date_format(due, "H:i")}
    return short_day(due)


def _how_long(late):
    minutes = int(late.total_seconds() // 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    if late.days < 2:
        return _("%(n)s h") % {"n": minutes // 60}
    return ngettext("%(n)s day", "%(n)s days", late.days) % {"n": late.days}


@register.filter
def short_moment(value):
    local = timezone.localtime(value)
    this_year = local.year == timezone.localdate().year
    return date_format(local, f"{_without_year() if this_year else settings.DATE_STYLE} H:i")


@register.filter
def deciding(submission):
    """The answers that brought it here, in few words; where none did, what there is to talk about."""
    decided = [_brief(submission, row) for row in submission.route_why["answers"]]
    return " · ".join(decided or [note.title for note in submission.notes.all()][:TITLES])


def _brief(submission, row):
    """A question is named where its answer says nothing alone."""
    question = submission.questionnaire.question(row["question"])
    if question and question.options and not BARE_ANSWERS.issuperset(option.code for option in question.options):
        return row["answer"]
    return f"{row['text']} {row['answer']}"
