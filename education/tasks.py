"""Mails to those who look after the library, sent by the worker from the outbox."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import ngettext
from django_tasks import task

from education.models import ReviewReminder
from education.reviews import Due, Review, due
from portal import outbox
from portal.models import User


@task(backend="outbox", queue_name="mail")
def mail_reviews(user_id, reminder_ids, attempt=0):
    """What has been reviewed since the mail was put in the outbox is left out."""
    person = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    reviews = _still_due(reminder_ids)
    if person is None or not reviews:
        return
    subject = ngettext("A review is due", "%(number)s reviews are due", len(reviews)) % {"number": len(reviews)}
    context = {"reviews": reviews, "site": settings.SITE_URL}
    message = EmailMessage(subject, render_to_string("education/mail/reviews.txt", context), to=[person.email])
    outbox.send(message, mail_reviews, user_id, reminder_ids, attempt=attempt)


def _still_due(reminder_ids):
    today = timezone.localdate()
    reminders = ReviewReminder.objects.filter(pk__in=reminder_ids).prefetch_related("item")
    reviews = [Review(one.item, due(one.item.next_review, today)) for one in reminders if one.item]
    reviews = [review for review in reviews if review.state in (Due.OVERDUE, Due.SOON)]
    return sorted(reviews, key=lambda review: review.item.next_review)
