import pytest

from portal.roles import NURSE
from tests.factories import UserFactory


@pytest.fixture
def nurse(db):
    return UserFactory(role=NURSE, first_name="Rana", last_name="Haddad")


@pytest.fixture
def as_nurse(client, nurse):
    """A browser in which the nurse has signed in."""
    client.force_login(nurse)
    return client
