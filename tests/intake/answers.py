"""A patient with a browser: reads the form's pages by their HTML, and sends what a browser would send."""

from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

from intake.models import Submission

START, CHECK, DONE = "/intake/", "/intake/check/", "/intake/done/"
ADVICE, STOP, DELETE = "/intake/urgent/advice/", "/intake/stop/", "/intake/delete/"

# What each step is answered with, as a browser sends it.
STEPS = {
    "privacy": {"consent-care": "true"},
    "urgent": {"urgent-signs": ["none"]},
    "about-you": {
        "full-name": "Amara Nwosu",
        "birth-date": "1985-03-14",
        "contact-by": "email",
        "appointment-date": "",
        "visit-help": "",
    },
    "contact": {"email": "amara@example.org"},
    "what-you-see": {
        "areas": ["back-thighs", "buttocks"],
        "self-rating": "several-standing",
        "pattern": "dents",
        "legs-pattern": "no",
    },
    "goals": {
        "goal-own-words": "I want to wear shorts.",
        "goal": "smoother",
        "by-when": "no-rush",
        "visits-ok": "few",
        "why-now": ["myself"],
    },
    "treatments": {"considering": ["none-yet"]},
    "tried": {"tried": ["nothing"]},
    "health": {
        "pregnancy": "no",
        "medicines": ["none"],
        "conditions": ["none"],
        "weight-plan": "no",
        "health-notes": "",
    },
    "feelings": {"bother": "", "time-thinking": [], "avoids": [], "food-worry": []},
    "questions": {"top-questions": [], "own-question": ""},
}
# What other patients are asked as well.
ELSEWHERE = {
    "phone": "020 7946 0000",
    "event-date": "",
    "tried-result": "little",
    "roller-shared": "no",
    "roller-products": "no",
    "implants": ["none"],
    "allergies": ["none"],
    "skin-now": ["none"],
    "dark-marks": "no",
    "sun": "no",
    "nicotine": "no",
    "recent-procedure": "no",
}
ANSWERS = {name: value for fields in STEPS.values() for name, value in fields.items()} | ELSEWHERE
HOPES = {"change": "little", "lasts": "months", "bruising": "two-weeks"}


def address(name):
    return f"/intake/{name}/"


def main(response):
    return BeautifulSoup(response.content, "html.parser").main


def text(response):
    """The words of the page, without the header and the footer."""
    return " ".join(main(response).get_text(" ").split())


def own_form(response):
    """The form that posts to the page's own address."""
    here = response.wsgi_request.path
    return next(form for form in main(response).find_all("form") if urlsplit(form.get("action", here)).path == here)


def fields(response):
    """What a browser would send if the page's own form were sent as it is."""
    found = {}
    for control in own_form(response).select("input[name], textarea[name]"):
        name = control["name"]
        if name == "csrfmiddlewaretoken":
            continue
        found.setdefault(name, [])
        if control.name == "textarea":
            # The parser of a browser drops the line break that Django puts first.
            found[name].append(control.get_text().removeprefix("\n"))
        elif control["type"] not in ("checkbox", "radio"):
            found[name].append(control.get("value", ""))
        elif control.has_attr("checked"):
            found[name].append(control["value"])
    return found


def options(response, name):
    return [control["value"] for control in own_form(response).find_all("input", attrs={"name": name})]


def errors(response):
    """{id of a field: message} of the error summary, whose links must lead to something on the page."""
    page = main(response)
    links = page.select(".error-summary a")
    for link in links:
        assert page.find(id=link["href"].removeprefix("#")), f"{link['href']} leads nowhere"
    return {link["href"].removeprefix("#").removesuffix("_0"): link.get_text() for link in links}


def send(client, name, changes=(), query=""):
    """Posts one step, complete but for these changes."""
    return client.post(f"{address(name)}{query}", STEPS[name] | dict(changes))


def answer(client, url, changes=()):
    """Reads a page and answers all that it asks."""
    shown = fields(client.get(url))
    hopes = {name: HOPES[name.rpartition("-")[2]] for name in shown if name.startswith("hope-")}
    given = ANSWERS | hopes | dict(changes)
    return client.post(url, {name: given[name] for name in shown})


def walk(client, changes=()):
    """Begins, answers page after page as they come, and stops at the check page. Returns the addresses in order."""
    url, seen = client.post(START).url, []
    while url != CHECK:
        seen.append(url)
        advice = main(client.get(url)).select_one("a[data-next]")
        url = advice["href"] if advice else answer(client, url, changes).url
        assert url not in seen, f"{url} comes again"
    return seen


def follow(response):
    """Where a redirect leads, as an address within the portal."""
    assert response.status_code == 302, response.status_code
    return urlsplit(urljoin("http://testserver", response.url)).path


def hand_in(client):
    assert follow(client.post(CHECK)) == DONE
    return Submission.objects.latest("pk")
