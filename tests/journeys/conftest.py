import pytest

from tests.journeys.pages import DESK, PHONE, Patient
from tests.world import World


@pytest.fixture(scope="session")
def base_url(django_db_setup, live_server):
    """What every address of a journey is below. The database is named first, so that it outlives the server."""
    return live_server.url


@pytest.fixture
def world(live_server):
    return World()


@pytest.fixture
def person(new_context):
    """person(Patient, PHONE): somebody with a browser of their own. At the end no page may have complained."""
    people = []

    def make(kind, screen=DESK, **options):
        context = new_context(**screen, **options)
        context.set_default_timeout(10_000)
        people.append(kind(context.new_page()))
        return people[-1]

    yield make
    assert [trouble for one in people for trouble in one.troubles] == []


@pytest.fixture
def patient(person):
    return person(Patient, PHONE)
