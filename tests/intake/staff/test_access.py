"""Who may come in: every staff address, asked for by everybody, by GET and by POST."""

from urllib.parse import quote

import pytest
from django.urls import reverse

from intake.models import AccessLog, Comment, Status, StatusChange, Submission
from intake.staff.urls import urlpatterns
from portal.roles import ADMIN, EDITOR, NURSE, PRACTITIONER, REVIEWER
from tests.factories import SubmissionFactory, UserFactory

CARE, CONTENT = (NURSE, PRACTITIONER, ADMIN), (EDITOR, REVIEWER, "")
NAMES = [pattern.name for pattern in urlpatterns]
OF_NONE = ("queue", "withdrawn", "tablet")
OF_ONE_FORM = [name for name in NAMES if name not in OF_NONE]
CHANGES = ["claim", "move", "comment"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission():
    return SubmissionFactory()


def address(name, reference):
    return reverse(f"staff:{name}", args=[] if name in OF_NONE else [reference])


def untouched():
    return (
        Submission.objects.get().status == Status.NEW
        and StatusChange.objects.count() == 1
        and not Comment.objects.exists()
        and not AccessLog.objects.exists()
    )


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("name", NAMES)
def test_nobody_in_particular_is_sent_to_sign_in(client, submission, name, method):
    url = address(name, submission.reference)
    response = getattr(client, method)(url)
    assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next={quote(url)}")
    assert untouched()


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("role", CONTENT)
@pytest.mark.parametrize("name", NAMES)
def test_who_does_not_care_for_patients_is_refused(client, submission, name, role, method):
    client.force_login(UserFactory(role=role))
    response = getattr(client, method)(address(name, submission.reference))
    assert response.status_code == 403
    assert submission.full_name not in response.content.decode()
    assert untouched()


@pytest.mark.parametrize("role", CARE)
def test_care_staff_read_and_act(client, submission, role):
    client.force_login(UserFactory(role=role))
    assert client.get(address("queue", None)).status_code == 200
    assert client.get(submission.get_absolute_url()).status_code == 200
    for name, data in {"claim": {}, "move": {"to": "ready"}, "comment": {"text": "Called."}}.items():
        response = client.post(address(name, submission.reference), data)
        assert (response.status_code, response.url) == (302, submission.get_absolute_url())
    assert Submission.objects.get().status == Status.READY


def test_who_has_left_is_nobody(client, submission):
    client.force_login(UserFactory(role=NURSE, is_active=False))
    assert client.get(submission.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", OF_ONE_FORM)
@pytest.mark.parametrize("reference", ["AAA-AAA", "aaa", "%00", "' OR 1=1", "é"])
def test_a_form_that_does_not_exist_is_not_found(as_nurse, submission, name, reference, method):
    url = address(name, "REFERENCE").replace("REFERENCE", quote(reference, safe="%"))
    assert getattr(as_nurse, method)(url).status_code == 404


@pytest.mark.parametrize("name", CHANGES)
def test_a_get_changes_nothing_and_shows_the_form(as_nurse, submission, name):
    response = as_nurse.get(address(name, submission.reference), {"to": "ready", "text": "Called."})
    assert (response.status_code, response.url) == (302, submission.get_absolute_url())
    assert untouched()


@pytest.mark.parametrize("name", ["queue", "detail"])
def test_pages_to_read_take_no_post(as_nurse, submission, name):
    assert as_nurse.post(address(name, submission.reference)).status_code == 405


def test_nothing_of_a_patient_stays_in_a_cache(as_nurse, submission):
    for name in ("queue", "detail"):
        assert "no-store" in as_nurse.get(address(name, submission.reference))["Cache-Control"]


def test_only_who_may_edit_is_shown_the_way_to_the_content(client, submission):
    for role, shown in {NURSE: False, PRACTITIONER: False, ADMIN: True}.items():
        client.force_login(UserFactory(role=role))
        assert ('href="/cms/"' in client.get(address("queue", None)).content.decode()) == shown
