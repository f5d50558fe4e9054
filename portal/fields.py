"""The one field that encrypts: any JSON value in Python, a Fernet token in the database."""

import json
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models


@cache
def _box(keys):
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("FIELD_KEYS holds a key that is no Fernet key. See docs/operations.md.") from error


def box():
    """The first of FIELD_KEYS encrypts, all of them decrypt: that is how keys are rotated."""
    return _box(tuple(settings.FIELD_KEYS))


class EncryptedField(models.Field):
    """Holds any JSON value (a text, a list, a dict). It can't be searched, sorted or compared in the database."""

    def get_internal_type(self):
        return "TextField"

    def get_prep_value(self, value):
        if value is None:
            return None
        return box().encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()

    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        try:
            return json.loads(box().decrypt(value.encode()))
        except InvalidToken as error:
            raise ImproperlyConfigured(
                f"None of FIELD_KEYS opens {self.model._meta.label}.{self.name}: is the key that wrote it missing?"
            ) from error

    def get_lookup(self, lookup_name):
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.name} is encrypted: it can't be looked up by {lookup_name}.")

    def formfield(self, **kwargs):
        return None
