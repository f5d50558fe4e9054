import pytest

from tests.factories import DraftFactory, VersionFactory, put_rules_in_force

TOKEN = "token-of-the-patient"


@pytest.fixture
def form(db):
    """The form is published, and its notes and routes are in force."""
    put_rules_in_force()
    return VersionFactory()


@pytest.fixture
def draft(client, form, settings):
    """The client's own Draft, complete and not sent."""
    client.cookies[settings.DRAFT_COOKIE_NAME] = TOKEN
    return DraftFactory(token=TOKEN, version=form)


@pytest.fixture
def outbox(settings):
    """Tasks wait in the database, as in production."""
    settings.TASKS = settings.TASKS | {
        "outbox": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["mail", "forms"]},
    }
