"""What is measured: each case knows its requests, and how a right answer looks."""

import json
import secrets
from collections import deque
from itertools import count, repeat
from urllib.parse import urlencode
from urllib.request import urlopen

from django.conf import settings
from django.urls import reverse

from bench import answers
from bench.load import body_length, get, post
from intake.actions import key_of
from intake.models import Draft, QuestionnaireVersion, Submission, compiled

CONNECTIONS = 64
STEP = "goals"
ARTICLE = "/learn/what-is-cellulite/"
WORDS = "A row of some length, as a list of articles might print it below its title."
CSRF = secrets.token_hex(16)


class Case:
    aim = None  # (name of the case that it is compared with, least ratio)
    same_length = False  # of all answers, so that nobody has to look for their end


class Insert(Case):
    name = "insert"
    expected = (b"HTTP/1.1 201 ",)

    def sources(self, seconds):
        body = json.dumps({f"question-{number}": "x" * 80 for number in range(20)}).encode()
        return [repeat(post("/", body, "application/json"))] * CONNECTIONS


class Step(Case):
    name, aim = "step", ("insert", 0.5)
    expected = (b"HTTP/1.1 302 ", b"\nlocation: /intake/")

    def __init__(self):
        self.form = Form()
        draft = answers.before(STEP, self.form.questionnaire, self.form.answers)
        given = answers.of_step(STEP, self.form.questionnaire, self.form.answers)
        path = reverse("intake:step", args=[STEP])
        self.requests = [_post(path, token, given) for token in self.form.seed(CONNECTIONS, draft)]

    def sources(self, seconds):
        return [repeat(request) for request in self.requests]


class Submit(Case):
    name, aim = "submit", ("insert", 0.2)
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


class Page(Case):
    """A bare view that answers as many bytes."""

    name, same_length = "bare page", True
    expected = (b"HTTP/1.1 200 ",)

    def __init__(self, length):
        self.request = get(f"/page/{length}/")

    def sources(self, seconds):
        return [repeat(self.request)] * CONNECTIONS


class Kept(Page):
    """An article as nearly all visitors get it."""

    name, aim = "kept article", ("bare page", 1.5)
    expected = (b"HTTP/1.1 200 ", b"content-encoding: br")

    def __init__(self, port):
        self.request = get(ARTICLE, "Accept-Encoding: gzip, br")
        self.length = body_length(port, self.request)


class Template(Page):
    """A bare view with two queries and a template."""

    name, same_length = "two queries", False

    def __init__(self):
        self.request = get("/rows/")


class Cold(Case):
    """An article that nobody has kept: an address with a query never is."""

    name, aim = "cold article", ("two queries", 0.15)
    expected = (b"HTTP/1.1 200 ", b"content-encoding: gzip")

    def sources(self, seconds):
        requests = (get(f"{ARTICLE}?n={number}", "Accept-Encoding: gzip, br") for number in count())
        return [requests] * CONNECTIONS


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


def seed_rows(port):
    """What the bare template prints."""
    for number in range(40):
        body = json.dumps({"title": f"Row {number}", "text": WORDS}).encode()
        urlopen(f"http://127.0.0.1:{port}/", body).close()


def count_submissions():
    return Submission.objects.count()


def _post(path, token, given):
    fields = {link_id: "" if value is None else value for link_id, value in given.items()}
    body = urlencode({"csrfmiddlewaretoken": CSRF, **fields}, doseq=True).encode()
    cookies = f"{settings.CSRF_COOKIE_NAME}={CSRF}; {settings.DRAFT_COOKIE_NAME}={token}"
    return post(path, body, "application/x-www-form-urlencoded", cookies)
