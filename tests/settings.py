"""The portal's settings, with nothing of the machine in them but DATABASE_URL, and quicker where nobody can tell."""

import atexit
import os
import tempfile

DATA = tempfile.TemporaryDirectory(prefix="portal-tests-")
atexit.register(DATA.cleanup)

CHOSEN = "CACHE_URL EMAIL_URL SITE_URL ALLOWED_HOSTS TIME_ZONE LANGUAGE_CODE DATE_STYLE PORT DEBUG MAIL_FROM"
for name in CHOSEN.split():
    os.environ.pop(name, None)
os.environ.update(
    DATA_DIR=DATA.name,
    DEMO="1",
    SECRET_KEY="a key for tests, long enough to raise no warning of any kind",
    FIELD_KEYS="dGVzdHMgaGF2ZSBhIGtleSBvZiB0aGVpciBvd24uLi4=",
)

from portal.settings import *  # noqa: E402, F403

CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "pages")
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    "outbox": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []},
}

# WhiteNoise would look up every static file anew for each test client; live servers do without it.
WHITENOISE_USE_FINDERS = False
