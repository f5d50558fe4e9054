"""One door for everybody who works here."""

import pytest

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("nurse", "/staff/"),
        ("practitioner", "/staff/"),
        ("admin", "/staff/"),
        ("editor", "/cms/"),
        ("reviewer", "/cms/"),
    ],
)
def test_everybody_lands_at_home(client, role, home):
    user = UserFactory(role=role)
    user.set_password("a long pass phrase")
    user.save()
    answer = client.post(LOGIN, {"login": user.username, "password": "a long pass phrase"}, follow=True)
    assert answer.redirect_chain[-1] == (home, 302)
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["nurse", "nobody"])
def test_a_wrong_password_is_refused_without_saying_who_exists(client, name):
    UserFactory(username="nurse", role="nurse")
    answer = client.post(LOGIN, {"login": name, "password": "wrong"})
    assert answer.status_code == 422
    assert "The username and/or password you specified are not correct." in answer.content.decode()
    assert client.get("/staff/").status_code == 302


def test_an_empty_door_says_what_is_missing(client):
    answer = client.post(LOGIN, {})
    assert answer.status_code == 422
    assert answer.content.decode().count("This field is required.") >= 2
