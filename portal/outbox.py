"""Sends what waits in the outbox, or tries again later: a mail server may be away for a while."""

import logging
from datetime import timedelta

from django.utils import timezone

RETRY_AFTER = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]

logger = logging.getLogger(__name__)


def send(message, task, *arguments, attempt):
    """Sends a message for a task, which is put in the outbox again with the same arguments where that fails."""
    try:
        message.send()
    except OSError as error:  # smtplib's errors are OSErrors, like a refused connection
        logger.error("A mail could not be sent (%s), attempt %s", type(error).__name__, attempt + 1)
        if attempt == len(RETRY_AFTER):
            raise
        later = timezone.now() + RETRY_AFTER[attempt]
        task.using(run_after=later).enqueue(*arguments, attempt + 1)
