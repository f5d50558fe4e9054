"""Reminds people of reviews by mail: once before one is due, then once a week while it is overdue."""

from collections import defaultdict
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from education.models import ReviewReminder
from education.reviews import SOON, Due, calendar
from education.tasks import mail_reviews
from portal.models import User
from portal.roles import REVIEWER

WEEK = timedelta(days=7)


@transaction.atomic
def remind(today):
    """Puts one mail a person in the outbox, and returns how many. Each reminder is in it once, whoever runs this."""
    reviewers = list(_reachable().filter(groups__name=REVIEWER))
    letters = defaultdict(list)
    for review in calendar(today):
        if review.state not in (Due.OVERDUE, Due.SOON):
            continue
        people = _people(review.item.review_owner, reviewers)
        reminder = people and _new_reminder(review, today)
        for person in people if reminder else ():
            letters[person.pk].append(reminder.pk)
    for person_id, reminder_ids in letters.items():
        mail_reviews.enqueue(person_id, reminder_ids)
    return len(letters)


def _reachable():
    return User.objects.filter(~Q(email=""), is_active=True)


def _people(owner, reviewers):
    """The owner, or all reviewers where there is none who can be reached."""
    return [owner] if owner and owner.is_active and owner.email else reviewers


def _new_reminder(review, today):
    """None where the reminder has been there before. Of two processes, the database lets one make it."""
    item = review.item
    reminder, new = ReviewReminder.objects.get_or_create(
        content_type=ContentType.objects.get_for_model(item),
        object_id=item.pk,
        due=item.next_review,
        since=_since(review, today),
    )
    return reminder if new else None


def _since(review, today):
    due = review.item.next_review
    if review.state == Due.SOON:
        return due - SOON
    return today - (today - due - timedelta(days=1)) % WEEK
