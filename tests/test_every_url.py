"""Every address, asked for by everybody.

A table says what each address answers: a status, or the address that it redirects to; `sign-in` is our one door, with
the way back kept. `{form}` is the address of the form that has been handed in, `{clinic}` that of the clinic's
settings. The columns name visitors or groups of them. An address of the URLconf that no row asks for fails the test.
"""

import re
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, get_resolver, resolve, reverse

from portal.middleware import PRIVATE
from portal.models import ClinicSettings, User
from tests.world import VISITORS, World

pytestmark = pytest.mark.django_db

PATIENTS = ("nobody", "draft", "sent")
GROUPS = {
    "everyone": VISITORS,
    "patients": PATIENTS,
    "staff": tuple(visitor for visitor in VISITORS if visitor not in PATIENTS),
    "care": ("nurse", "practitioner"),
    "content": ("editor", "reviewer"),
} | {visitor: (visitor,) for visitor in VISITORS}

READING = """
                                              everyone
GET  /                                        200
GET  /learn/                                  200
GET  /learn/what-is-micro-needling/           200
GET  /learn/micro-needling-for-cellulite/     200
GET  /learn/no-such-page/                     404
GET  /privacy/                                200
GET  /accessibility/                          200
GET  /how-we-write/                           200
GET  /treatments/                             200
GET  /treatments/?t=creams&t=no-such          200
GET  /treatments/creams/                      200
GET  /treatments/collagenase/                 200
GET  /treatments/no-such-treatment/           404
GET  /urgent/                                 200
GET  /search/                                 200
GET  /search/?q=needles                       200
GET  /search/?q=no+such+word+here             200
GET  /search/?topic=micro-needling            200
GET  /print/                                  200
GET  /clear/learn/what-is-micro-needling/     200
POST /clear/learn/what-is-micro-needling/     422
GET  /clear/learn/what-is-micro-needling/thanks/   200
POST /clear/learn/what-is-micro-needling/thanks/   405
GET  /clear/treatments/creams/                200
GET  /clear/privacy/                          200
GET  /clear/learn/                            404
GET  /clear/no-such-page/                     404
GET  /healthz                                 200
GET  /readyz                                  200
GET  /robots.txt                              200
GET  /sitemap.xml                             200
GET  /media/images/nothing.png                404
GET  /media/images/../../db.sqlite3           400
GET  /media/demo-accounts.txt                 404
GET  /_util/authenticate_with_password/1/1/   404
POST /_util/authenticate_with_password/1/1/   404
"""

NOT_HERE = """
                                              everyone
GET  /my/                                     404
GET  /djadmin/                                404
GET  /documents/                              404
GET  /accounts/email/                         404
GET  /accounts/confirm-email/                 404
GET  /accounts/confirm-email/no/              404
GET  /accounts/password/set/                  404
GET  /accounts/login/code/confirm/            404
GET  /api/                                    404
GET  {form}fhir/                              404
"""

FORM = """
                              nobody+staff       draft                sent
GET  /intake/                 200                200                  200
POST /intake/                 /intake/privacy/   /intake/check/       /intake/privacy/
GET  /intake/privacy/         /intake/           200                  /intake/done/
GET  /intake/about-you/       /intake/           200                  /intake/done/
POST /intake/about-you/       422                422                  /intake/done/
GET  /intake/no-such-step/    404                404                  /intake/done/
POST /intake/no-such-step/    404                404                  /intake/done/
GET  /intake/urgent/advice/   /intake/           /intake/check/       /intake/done/
GET  /intake/check/           /intake/           200                  /intake/done/
POST /intake/check/           /intake/           /intake/done/        /intake/done/
GET  /intake/done/            /intake/           /intake/             200
GET  /intake/stop/            200                200                  200
GET  /intake/delete/          405                405                  405
POST /intake/delete/          /intake/           /intake/             /intake/
GET  /intake/clear/           405                405                  405
POST /intake/clear/           /intake/cleared/   /intake/cleared/     /intake/cleared/
GET  /intake/cleared/         200                200                  200
GET  /intake/here/            405                405                  405
POST /intake/here/            204                204                  204
GET  /intake/goals/later/     405                405                  405
POST /intake/goals/later/     /intake/           /intake/             /intake/done/
GET  /intake/hope-1/          /intake/           /intake/check/       /intake/done/
GET  /intake/hope-creams/     404                404                  /intake/done/
"""

STAFF = """
                                       patients   content   care+admin
GET  /staff/                           sign-in    403       200
GET  /staff/?team=doctor&status=new    sign-in    403       200
GET  /staff/withdrawn/                 sign-in    403       200
GET  /staff/tablet/                    sign-in    403       200
POST /staff/tablet/                    sign-in    403       /intake/
GET  {form}                            sign-in    403       200
GET  /staff/intakes/AAA-AAA/           sign-in    403       404
GET  {form}claim/                      sign-in    403       {form}
POST {form}claim/                      sign-in    403       {form}
POST /staff/intakes/AAA-AAA/claim/     sign-in    403       404
GET  {form}move/                       sign-in    403       {form}
POST {form}move/                       sign-in    403       422
POST /staff/intakes/AAA-AAA/move/      sign-in    403       404
GET  {form}comment/                    sign-in    403       {form}
POST {form}comment/                    sign-in    403       422
POST /staff/intakes/AAA-AAA/comment/   sign-in    403       404
"""

ACCOUNTS = """
                                         patients           staff
GET  /accounts/login/                    200                /accounts/welcome/
POST /accounts/login/                    422                /accounts/welcome/
GET  /accounts/logout/                   /accounts/login/   200
POST /accounts/logout/                   /accounts/login/   /accounts/login/
GET  /accounts/signup/                   200                /accounts/welcome/
POST /accounts/signup/                   200                /accounts/welcome/
GET  /accounts/inactive/                 200                200
GET  /accounts/password/change/          sign-in            200
GET  /accounts/reauthenticate/           sign-in            200
GET  /accounts/password/reset/           200                200
GET  /accounts/password/reset/done/      200                200
GET  /accounts/password/reset/key/1-no/  200                200
GET  /accounts/password/reset/key/done/  200                200
"""

HOME_OF_EACH = """
                          patients   care      content   admin
GET  /accounts/welcome/   sign-in    /staff/   /cms/     /staff/
"""

OTHER_DOORS = """
                                    patients+content+admin               care
GET  /admin/                        /cms/                                /cms/
GET  /cms/login/?next=/cms/pages/   /accounts/login/?next=/cms/pages/    403
GET  /_util/login/?next=/privacy/   /accounts/login/?next=/privacy/      /accounts/login/?next=/privacy/
"""

CMS = """
                                               patients   care   content   admin
GET  /cms/                                     sign-in    403    200       200
GET  /cms/pages/                               sign-in    403    200       200
GET  /cms/images/                              sign-in    403    200       200
GET  /cms/snippets/education/treatment/        sign-in    403    200       200
GET  /cms/snippets/education/source/           sign-in    403    200       200
GET  /cms/snippets/education/feedback/         sign-in    403    200       200
GET  /cms/snippets/education/feedback/add/     sign-in    403    /cms/     /cms/
GET  /cms/snippets/education/synonym/          sign-in    403    200       200
GET  /cms/snippets/education/synonym/add/      sign-in    403    200       200
GET  /cms/snippets/education/searchmiss/       sign-in    403    200       200
GET  /cms/snippets/education/searchmiss/add/   sign-in    403    /cms/     /cms/
GET  /cms/snippets/intake/note/                sign-in    403    200       200
GET  /cms/snippets/intake/note/add/            sign-in    403    /cms/     200
GET  /cms/snippets/intake/route/               sign-in    403    200       200
GET  /cms/snippets/intake/route/add/           sign-in    403    /cms/     200
GET  {clinic}                                  sign-in    403    /cms/     200
GET  /cms/users/                               sign-in    403    /cms/     200
GET  /cms/groups/                              sign-in    403    /cms/     200
GET  /cms/reports/site-history/                sign-in    403    200       200
GET  /cms/reports/reviews/                     sign-in    403    200       200
GET  /cms/reports/reviews/results/             sign-in    403    200       200
GET  /cms/reports/clear/                       sign-in    403    200       200
GET  /cms/reports/go-live/                     sign-in    403    200       200
GET  /cms/reports/go-live/print/               sign-in    403    200       200
GET  /cms/workflows/list/                      sign-in    403    /cms/     200
GET  /cms/documents/                           404        403    404       404
"""

TABLES = {
    "reading": READING,
    "not here": NOT_HERE,
    "form": FORM,
    "staff": STAFF,
    "accounts": ACCOUNTS,
    "home of each": HOME_OF_EACH,
    "other doors": OTHER_DOORS,
    "cms": CMS,
}

OURS = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "base-uri": {"'none'"},
    "object-src": {"'none'"},
}
EDITORS = OURS | {
    "script-src": {"'self'", "'unsafe-inline'"},
    "style-src": {"'self'", "'unsafe-inline'"},
    "img-src": {"'self'", "data:", "blob:"},
    "frame-src": {"'self'"},
    "frame-ancestors": {"'self'"},
}

# Wagtail's own addresses that open nothing and tell nothing about the clinic.
OPEN_IN_CMS = ("cms/jsi18n/", "cms/sprite/", "cms/login/")
PARAMETERS = {"int": "1", "uuid": "00000000-0000-0000-0000-000000000001"}


def rows(table):
    """(method, address, {visitor: outcome}) for each line."""
    header, *lines = table.strip("\n").splitlines()
    columns = [[visitor for name in cell.split("+") for visitor in GROUPS[name]] for cell in header.split()]
    for line in lines:
        method, address, *outcomes = line.split()
        expected = {who: outcome for column, outcome in zip(columns, outcomes, strict=True) for who in column}
        yield method, address, expected


def outcome(response):
    return response.headers.get("Location") or str(response.status_code)


def policy(response):
    """The directives of the policy, in no order."""
    directives = response.headers.get("Content-Security-Policy", "").split(";")
    return {name: set(sources) for name, *sources in map(str.split, filter(str.strip, directives))}


def faults(response, address, visitor):
    """What is wrong with the headers of an answer."""
    headers = response.headers
    if policy(response) != (EDITORS if address.startswith("/cms/") else OURS):
        yield f"policy {headers.get('Content-Security-Policy')}"
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "no nosniff"
    if headers.get("Referrer-Policy") != "same-origin":
        yield "tells other sites where the reader was"
    if address.startswith(PRIVATE) and "no-store" not in headers.get("Cache-Control", ""):
        yield "may be stored"
    if not address.startswith(PRIVATE) and response.cookies:
        yield f"sets {', '.join(response.cookies)} for a reader"
    if address == "/intake/" and visitor == "nobody" and response.request["REQUEST_METHOD"] == "GET":
        if set(response.cookies) != {settings.CSRF_COOKIE_NAME}:
            yield f"sets {', '.join(response.cookies)} before the form has begun"


@pytest.mark.parametrize("section", TABLES)
def test_everyone_gets_what_is_theirs(section):
    world, wrong = World(), []
    named = names(world)
    for method, template, expected in rows(TABLES[section]):
        address = template.format(**named)
        for visitor in VISITORS:
            response = world.ask(visitor, method, address)
            wanted = expected[visitor].format(**named).replace("sign-in", sign_in(address))
            found = [] if outcome(response) == wanted else [f"{outcome(response)}, not {wanted}"]
            found += faults(response, address, visitor)
            wrong += [f"{method} {address} by {visitor}: {fault}" for fault in found]
    assert not wrong, "\n".join(wrong)


def names(world):
    clinic = ClinicSettings.load()
    return {
        "form": world.sent.get_absolute_url(),
        "clinic": reverse("wagtailsettings:edit", args=["portal", "clinicsettings", clinic.pk]),
    }


def sign_in(address):
    return f"/accounts/login/?next={quote(address)}"


def routes(resolver=None, prefix=""):
    """The whole route of every address that the portal has."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + (str(entry.pattern).removeprefix("^") if prefix else str(entry.pattern))
        if hasattr(entry, "url_patterns"):
            yield from routes(entry, route)
        else:
            yield route


def test_no_address_is_forgotten():
    asked = {
        route_of(address.partition("?")[0]) for table in TABLES.values() for _method, address, _expected in rows(table)
    }
    missing = [
        route
        for route in routes()
        if route not in asked and not route.startswith("cms/") and route_of(filled(route)) in (route, None)
    ]
    assert not missing, "Give these addresses a row in a table: " + ", ".join(missing)


def route_of(address):
    """The route that answers; an earlier one may stand in the way of another."""
    try:
        return resolve(address.format(form="/staff/intakes/AAA-AAA/", clinic="/cms/")).route
    except Resolver404:
        return None


def filled(route):
    """An address of this route, with something in place of each parameter."""
    address = re.sub(r"\((?:\?P<\w+>)?[^()]*\)", "1", route)
    address = re.sub(r"<(?:(\w+):)?\w+>", lambda match: PARAMETERS.get(match[1], "x"), address)
    return "/" + re.sub(r"[\^$\\]", "", address.replace(".*", "x"))


CMS_ROUTES = [route for route in routes() if route.startswith("cms/") and route not in OPEN_IN_CMS]
CMS_ADDRESSES = [filled(route) for route in CMS_ROUTES]


def test_every_route_of_the_cms_is_reached():
    reached = {route: route_of(address) for route, address in zip(CMS_ROUTES, CMS_ADDRESSES, strict=True)}
    missed = {route: other for route, other in reached.items() if other not in (route, "^cms/documents/")}
    assert missed == {}


def test_every_address_of_the_cms_is_shut_to_all_but_editors():
    world, wrong = World(), []
    for address in CMS_ADDRESSES:
        # What Wagtail does not know goes by way of /cms/login/; its own password pages are switched off.
        away = {sign_in(address), sign_in(address).replace("/accounts/", "/cms/"), "404"}
        for visitor, wanted in {"nobody": away, "sent": away, "nurse": {"403"}, "practitioner": {"403"}}.items():
            for method in ("GET", "POST"):
                response = world.ask(visitor, method, address)
                found = [] if outcome(response) in wanted else [outcome(response)]
                found += faults(response, address, visitor)
                wrong += [f"{method} {address} by {visitor}: {fault}" for fault in found]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_posted_without_a_token():
    world = World()
    ours = {address for table in TABLES.values() for _method, address, _expected in rows(table)}
    addresses = {address.format(**names(world)) for address in ours}
    for address in addresses.union(CMS_ADDRESSES):
        response = world.ask("admin", "POST", address, enforce_csrf_checks=True)
        assert response.status_code in (403, 404), address


@pytest.mark.parametrize("role", ["editor", "reviewer"])
def test_content_people_write_and_reviewers_let_out(role):
    user = World().staff[role]
    assert user.has_perm("education.change_source")
    assert user.has_perm("education.publish_treatment") == (role == "reviewer")
    assert not user.has_perm("intake.review_submission")


def test_nobody_signs_up():
    World()
    people = User.objects.count()
    form = {"username": "stranger", "password1": "a long passphrase", "password2": "a long passphrase"}
    response = Client().post("/accounts/signup/", form)
    assert User.objects.count() == people
    assert b"password1" not in response.content
