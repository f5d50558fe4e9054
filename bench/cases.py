"""What is measured: each case knows its requests, and how a right answer looks."""

import json
import secrets
from collections import deque
from itertools import repeat
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from bench import answers
from bench.load import post
from intake.actions import key_of
from intake.models import Draft, QuestionnaireVersion, Submission, compiled

CONNECTIONS = 64
STEP = "goals"
CSRF = secrets.token_hex(16)


class Insert:
    name, letter = "insert", "c"
    expected = (b"HTTP/1.1 201 ",)

    def sources(self, seconds):
        body = json.dumps({f"question-{number}": "x" * 80 for number in range(20)}).encode()
        return [repeat(post("/", body, "application/json"))] * CONNECTIONS


class Step:
    name, letter = "step", "a"
    expected = (b"HTTP/1.1 302 ", b"\nlocation: /intake/")

    def __init__(self):
        self.form = Form()
        draft = answers.before(STEP, self.form.questionnaire, self.form.answers)
        given = answers.of_step(STEP, self.form.questionnaire, self.form.answers)
        path = reverse("intake:step", args=[STEP])
        self.requests = [_post(path, token, given) for token in self.form.seed(CONNECTIONS, draft)]

    def sources(self, seconds):
        return [repeat(request) for request in self.requests]


class Submit:
    name, letter = "submit", "b"
    expected = (b"HTTP/1.1 302 ", b"\nlocation: " + reverse("intake:done").encode())
    most = 1000  # a second; a round that runs out of Drafts just ends early

    def __init__(self):
        self.form, self.requests = Form(), deque()

    def sources(self, seconds):
        """Each Draft is handed in once, and those that are left over in the next round."""
        missing = int(self.most * seconds) - len(self.requests)
        tokens = self.form.seed(max(0, missing), self.form.answers)
        self.requests.extend(_post(reverse("intake:check"), token, {}) for token in tokens)
        return [iter(self._next, None)] * CONNECTIONS

    def _next(self):
        return self.requests.popleft() if self.requests else None


class Form:
    """The published form, answered."""

    def __init__(self):
        self.version_id = QuestionnaireVersion.current_id()
        self.questionnaire = compiled(self.version_id)
        self.answers = answers.complete(self.questionnaire)

    def seed(self, count, answers):
        """The tokens of new Drafts with these answers."""
        tokens = [secrets.token_urlsafe(32) for _number in range(count)]
        drafts = (Draft(key=key_of(token), version_id=self.version_id, answers=answers) for token in tokens)
        Draft.objects.bulk_create(drafts, batch_size=500)
        return tokens


def count_submissions():
    return Submission.objects.count()


def _post(path, token, given):
    fields = {link_id: "" if value is None else value for link_id, value in given.items()}
    body = urlencode({"csrfmiddlewaretoken": CSRF, **fields}, doseq=True).encode()
    cookies = f"{settings.CSRF_COOKIE_NAME}={CSRF}; {settings.DRAFT_COOKIE_NAME}={token}"
    return post(path, body, "application/x-www-form-urlencoded", cookies)
