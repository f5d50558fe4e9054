"""Every kind of page is correct HTML, hangs together, asks nobody else for anything, and arrives light."""

import functools
import re
from collections import Counter
from urllib.parse import urlsplit

import brotli
import html5lib
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from education.models import ArticlePage, Treatment
from portal import page_cache
from portal.management.commands import trim_bootstrap
from tests.factories import PROCEDURE, DraftFactory, SubmissionFactory, complete_answers, hopes
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
    "treatments": ("nobody", "/treatments/"),
    "comparison": ("nobody", "/treatments/?t=cellfina&t=acoustic-wave&t=home-micro-needling"),
    "comparison, too much asked": ("nobody", "/treatments/?t=" + "&t=".join("abcdefghij") + "&t=creams&t=collagenase"),
    "print pack": ("nobody", "/print/"),
    "privacy": ("nobody", "/privacy/"),
    "accessibility": ("nobody", "/accessibility/"),
    "how we write": ("nobody", "/how-we-write/"),
    "urgent signs": ("nobody", "/urgent/"),
    "search": ("nobody", "/search/"),
    "search, found": ("nobody", "/search/?q=cellulite&page=2"),
    "search, put right": ("nobody", "/search/?q=celulite"),
    "search, not found": ("nobody", "/search/?q=<b>celulight"),
    "search, one topic": ("nobody", "/search/?q=needle&topic=micro-needling"),
    "was it clear": ("nobody", f"/clear{ARTICLE}"),
    "was it clear, left open": ("nobody", f"/clear{ARTICLE}", {"text": "x" * 1001}),
    "thanks": ("nobody", f"/clear{ARTICLE}thanks/"),
    "go-live list, printed": ("editor", "/cms/reports/go-live/print/"),
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
    "start, chosen and gone": ("gone", "/intake/"),
    "step, chosen and gone": ("gone", "/intake/health/"),
    "treatments step, chosen and gone": ("gone", "/intake/treatments/"),
    "check, chosen and gone": ("gone", "/intake/check/"),
    "done, chosen and gone": ("sent gone", "/intake/done/"),
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
    "withdrawn": ("nurse", "/staff/withdrawn/"),
    "form": ("nurse", "{form}"),
    "form, ill": ("practitioner", "{ill}"),
    "form, chosen and gone": ("practitioner", "{gone}"),
    "comment, left open": ("nurse", "{form}comment/", {}),
    "move, left open": ("nurse", "{form}move/", {}),
    "not for this role": ("editor", "/staff/"),
}
WITHOUT_CONTEXT = ("400.html", "500.html", "503.html")

REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "headers")
LOADED = {"link": "href", "script": "src", "img": "src", "use": "href", "source": "srcset", "iframe": "src"}
TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?([+-]\d\d:?\d\d|Z))?")
LIMIT = 60_000
REQUESTS = 8
HEADERS = 450  # bytes that an answer takes before its body


class Site(World):
    def __init__(self):
        super().__init__()
        ill = complete_answers({"urgent-signs": ["one-leg", "breathless"], "goal": "eliminate", "by-when": "4-weeks"})
        DraftFactory(token="ill", answers=ill)
        self.ill = SubmissionFactory(token="sent ill", answers=ill, notes=5)
        # Qwo is withdrawn in the starter content.
        gone = complete_answers({"considering": ["collagenase", "creams"]}) | PROCEDURE
        gone |= hopes("collagenase") | hopes("creams")
        DraftFactory(token="gone", answers=gone)
        self.gone = SubmissionFactory(token="sent gone", answers=gone, names_withdrawn=True)
        tokens = ("ill", "sent ill", "gone", "sent gone")
        self.cookies |= {token: {settings.DRAFT_COOKIE_NAME: token} for token in tokens}

    def text(self, visitor, address, posted=None):
        """The HTML of a page."""
        forms = {"form": self.sent, "ill": self.ill, "gone": self.gone}
        address = address.format(**{name: form.get_absolute_url() for name, form in forms.items()})
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
    """What the policy would block, or what could run. A block of data is neither."""
    for element in document.iter():
        runs = element.tag == "script" and element.get("type") != "application/ld+json"
        if element.tag == "style" or (runs and not element.get("src")):
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


def test_the_first_view_of_every_page_to_read_is_light():
    site, heavy = Site(), []
    for address in read_addresses():
        text = site.text("nobody", address)
        weights = {address: len(page_cache.ENCODERS["br"](text.encode()))}
        weights |= {path: packed(path) for path in fetched(parse_errors(text)[0])}
        if len(weights) > REQUESTS or sum(weights.values()) + HEADERS * len(weights) > LIMIT:
            heavy.append(f"{len(weights)} requests, {sum(weights.values())} bytes and headers: {weights}")
    assert not heavy, "\n".join(heavy)


def read_addresses():
    """Every page that is read, the pack aside, which is there to be printed."""
    articles = [article.url for article in ArticlePage.objects.live()]
    records = [record.get_absolute_url() for record in Treatment.objects.filter(live=True)]
    assert len(articles) == 16 and records
    others = [PAGES[name][1] for name in ("comparison", "privacy", "accessibility", "how we write", "urgent signs")]
    return ["/", "/learn/", "/treatments/", "/search/", "/search/?q=needle", *articles, *records, *others]


def fetched(document):
    """The paths of the static files that a browser fetches for a page. The icon of its tab is the logo on the page."""
    paths = set()
    for element in document.iter():
        address = element.get(LOADED.get(element.tag, ""), "")
        if address.startswith(settings.STATIC_URL) and element.get("rel") != "icon":
            paths.add(urlsplit(address.removeprefix(settings.STATIC_URL)).path)
    return paths


@functools.cache
def packed(path):
    """The bytes of a static file as WhiteNoise has packed it."""
    with open(finders.find(path), "rb") as file:
        return len(brotli.compress(file.read()))


def test_pages_to_read_load_all_of_bootstrap_that_they_use():
    """The trimmed file has every rule about a class that any of them has."""
    trimmed, whole = (path.read_text() for path in (trim_bootstrap.READING, trim_bootstrap.WHOLE))
    known, kept = (set(trim_bootstrap.CLASS.findall(css)) for css in (whole, trimmed))
    documents = {name: parse_errors(text)[0] for name, text in Site().texts()}
    lost = {
        f"{name}: {lost}"
        for name, document in documents.items()
        if "bootstrap-reading" in " ".join(link.get("href", "") for link in document.iter("link"))
        for element in document.iter()
        for lost in known.intersection(element.get("class", "").split()) - kept
    }
    assert not lost, "\n".join(sorted(lost))
