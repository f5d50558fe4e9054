"""Public pages, kept whole: in the memory of each process, and in a cache that all processes share.

Outermost of all, so that a page that is kept costs no query, no template and no other middleware. A page is worth what
the stamp of content is (portal/stamp.py). Nothing personal gets in: only what a visitor without a session reads, at an
address without a query, and only answers that set no cookie and depend on none.
"""

import gzip
import hashlib
import logging
import time
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urlsplit

import brotli
from django.conf import settings
from django.core.cache import caches
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils import timezone, translation

from portal import stamp

MOST_IN_MEMORY = 400  # pages; a long article takes about 80 kB with its compressed forms
LIFETIME = 300  # seconds: what depends on the day (a review that is due) is at most this late
ENCODERS = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
    "": bytes,
}
# They belong to one answer, or are written anew.
NOT_KEPT = ("content-length", "content-encoding", "etag", "vary", "cache-control", "date")

logger = logging.getLogger(__name__)

_memory = {}


class Answer(NamedTuple):
    """What is sent, as WSGI wants it."""

    status: str
    headers: list
    body: bytes


class Form(NamedTuple):
    """A page in one encoding: whole, and as the short word to whoever has it already."""

    tag: str
    whole: Answer
    unchanged: Answer


class KeptPage(NamedTuple):
    stamp: int
    until: float
    forms: dict  # by encoding

    def answer(self, environ):
        form = self.forms[_best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))]
        if form.tag in environ.get("HTTP_IF_NONE_MATCH", ""):
            return form.unchanged
        return form.whole if environ["REQUEST_METHOD"] == "GET" else form.whole._replace(body=b"")


class PageCacheMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        page, started = find(request.META), stamp.current()
        if page is None:
            response = self.get_response(request)
            page = keep(request.META, response, started)
        return response if page is None else _response(page.answer(request.META))


def in_front_of(application):
    """A WSGI application that answers with a kept page before Django makes a request of it."""

    def answer(environ, start_response):
        page = find(environ)
        if page is None:
            return application(environ, start_response)
        status, headers, body = page.answer(environ)
        start_response(status, headers)
        return [body]

    return answer


def warm(paths):
    """Asks for these addresses as a visitor would, so that the first one who comes finds them kept."""
    if not paths or not stamp.settled():
        return
    handler = BaseHandler()
    handler.load_middleware()
    # The person who publishes may read another language, in another zone.
    with translation.override(settings.LANGUAGE_CODE), timezone.override(None):
        for path in paths:
            try:
                handler.get_response(WSGIRequest(_environ(path)))
            except Exception:
                logger.exception("%s could not be kept", path)


def find(environ):
    """The kept page that answers this request, or None. Asks no database."""
    key = _key(environ)
    if key is None:
        return None
    now = stamp.current()
    page = _memory.get(key)
    if page is None or page.stamp != now:
        page = caches["pages"].get(_shared_key(key, now))
        if page is None:
            return None
        _remember(key, page)
    return page if page.until > time.time() else None


def keep(environ, response, started):
    """Keeps an answer that anybody may have, and returns it as a page. `started`: the stamp of before it was made."""
    key = _key(environ)
    if key is None or not stamp.settled() or not _is_for_everybody(response):
        return None
    page = KeptPage(started, time.time() + LIFETIME, _forms(response))
    _remember(key, page)
    caches["pages"].set(_shared_key(key, started), page, LIFETIME)
    return page


def forget():
    _memory.clear()
    caches["pages"].clear()


def _environ(path):
    address = urlsplit(settings.SITE_URL)
    forwarded = {"HTTP_X_FORWARDED_PROTO": address.scheme} if settings.ALLAUTH_TRUSTED_PROXY_COUNT else {}
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "HTTP_HOST": address.netloc,
        "SERVER_NAME": address.hostname,
        "SERVER_PORT": str(address.port or ""),
        "wsgi.url_scheme": "http" if forwarded else address.scheme,
        "wsgi.input": BytesIO(),
        **forwarded,
    }


def _key(environ):
    """What tells one kept page from another, or None where a request has to be answered by itself."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("QUERY_STRING"):
        return None
    # No reader sends a body with a GET, and whoever has a session may see what others do not.
    if environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ:
        return None
    if settings.SESSION_COOKIE_NAME in environ.get("HTTP_COOKIE", ""):
        return None
    scheme = environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO")
    return scheme, environ.get("HTTP_HOST"), environ["PATH_INFO"]


def _shared_key(key, stamp_now):
    return hashlib.sha256(repr((stamp_now, key)).encode()).hexdigest()


def _is_for_everybody(response):
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and response.get("Content-Type", "").startswith("text/html")
        and "no-store" not in response.get("Cache-Control", "")
        and "cookie" not in response.get("Vary", "").lower()
    )


def _forms(response):
    """Browsers ask again each time, and are told in a few bytes that nothing has changed."""
    shared = [(name, value) for name, value in response.items() if name.lower() not in NOT_KEPT]
    shared += [("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding")]
    body = response.content
    if response.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return {encoding: _form(shared, encoding, encode(body)) for encoding, encode in ENCODERS.items()}


def _form(shared, encoding, body):
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = [*shared, ("ETag", tag)]
    about_body = [("Content-Length", str(len(body)))] + ([("Content-Encoding", encoding)] if encoding else [])
    return Form(tag, Answer("200 OK", headers + about_body, body), Answer("304 Not Modified", headers, b""))


def _best_encoding(accepted):
    for encoding in ("br", "gzip"):
        if encoding in accepted and f"{encoding};q=0" not in accepted.replace(" ", ""):
            return encoding
    return ""


def _response(answer):
    return HttpResponse(answer.body, status=int(answer.status[:3]), headers=dict(answer.headers))


def _remember(key, page):
    while len(_memory) >= MOST_IN_MEMORY:
        _memory.pop(next(iter(_memory)), None)
    _memory[key] = page
