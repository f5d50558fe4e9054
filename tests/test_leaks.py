"""What a patient types is readable in one place only: behind the keys, in the database.

A real server and a real worker serve a patient who makes mistakes and staff who answer; then everything that they left
behind is searched for what was typed, in every form that a program might have given it.
"""

import base64
import email
import html
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email import policy
from http.cookiejar import CookieJar
from urllib.parse import quote, quote_plus, unquote, urlencode, urlsplit

import pytest
from django.conf import global_settings
from django.contrib.sessions.models import Session
from django.db import connection

from education.models import Feedback
from intake.models import Draft, Submission
from tests.factories import PASSWORD, UserFactory
from tests.snapshot import load_starter_content

NAME, BORN, ADDRESS, PHONE = "Zsófia Quillfeather", "1971-02-13", "zsofia.quillfeather@patient.example", "07700 900417"
HOPE = "Ohne Grübchen möchte ich im Ostseebad »Kühlungsborn« spazieren gehen."
HELP = "Bitte eine Dolmetscherin für Gebärdensprache, und ein ruhiges Zimmer."
HEALTH = "Marcumar seit der Lungenembolie 2019, Narben werden wulstig."
QUESTION = "Darf meine Freundin Ildikó während der Behandlung meine Hand halten?"
COMMENT = "Frau Q. weint am Telefon; ich rufe Donnerstag nochmals an."
REASON = "Möchte erst mit ihrer Schwester Eszter sprechen."
UNCLEAR = "Bei meiner Venenklappe hilft mir diese Seite keineswegs."
MISTYPED = ["13th of Feb '71", "zsofia.quillfeather(at)patient", "seven-seven-hundred", "my-cat-is-called-Paprika"]
TYPED = [
    *(NAME, *NAME.split(), ADDRESS, ADDRESS.split("@")[0], HOPE, HELP, HEALTH, QUESTION, COMMENT, REASON, UNCLEAR),
    *MISTYPED,
    *(BORN, "19710213", "13/02/1971", "13.02.1971", "02/13/1971", "13 February 1971", "13 Feb 1971", "Feb. 13, 1971"),
    *(PHONE, PHONE.replace(" ", ""), "7700900417"),
]
# What was chosen stands in the form's own words and in the evidence, but nowhere beside a patient.
CHOSEN = ["one-leg", "breathless", "spreading-skin", "fewer-dents", "Fewer or softer dents", "One leg newly swollen"]
CHOSEN += ["cellfina", "blood-thinner", "Blood thinner", "keloid", "over-3h", "High distress", "Hopes for a permanent"]
OURS = ("intake_", "portal_", "django_", "account_", "leak_")
RULES = ("intake_questionnaireversion", "intake_note", "intake_route")

FEEDBACK = "/clear/learn/what-is-cellulite/"
STEPS = {
    "privacy": {"consent-care": "true"},
    "urgent": {"urgent-signs": ["one-leg", "breathless", "spreading-skin"]},
    "about-you": {"full-name": NAME, "birth-date": BORN, "contact-by": "email", "visit-help": HELP},
    "contact": {"email": ADDRESS},
    "what-you-see": {"self-rating": "unsure", "pattern": "unsure", "legs-pattern": "unsure"},
    "goals": {
        "goal-own-words": HOPE,
        "goal": "fewer-dents",
        "by-when": "no-rush",
        "visits-ok": "few",
        "why-now": "rather-not-say",
    },
    "treatments": {"considering": "cellfina"},
    "hope-1": {
        "hope-cellfina-change": "gone",
        "hope-cellfina-lasts": "permanent",
        "hope-cellfina-bruising": "few-days",
    },
    "tried": {"tried": "nothing"},
    "health": {
        "pregnancy": "trying",
        "medicines": "blood-thinner",
        "conditions": "keloid",
        "weight-plan": "lose",
        "health-notes": HEALTH,
    },
    "devices": {"implants": "electronic", "allergies": "latex"},
    "skin": {"skin-now": "cold-sores", "dark-marks": "yes", "sun": "yes", "nicotine": "yes", "recent-procedure": "no"},
    "feelings": {"bother": "9", "time-thinking": "over-3h", "avoids": "often", "food-worry": "yes"},
    "questions": {"top-questions": "risks", "own-question": QUESTION},
}


class Portal:
    """A server of its own on the test's database, with its own cache, mails and logs in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url(),
            "CACHE_URL": "dbcache://leak_cache",
            "PORT": str(self.port),
        }

    def __enter__(self):
        self.manage("createcachetable")
        web = "granian --interface wsgi --host 127.0.0.1 --blocking-threads 1 --no-ws --access-log --log-level debug"
        with open(self.folder / "web.log", "wb") as log:
            command = [sys.executable, "-m", *web.split(), "--port", str(self.port), "portal.wsgi:application"]
            self.web = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self.answers():
            assert time.monotonic() < deadline, (self.folder / "web.log").read_text()
            time.sleep(0.1)
        return self

    def __exit__(self, *error):
        self.web.terminate()
        self.web.wait(30)

    def manage(self, *command):
        with open(self.folder / f"{command[0]}.log", "ab") as log:
            manage = [sys.executable, "manage.py", *command]
            subprocess.run(manage, env=self.environment, stdout=log, stderr=log, check=True)

    def answers(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz").status == 200
        except urllib.error.URLError:
            return False


def database_url():
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


class Visitor:
    """A browser that remembers its cookies and every address that it saw."""

    def __init__(self, portal):
        self.base = f"http://127.0.0.1:{portal.port}"
        self.cookies = CookieJar()
        self.addresses = []
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), StayHere)

    def get(self, path, data=None):
        try:
            response = self.opener.open(self.base + path, data)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            self.status, self.text = response.status, response.read().decode()
        self.addresses += [path, response.headers.get("Location", "")]
        return response.headers.get("Location")

    def post(self, path, fields=(), page=None):
        self.get(page or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.text)
        fields = dict(fields) | ({"csrfmiddlewaretoken": token[1]} if token else {})
        return self.get(path, urlencode(fields, doseq=True).encode())


def a_patient_makes_mistakes_and_sends(portal):
    patient = Visitor(portal)
    patient.post("/intake/")
    for step in ("privacy", "urgent"):
        patient.post(f"/intake/{step}/", STEPS[step])
    patient.get("/intake/urgent/advice/")
    patient.post("/intake/about-you/", STEPS["about-you"] | {"birth-date": MISTYPED[0]})
    patient.post("/intake/about-you/", STEPS["about-you"] | {"contact-by": "text"})
    for phone in (MISTYPED[2], PHONE):
        patient.post("/intake/contact/", {"phone": phone})
    patient.post("/intake/about-you/", STEPS["about-you"])
    patient.post("/intake/contact/", {"email": MISTYPED[1]})
    for step in ("contact", "what-you-see"):
        patient.post(f"/intake/{step}/", STEPS[step])
    patient.post("/intake/goals/", STEPS["goals"] | {"goal": HELP})
    assert patient.status == 422
    patient.post("/intake/goals/later/", STEPS["goals"], page="/intake/goals/")
    for step in list(STEPS)[list(STEPS).index("treatments") :]:
        patient.post(f"/intake/{step}/", STEPS[step])
    patient.get("/intake/goals/", urlencode(STEPS["goals"]).encode())
    assert patient.status == 403
    patient.get("/intake/check/")
    assert NAME in html.unescape(patient.text)
    assert patient.post("/intake/check/") == "/intake/done/"
    patient.get("/intake/done/")
    return patient


def a_child_and_a_hesitant_patient_leave_nothing(portal):
    child, hesitant = Visitor(portal), Visitor(portal)
    child.post("/intake/")
    for step, given in {"privacy": {}, "urgent": {"urgent-signs": "none"}}.items():
        child.post(f"/intake/{step}/", STEPS[step] | given)
    assert child.post("/intake/about-you/", STEPS["about-you"] | {"birth-date": "2019-09-19"}) == "/intake/stop/"
    hesitant.post("/intake/")
    for step in STEPS:
        hesitant.post(f"/intake/{step}/", STEPS[step])
    hesitant.post("/intake/delete/", page="/intake/check/")
    assert not Draft.objects.exists()
    return child, hesitant


def a_reader_says_what_is_not_clear_and_an_editor_reads_it(portal):
    reader, editor = Visitor(portal), Visitor(portal)
    reader.post(FEEDBACK, {"text": UNCLEAR})
    assert reader.status == 422
    assert reader.post(FEEDBACK, {"clear": "no", "text": UNCLEAR}) == f"{FEEDBACK}thanks/"
    editor.post("/accounts/login/", {"login": "editor", "password": PASSWORD})
    said = Feedback.objects.get()
    editor.get(f"/cms/snippets/education/feedback/inspect/{said.pk}/")
    assert UNCLEAR in html.unescape(editor.text)
    editor.post(f"/cms/snippets/education/feedback/edit/{said.pk}/", {"seen": "on"})
    said.refresh_from_db()
    assert said.seen
    return reader, editor


def staff_answer(portal, submission):
    doctor, page = Visitor(portal), submission.get_absolute_url()
    for password in (MISTYPED[3], PASSWORD):
        doctor.post("/accounts/login/", {"login": "practitioner", "password": password})
    doctor.get("/staff/")
    assert NAME in html.unescape(doctor.text)
    doctor.post(f"{page}claim/", page=page)
    doctor.post(f"{page}comment/", {"text": COMMENT}, page=page)
    doctor.post(f"{page}move/", {"to": "not-a-status", "reason": REASON}, page=page)
    assert doctor.status == 422
    doctor.post(f"{page}move/", {"to": "call-first", "reason": REASON}, page=page)
    doctor.get(page)
    assert COMMENT in html.unescape(doctor.text)
    assert REASON in html.unescape(doctor.text)
    return doctor


@pytest.mark.django_db(transaction=True)
def test_what_a_patient_types_stays_behind_the_keys(tmp_path, settings):
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    load_starter_content()
    UserFactory(username="practitioner", role="practitioner")
    UserFactory(username="editor", role="editor")
    try:
        with Portal(tmp_path) as portal:
            people = [
                a_patient_makes_mistakes_and_sends(portal),
                *a_child_and_a_hesitant_patient_leave_nothing(portal),
                *a_reader_says_what_is_not_clear_and_an_editor_reads_it(portal),
            ]
            submission = Submission.objects.get()
            portal.manage("db_worker", "--backend", "outbox", "--queue-name", "*", "--batch", "--no-reload")
            people.append(staff_answer(portal, submission))
        assert (submission.full_name, submission.answers["goal-own-words"]) == (NAME, HOPE)
        assert len(list((tmp_path / "mail").iterdir())) == 2
        outside = dict(files(tmp_path)) | dict(mails(tmp_path / "mail")) | dict(seen_by(people))
        assert b"/intake/about-you/" in outside["file web.log"]
        inside = dict(tables()) | dict(sessions()) | dict(database_files())
        beside = {name: text for name, text in inside.items() if name.startswith(OURS) and name not in RULES}
        found = leaks(TYPED, outside | inside) + leaks(CHOSEN, outside | beside)
        assert not found, "\n".join(found)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS leak_cache")


def files(folder):
    """All that the server and the worker wrote, logs first; the recipient's bare address stands in the mails."""
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name != "mail":
            yield f"file {path.name}", path.read_bytes()


def mails(folder):
    for path in folder.iterdir():
        letter = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        assert letter["To"] in (ADDRESS, "practitioner@clinic.example")
        del letter["To"]
        yield f"mail {path.name}", f"{letter.items()} {letter.get_content()}".encode()


def seen_by(people):
    for number, person in enumerate(people):
        yield f"cookies of {number}", " ".join(f"{one.name}={unquote(one.value)}" for one in person.cookies).encode()
        yield f"addresses of {number}", " ".join(map(unquote, person.addresses)).encode()


def tables():
    """Every value of every row, and what it says when it is packed in Base64, as the cache's are."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            values = [str(value) for row in cursor.fetchall() for value in row if value is not None]
            yield table, b"\n".join([value.encode() for value in values] + [unpacked(value) for value in values])


def unpacked(value):
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return b""


def sessions():
    for number, session in enumerate(Session.objects.all()):
        yield f"django_session opened {number}", str(session.get_decoded()).encode()


def database_files():
    """What SQLite has on disk, with pages that are free again, and the changes not yet in the main file."""
    if connection.vendor == "sqlite":
        for ending in ("", "-wal"):
            with open(f"{connection.settings_dict['NAME']}{ending}", "rb") as file:
                yield f"database file {ending}", file.read()


def leaks(texts, places):
    return [f"{text} in {place}" for place, content in places.items() for text in texts if holds(content, text)]


def holds(content, text):
    lower = content.lower()
    return any(form.lower() in lower for form in plain_forms(text)) or any(
        form in content for form in packed_forms(text)
    )


def plain_forms(text):
    """How a program may write a text, in either case."""
    for said in (text, text.lower(), text.upper()):
        escaped = json.dumps(said).strip('"')
        for form in (said, escaped, json.dumps(escaped).strip('"'), quote(said), quote_plus(said), html.escape(said)):
            yield form.encode()
        yield said.encode("utf-16-le")
        yield said.encode("latin-1", "replace")
        yield ascii(said.encode())[2:-1].encode()


def packed_forms(text):
    """Base64 of the text at each of the three places where it may begin, without what its neighbours change."""
    for before in range(3):
        packed = base64.b64encode(b"\0" * before + text.encode())
        inner = packed[(0, 2, 3)[before] : len(packed) // 4 * 4 - 4]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_the_search_finds_a_text_in_whatever_form(before):
    for text in TYPED:
        said = f"{before}{text} said the patient"
        for content in (
            said.upper().encode(),
            json.dumps({"key": said}).encode(),
            json.dumps(json.dumps({"key": said})).encode(),
            urlencode({"key": said}).encode(),
            repr(said.encode()).encode(),
            base64.b64encode(said.encode()),
            base64.urlsafe_b64encode(json.dumps({"key": said}, ensure_ascii=False).encode()),
        ):
            assert holds(content, text), (text, content)
