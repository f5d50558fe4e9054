"""What a load balancer asks."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.utils import OperationalError
from django_tasks_db.models import DBTaskResult

from portal import health


def down(*args, **kwargs):
    raise OperationalError("the secret host db.internal refused")


def test_healthz_needs_nothing(client, monkeypatch):
    monkeypatch.setattr(connection, "ensure_connection", down)
    monkeypatch.setattr(cache, "get", down)
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert response["Content-Type"] == "text/plain"


@pytest.mark.django_db
def test_readyz_is_200_when_all_answer(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"failed": []})
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "name", "broken", "failed"),
    [
        (health, "_database", down, ["database"]),
        (cache, "set", down, ["cache"]),
        (cache, "get", lambda key: None, ["cache"]),
        (DBTaskResult.objects, "exists", down, ["queue"]),
    ],
)
def test_readyz_names_what_does_not_answer_and_tells_no_more(client, monkeypatch, where, name, broken, failed):
    monkeypatch.setattr(where, name, broken)
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"failed": failed})
    assert b"internal" not in response.content


def test_readyz_without_a_database_is_503_and_no_crash(client):
    """Tests without a database may not query: what a refused connection does, too."""
    response = client.get("/readyz")
    assert response.status_code == 503
    assert set(response.json()["failed"]) == {"database", "queue"}
