import pytest
from django.db import transaction

from education import starter_content


@pytest.fixture(scope="module")
def starter(django_db_setup, django_db_blocker):
    """The starter content of the demo, loaded once for all tests of a module; each still gets it untouched."""
    with django_db_blocker.unblock(), transaction.atomic():
        starter_content.load()
        yield
        transaction.set_rollback(True)
