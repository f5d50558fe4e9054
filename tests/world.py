"""A portal as people find it: the starter content, one account a role, a form on its way and a form handed in."""

from django.conf import settings
from django.db import transaction
from django.test import Client

from portal.roles import ROLES
from tests.factories import DraftFactory, SubmissionFactory, UserFactory
from tests.snapshot import load_starter_content

# Nobody's cookie, a patient who is filling in, a patient who has sent, and the five roles.
VISITORS = ("nobody", "draft", "sent", *ROLES)


class World:
    def __init__(self, **answers):
        load_starter_content()
        self.staff = {role: UserFactory(username=role, role=role) for role in ROLES}
        DraftFactory(token="a draft", **answers)
        self.sent = SubmissionFactory(token="a sent form", **answers)
        tokens = {"draft": "a draft", "sent": "a sent form"}
        self.cookies = {"nobody": {}}
        self.cookies |= {visitor: {settings.DRAFT_COOKIE_NAME: token} for visitor, token in tokens.items()}
        self.cookies |= {role: {settings.SESSION_COOKIE_NAME: _session_of(user)} for role, user in self.staff.items()}

    def client(self, visitor, **options):
        """A fresh client with the visitor's cookies. A fault of the server is an answer: 500."""
        client = Client(raise_request_exception=False, **options)
        client.cookies.load(self.cookies[visitor])
        return client

    def ask(self, visitor, method, address, data=None, **options):
        """What the visitor gets. Whatever it changed is undone."""
        client = self.client(visitor, **options)
        with transaction.atomic():
            response = getattr(client, method.lower())(address, data)
            transaction.set_rollback(True)
        return response


def _session_of(user):
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client.cookies[settings.SESSION_COOKIE_NAME].value
