"""The clock: what it runs and when, and that nothing but a signal stops it."""

import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.db import OperationalError
from django.utils import timezone

from education.models import ArticleIndexPage, ArticlePage, HomePage
from portal import stamp
from portal.management.commands import keep_time as clock

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
MINUTE, DAY = 60, 24 * 60 * 60


@pytest.fixture(autouse=True)
def closed(monkeypatch):
    """How often it looked after its connections: in earnest, that would end the test's own transaction."""
    times = []
    monkeypatch.setattr(clock, "close_old_connections", lambda: times.append(1))
    return times


class FakeTime:
    """Goes on only where the clock sleeps, and where a command takes its time."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def run_for(monkeypatch):
    """run_for(seconds, commands) -> {name: the seconds at which it ran}; each command is a function or None."""

    def run(seconds, clock_face, **commands):
        fake, ran = FakeTime(), {name: [] for name in clock_face}
        start = fake.now

        def call(name, verbosity):
            ran[name].append(round(fake.now - start))
            if commands.get(name):
                commands[name](fake)

        monkeypatch.setattr(clock, "time", fake)
        monkeypatch.setattr(clock, "call_command", call)
        clock.keep_time(clock_face, stopped=lambda: fake.now - start >= seconds)
        return ran

    return run


def test_everything_runs_at_once_and_then_each_in_its_own_time(run_for):
    ran = run_for(3 * MINUTE + 1, {"each minute": MINUTE, "each day": DAY})

    assert ran == {"each minute": [0, 60, 120, 180], "each day": [0]}


def test_a_slow_command_makes_the_clock_no_slower(run_for):
    ran = run_for(5 * MINUTE + 1, {"slow": MINUTE}, slow=lambda time: time.sleep(25))

    assert ran["slow"] == [0, 60, 120, 180, 240, 300]


def test_what_was_missed_is_not_made_up_for(run_for):
    ran = run_for(400, {"long": MINUTE, "short": MINUTE}, long=lambda time: time.sleep(150))

    assert ran == {"long": [0, 210], "short": [150, 360]}


def fails(*errors):
    """A command that raises these errors, one each time, and then works."""
    left = list(errors)

    def command(_time):
        if left:
            raise left.pop(0)

    return command


def test_what_fails_is_logged_and_tried_again_in_a_minute_and_the_rest_goes_on(run_for, caplog):
    daily = fails(OperationalError("database is locked"), ValueError("what now"))

    ran = run_for(5 * MINUTE + 1, {"daily": DAY, "other": MINUTE}, daily=daily)

    assert ran == {"daily": [0, 60, 120], "other": [0, 60, 120, 180, 240, 300]}
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["The clock could not run daily, and tries again"] * 2
    assert "database is locked" in caplog.text


def test_a_connection_that_broke_is_closed_before_it_is_needed_again(run_for, closed):
    ran = run_for(2 * MINUTE + 1, {"each minute": MINUTE})

    assert len(closed) == len(ran["each minute"]) == 3


def test_the_clock_runs_commands_that_exist():
    assert {"publish_scheduled", "send_review_reminders"} <= set(settings.CLOCK)
    assert set(settings.CLOCK) <= set(get_commands())


def test_a_scheduled_page_goes_live_and_kept_pages_are_worth_nothing_any_more(client):
    index = ArticleIndexPage(title="Learn", slug="learn")
    HomePage.objects.get().add_child(instance=index)
    article = ArticlePage(title="New", slug="new", live=False)
    article.key_points = [("point", f"Point {number}.") for number in range(3)]
    article.body = [("heading", "Why?")]
    index.add_child(instance=article)
    article.go_live_at = timezone.now() - timedelta(minutes=1)
    article.save_revision(approved_go_live_at=article.go_live_at)
    assert client.get("/learn/new/").status_code == 404
    before = stamp.current()

    assert clock.run("publish_scheduled")

    assert client.get("/learn/new/").status_code == 200
    assert stamp.current() != before


def test_the_reminders_are_run_by_the_clock():
    assert clock.run("send_review_reminders")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_as_soon_as_it_is_told(tmp_path, number):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = ["env", "--default-signal=INT", sys.executable, "manage.py", "keep_time"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        # There is no table in this database, so it fails, and says so: from then on it is the clock that listens.
        wait_for(process.stderr, "could not run send_review_reminders")
        told = time.monotonic()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert time.monotonic() - told < 3


def wait_for(stream, words):
    for line in stream:
        if re.search(words, line):
            return
    raise AssertionError(f"it never said: {words}")
