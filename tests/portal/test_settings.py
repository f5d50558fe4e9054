"""A production that lacks something does not start, and says what."""

import json
import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

PRODUCTION = {
    "SECRET_KEY": "x" * 60,
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "SITE_URL": "https://portal.example",
    "ALLOWED_HOSTS": "portal.example",
    "I_ACCEPT_NOT_READY": "1",
}
ASKED = (
    "DEBUG DEMO SITE_URL ALLOWED_HOSTS SESSION_COOKIE_NAME CSRF_COOKIE_NAME DRAFT_COOKIE_NAME SESSION_COOKIE_SECURE "
    "CSRF_COOKIE_SECURE CSRF_COOKIE_HTTPONLY SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS DEFAULT_FROM_EMAIL"
).split()
PRINT = f"import json, portal.settings as s; print(json.dumps({{name: getattr(s, name) for name in {ASKED}}}))"


def start(tmp_path, environment):
    """Imports the settings as a server does, with this environment and nothing of ours."""
    return subprocess.run(
        [sys.executable, "-c", PRINT],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("SECRET_KEY", "SECRET_KEY is not set: a long random text that signs sessions."),
        ("FIELD_KEYS", "FIELD_KEYS is not set: the keys that encrypt what patients write, newest first."),
        ("SITE_URL", "SITE_URL is not set: the address of the portal, used in mails."),
        ("I_ACCEPT_NOT_READY", "The portal is not ready for real patients yet:"),
    ],
)
def test_without_it_production_does_not_start(tmp_path, name, sentence):
    result = start(tmp_path, {key: value for key, value in PRODUCTION.items() if key != name})
    assert result.returncode != 0
    assert sentence in result.stderr.splitlines()[-1]
    for value in PRODUCTION.values():
        assert value == "1" or value not in result.stderr


def test_production_is_strict(tmp_path):
    result = start(tmp_path, PRODUCTION)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found == {
        "DEBUG": False,
        "DEMO": False,
        "SITE_URL": "https://portal.example",
        "ALLOWED_HOSTS": ["portal.example"],
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "DRAFT_COOKIE_NAME": "__Host-draft",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "DEFAULT_FROM_EMAIL": "portal@portal.example",
    }


def test_without_hosts_production_answers_to_none(tmp_path):
    result = start(tmp_path, {name: value for name, value in PRODUCTION.items() if name != "ALLOWED_HOSTS"})
    assert json.loads(result.stdout)["ALLOWED_HOSTS"] == []


def test_the_demo_needs_only_its_keys_and_works_over_plain_http(tmp_path):
    keys = {name: PRODUCTION[name] for name in ("SECRET_KEY", "FIELD_KEYS")}
    found = json.loads(start(tmp_path, keys | {"DEMO": "1", "PORT": "8123"}).stdout)
    assert found["SITE_URL"] == "http://localhost:8123"
    assert found["DRAFT_COOKIE_NAME"] == "draft_8123"
    assert not any(found[name] for name in ("SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"))
    assert not found["DEBUG"]


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / ".env").write_text("SITE_URL=https://file.example\nI_ACCEPT_NOT_READY=1\n")
    environment = {name: value for name, value in PRODUCTION.items() if name != "I_ACCEPT_NOT_READY"}
    assert json.loads(start(tmp_path, environment).stdout)["SITE_URL"] == "https://portal.example"
    del environment["SITE_URL"]
    assert json.loads(start(tmp_path, environment).stdout)["SITE_URL"] == "https://file.example"
