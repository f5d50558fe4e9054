"""What a clinician of the clinic approves before patients read it, and who that may be."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from portal.models import the_clinic


class ApprovalPanel(FieldPanel):
    """Shows what approving writes: nobody has approved what nobody looked at."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs | {"read_only": True})

    def format_value_for_display(self, value):
        return super().format_value_for_display(value) if value else gettext("Filled in when it is approved")


class Reviewed(models.Model):
    """Who wrote it, who of the clinic approved it, and when. Empty fields print nothing; nothing is invented."""

    author = models.CharField(_("written by"), max_length=120, blank=True)
    approved_by = models.CharField(_("clinically approved by"), max_length=120, blank=True)
    last_reviewed = models.DateField(_("last reviewed"), null=True, blank=True)
    next_review = models.DateField(_("next review"), null=True, blank=True, help_text=_("Empty: 12 months later."))
    review_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who sees to the next review"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )

    review_panel = MultiFieldPanel(
        [
            FieldPanel("author"),
            ApprovalPanel("approved_by"),
            ApprovalPanel("last_reviewed"),
            FieldPanel("next_review"),
            FieldPanel("review_owner"),
        ],
        _("Review"),
    )

    class Meta:
        abstract = True

    # The words of a list for what is out, and for what is out while a newer draft waits.
    OUT, OUT_WITH_DRAFT = _("Published"), _("Published, with a newer draft")

    @property
    def status(self):
        """Wagtail's own status asks the database twice for each row of a list."""
        if not self.live:
            return _("Draft")
        return self.OUT_WITH_DRAFT if self.has_unpublished_changes else self.OUT

    @property
    def awaiting_review(self):
        return not (self.approved_by and self.last_reviewed)

    def clean(self):
        super().clean()
        if self.approved_by and _same_person(self.approved_by, self.author) and not single_handed():
            raise ValidationError({"approved_by": _("Author and approver must be two people.")})
        if bool(self.approved_by) != bool(self.last_reviewed):
            raise ValidationError({"last_reviewed": _("Fill in both the approver and the date, or neither.")})
        if self.last_reviewed and not self.next_review:
            self.next_review = _a_year_after(self.last_reviewed)

    def writers(self):
        """The ids of all who changed what waits for approval, and of who handed it in."""
        waiting = self.revisions.exclude(user=None)
        since = self.live_revision.created_at if self.live_revision else self.last_published_at
        if since:
            waiting = waiting.filter(created_at__gt=since)
        writers = set(waiting.values_list("user_id", flat=True))
        state = self.current_workflow_state
        return writers | {state.requested_by_id} if state else writers

    def why_not_approved_by(self, user):
        """Why this person may not approve what waits here, or an empty text."""
        if single_handed():
            return ""
        if user.pk in self.writers():
            return gettext("You wrote or handed in a part of this, so somebody else approves it.")
        if _same_person(str(user), self.author):
            return gettext("You are named as the author of this, so somebody else approves it.")
        return ""

    def approve(self, revision, by):
        """Writes into the revision that this draft is kept in who approved it. It goes live, now or on its day."""
        today = timezone.localdate()
        revision.content |= {
            "approved_by": str(by)[: self._meta.get_field("approved_by").max_length],
            "last_reviewed": today.isoformat(),
            "next_review": self._next_review(today).isoformat(),
        }
        revision.save(update_fields=["content"])

    def _next_review(self, today):
        """A day to come that somebody chose in this draft stays."""
        before = self.live_revision.content.get("next_review") if self.live_revision else None
        chosen = self.next_review and self.next_review > today and self.next_review.isoformat() != before
        return self.next_review if chosen else _a_year_after(today)


def single_handed():
    """Whether one person may write and approve: a clinic with one clinician says so in its settings."""
    return the_clinic().single_handed


def _same_person(name, other):
    return name.split() and name.casefold().split() == other.casefold().split()


def _a_year_after(day):
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)
