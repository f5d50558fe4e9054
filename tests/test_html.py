"""Every kind of page is correct HTML, hangs together, asks nobody else for anything, and arrives light."""

import gzip
import re
from collections import Counter
from urllib.parse import urlsplit

import brotli
import html5lib
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from tests.factories import DraftFactory, SubmissionFactory, complete_answers
from tests.world import World

pytestmark = pytest.mark.django_db

ARTICLE = "/learn/micro-needling-for-cellulite/"
# visitor, address, and what is posted, if anything.
PAGES = {
    "home": ("nobody", "/"),
    "articles": ("nobody", "/learn/"),
    "article": ("nobody", ARTICLE),
    "other article": ("nobody", "/learn/what-is-micro-needling/"),
    "treatment": ("nobody", "/treatments/rf-micro-needling/"),
    "withdrawn treatment": ("nobody", "/treatments/collagenase/"),
    "privacy": ("nobody", "/privacy/"),
    "accessibility": ("nobody", "/accessibility/"),
    "how we write": ("nobody", "/how-we-write/"),
    "urgent signs": ("nobody", "/urgent/"),
    "not found": ("nobody", "/no-such-page/"),
    "start": ("nobody", "/intake/"),
    "start again": ("sent", "/intake/"),
    "start, go on": ("draft", "/intake/"),
    "privacy step": ("draft", "/intake/privacy/"),
    "urgent step": ("draft", "/intake/urgent/"),
    "about-you step": ("draft", "/intake/about-you/"),
    "contact step": ("draft", "/intake/contact/"),
    "what-you-see step": ("draft", "/intake/what-you-see/"),
    "goals step": ("draft", "/intake/goals/"),
    "treatments step": ("draft", "/intake/treatments/"),
    "privacy step, left open": ("draft", "/intake/privacy/", {}),
    "urgent step, left open": ("draft", "/intake/urgent/", {}),
    "about-you step, wrong": ("draft", "/intake/about-you/", {"full-name": "", "birth-date": "31/02/19"}),
    "what-you-see step, left open": ("draft", "/intake/what-you-see/", {}),
    "goals step, wrong": ("draft", "/intake/goals/", {"why-now": ["work", "rather-not-say"]}),
    "treatments step, left open": ("draft", "/intake/treatments/", {}),
    "advice": ("ill", "/intake/urgent/advice/"),
    "check": ("draft", "/intake/check/"),
    "done": ("sent", "/intake/done/"),
    "done, ill": ("sent ill", "/intake/done/"),
    "under 18": ("nobody", "/intake/stop/"),
    "sign in": ("nobody", "/accounts/login/"),
    "sign in, wrong": ("nobody", "/accounts/login/", {"login": "nurse", "password": "wrong"}),
    "sign out": ("nurse", "/accounts/logout/"),
    "sign-up": ("nobody", "/accounts/signup/"),
    "password": ("nurse", "/accounts/password/change/"),
    "password, wrong": ("nurse", "/accounts/password/change/", {}),
    "password forgotten": ("nobody", "/accounts/password/reset/"),
    "password link sent": ("nobody", "/accounts/password/reset/done/"),
    "password link too old": ("nobody", "/accounts/password/reset/key/1-no/"),
    "password again": ("nurse", "/accounts/reauthenticate/"),
    "account switched off": ("nobody", "/accounts/inactive/"),
    "queue": ("nurse", "/staff/"),
    "queue, doctor's": ("practitioner", "/staff/?team=doctor"),
    "queue, nothing found": ("nurse", "/staff/?team=doctor&status=closed"),
    "form": ("nurse", "{form}"),
    "form, ill": ("practitioner", "{ill}"),
    "comment, left open": ("nurse", "{form}comment/", {}),
    "move, left open": ("nurse", "{form}move/", {}),
    "not for this role": ("editor", "/staff/"),
}
WITHOUT_CONTEXT = ("400.html", "500.html", "503.html")

REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "headers")
LOADED = {"link": "href", "script": "src", "img": "src", "use": "href", "source": "srcset", "iframe": "src"}
TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?([+-]\d\d:?\d\d|Z))?")
LIMIT = 60_000


class Site(World):
    def __init__(self):
        super().__init__()
        ill = complete_answers({"urgent-signs": ["one-leg", "breathless"], "goal": "eliminate", "by-when": "4-weeks"})
        DraftFactory(token="ill", answers=ill)
        self.ill = SubmissionFactory(token="sent ill", answers=ill, notes=5)
        self.cookies |= {token: {settings.DRAFT_COOKIE_NAME: token} for token in ("ill", "sent ill")}

    def text(self, visitor, address, posted=None):
        """The HTML of a page."""
        address = address.format(form=self.sent.get_absolute_url(), ill=self.ill.get_absolute_url())
        response = self.ask(visitor, "GET" if posted is None else "POST", address, posted)
        assert response.headers["Content-Type"].startswith("text/html"), (address, response)
        return response.text

    def texts(self):
        yield from ((name, self.text(*page)) for name, page in PAGES.items())
        yield "form expired", self.ask("nobody", "POST", "/intake/", enforce_csrf_checks=True).text
        yield from ((name, get_template(name).render()) for name in WITHOUT_CONTEXT)


def parse_errors(text):
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document = parser.parse(text)
    lines = ["", *text.splitlines(), ""]
    for element in document.iter():
        element.tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "comment"
    return document, [f"{code}: {lines[line].strip()}" for (line, _column), code, _data in parser.errors]


def dangling(document, ids):
    """References to ids that the page does not have."""
    for element in document.iter():
        for name in REFERENCES:
            missing = set(element.get(name, "").split()) - ids
            yield from (f"{name} of <{element.tag}> names #{one}" for one in missing)
        href = element.get("href", "")
        if href.startswith("#") and href[1:] not in ids:
            yield f"<{element.tag}> links to {href}"


def inline(document):
    """What the policy would block, or what could run."""
    for element in document.iter():
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"inline <{element.tag}>"
        for name, value in element.attrib.items():
            if name == "style" or name.startswith("on"):
                yield f"{name} on <{element.tag}>"
            if value.strip().lower().startswith(("javascript:", "data:")):
                yield f"{name}={value} on <{element.tag}>"


def foreign(document):
    """What a browser would fetch from somebody else."""
    for element in document.iter():
        address = element.get(LOADED.get(element.tag, ""), "")
        if urlsplit(address).netloc and element.get("rel") != "canonical":
            yield f"<{element.tag}> loads {address}"


def unreadable_times(document):
    """Times that a browser can't read, such as those with a millionth of a second."""
    for time in document.iter("time"):
        if not TIME.fullmatch(time.get("datetime", "")):
            yield f"datetime {time.get('datetime')}"


def incomplete(name, document):
    """What every page must have once."""
    if document.find(".").get("lang") != settings.LANGUAGE_CODE:
        yield "no language"
    for tag in ("h1", "main", "title"):
        if len(document.findall(f".//{tag}")) != 1:
            yield f"{len(document.findall(f'.//{tag}'))} <{tag}>"
    title = document.findtext(".//title", "").strip()
    if "Before your visit" not in title or title.startswith("Error:") != name.endswith((", wrong", ", left open")):
        yield f"title “{title}”"


def faults(name, text):
    document, found = parse_errors(text)
    ids = Counter(element.get("id") for element in document.iter() if element.get("id") is not None)
    found += [f"id {one} occurs {count} times" for one, count in ids.items() if count > 1]
    return found + [
        *dangling(document, set(ids)),
        *inline(document),
        *foreign(document),
        *unreadable_times(document),
        *incomplete(name, document),
    ]


def test_every_page_is_correct_html():
    wrong = [f"{name}: {fault}" for name, text in Site().texts() for fault in faults(name, text)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("address", ["/", ARTICLE])
def test_the_first_view_is_light(address):
    """HTML as our middleware packs it, the rest as WhiteNoise has packed it: what a phone fetches to show the page."""
    text = Site().text("nobody", address)
    document, _errors = parse_errors(text)
    weights = {address: len(gzip.compress(text.encode(), 6))}
    weights |= {path: len(brotli.compress(_static(path))) for path in fetched(document)}
    assert sum(weights.values()) <= LIMIT, weights


def fetched(document):
    """The paths of the static files that a browser fetches for a page."""
    paths = set()
    for element in document.iter():
        address = element.get(LOADED.get(element.tag, ""), "")
        if address.startswith(settings.STATIC_URL) and element.get("type") != "image/svg+xml":
            paths.add(urlsplit(address.removeprefix(settings.STATIC_URL)).path)
    return paths


def _static(path):
    with open(finders.find(path), "rb") as file:
        return file.read()
