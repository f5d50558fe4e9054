import os

import pytest
from django.apps import apps
from django.core import serializers
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models.signals import post_migrate

from education.apps import put_content_under_review
from intake.apps import put_rules_under_review
from intake.models import compiled
from portal import page_cache, stamp
from tests import browser

# Playwright keeps an event loop running, in which Django refuses to query.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Made anew, under other ids. Which workflow a model has is known by the id of its content type.
MADE_BY_DJANGO = ("contenttypes", "auth.permission", "wagtailcore.workflowcontenttype")


def pytest_collection_modifyitems(items):
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, playwright):
    path = browser.find(playwright.chromium.executable_path)
    if not path:
        pytest.fail(browser.MISSING, pytrace=False)
    # Chromium's sandbox does not start for root, as in a container.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": path, "args": sandbox + QUIET}


@pytest.fixture(autouse=True)
def fresh(settings, tmp_path, monkeypatch):
    """No test sees the uploads or the cache of another, nor what it kept of rows that had the same ids."""
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    page_cache.forget()
    stamp.forget()
    stamp._transaction.changed.clear()
    # A test's own transaction is never committed: what it changes counts at once.
    monkeypatch.setattr(stamp, "settled", lambda: True)
    monkeypatch.setattr(stamp, "_bump_at_commit", bump_at_once)
    compiled.cache_clear()


def bump_at_once():
    changed = set(stamp._transaction.changed)
    stamp._bump()

    def bump_again():
        stamp._transaction.changed |= changed
        stamp._bump()

    transaction.on_commit(bump_again)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A transactional test empties the database when it ends: what the migrations made is put back at once."""
    with django_db_blocker.unblock():
        rows = made_by_migrations()

    @transaction.atomic
    def put_back(**kwargs):
        # The roles are made after every migrate already, under other ids.
        apps.get_model("auth.Group").objects.all().delete()
        for row in serializers.deserialize("json", rows):
            row.save()
        put_content_under_review()
        put_rules_under_review()

    # Sent once for each app after the emptying; the last one, because all content types exist by then.
    post_migrate.connect(put_back, sender=list(apps.get_app_configs())[-1], weak=False)
    yield
    with django_db_blocker.unblock():
        end_other_sessions()


def end_other_sessions():
    """PostgreSQL drops no database that a server's thread has not let go of yet."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def made_by_migrations():
    """In an order in which no row comes before those that it names."""
    models = serializers.sort_dependencies([(app, None) for app in apps.get_app_configs()])
    models = [model for model in models if not model._meta.label_lower.startswith(MADE_BY_DJANGO)]
    rows = [row for model in models for row in model._base_manager.all()]
    return serializers.serialize("json", rows, use_natural_foreign_keys=True)
