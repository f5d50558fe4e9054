"""Gets the data folder ready to be served. One process, because importing Django is most of a start."""

import hashlib
import os
import subprocess
import sys

import django
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from portal.stamp import content_changed


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        django.setup()
        prepare()
    except (ImproperlyConfigured, CommandError, DatabaseError, OSError) as error:
        sys.exit(f"The portal cannot start: {error}")


def prepare():
    stamp = settings.DATA_DIR / "static.stamp"
    state = static_state()
    collecting = None if is_collected(stamp, state) else start_collecting()
    print("Bringing the database and the starter content up to date.")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_starter_content", verbosity=0)
    if settings.DEMO:
        call_command("make_demo_accounts", verbosity=0)
    requeue_interrupted()
    call_command("look_for_withdrawn", verbosity=0)
    if collecting:
        finish_collecting(collecting)
        stamp.write_text(state)
    content_changed()  # a new version may make its pages in another way


def requeue_interrupted():
    """A mail whose worker was killed half-way counts as running for ever: put it back while no worker runs."""
    DBTaskResult = apps.get_model("django_tasks_database", "DBTaskResult")
    DBTaskResult.objects.filter(status="RUNNING").update(status="READY", started_at=None)


def static_state():
    """Changes when any static file does, our own or a package's."""
    state = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = os.stat(storage.path(path))
            state.update(f"{path} {file.st_size} {file.st_mtime_ns}\n".encode())
    return state.hexdigest()


def is_collected(stamp, state):
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    return manifest.exists() and stamp.exists() and stamp.read_text() == state


def start_collecting():
    """In a process of its own, beside the migrations: settings choose hashed names by the name of the command."""
    print("Collecting the static files.")
    return subprocess.Popen([sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"])


def finish_collecting(collecting):
    if collecting.wait():
        raise CommandError("the static files could not be collected, see above.")


if __name__ == "__main__":
    main()
