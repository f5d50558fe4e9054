import logging
import signal
import time

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections

TICK = 0.1  # seconds: how soon it hears that it is told to stop
AGAIN_AFTER = 60  # seconds, where something failed

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Runs the commands of settings.CLOCK, each after its number of seconds, until it is told to stop."

    def handle(self, **options):
        signals = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, frame: signals.append(number))
        keep_time(settings.CLOCK, stopped=lambda: signals)


def keep_time(clock, stopped):
    """Everything runs at once when the clock starts. What was missed meanwhile is not made up for."""
    due = dict.fromkeys(clock, time.monotonic())
    while not stopped():
        for name, every in clock.items():
            if due[name] <= time.monotonic() and not stopped():
                due[name] = _next(due[name], every if run(name) else min(every, AGAIN_AFTER))
        time.sleep(TICK)


def _next(last, every):
    """Counted from when it was due, not from when it was done, so that it does not drift."""
    now = time.monotonic()
    return last + every if last + every > now else now + every


def run(name):
    """Whether it worked. Whatever goes wrong, such as a locked database, the clock goes on."""
    try:
        close_old_connections()
        call_command(name, verbosity=0)
    except Exception:
        logger.exception("The clock could not run %s, and tries again", name)
        return False
    return True
