"""People at a browser. What they do reads like a sentence, and every page that they come to is checked."""

import re
from urllib.parse import urljoin

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import expect

from tests.factories import PASSWORD, DraftFactory

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
DESK = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
NARROWEST = {"width": 320, "height": 740}

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
# Links within a sentence may be lower; a box to tick is as large as the label around it.
LOW_TARGETS = """
() => [...document.querySelectorAll("a, button, summary, select, textarea, input:not([type=hidden])")]
  .map(one => ["radio", "checkbox"].includes(one.type) ? one.closest("label, .form-check") : one)
  .filter(one => one.checkVisibility() && getComputedStyle(one).display !== "inline")
  .filter(one => one.getBoundingClientRect().width > 1 && one.getBoundingClientRect().height < 43.5)
  .map(one => one.outerHTML)
"""
# A box to tick shows its focus on the card beside it, a row of a list on the row. The parts inside a date are the
# browser's own.
FOCUS_SHOWS = """
() => !document.activeElement.matches(":focus") ||
  [document.activeElement, document.activeElement.nextElementSibling, document.activeElement.closest("li")]
    .some(one => one && getComputedStyle(one).boxShadow !== "none")
"""
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


class Person:
    met = set()  # pages that anybody has looked at, with the width of the screen

    def __init__(self, page):
        self.page = page
        self.troubles = []
        page.on("console", self._hears)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def _hears(self, message):
        # The browser reports a page that answers 4xx as well; that is what the journeys ask for.
        if message.type in ("error", "warning") and message.location["url"] != self.page.url:
            self.troubles.append(message.text)

    def opens(self, path):
        self.page.goto(path)
        self.looks_around()

    def presses(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()
        self.looks_around()

    def follows(self, name):
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.looks_around()

    def sees(self, text):
        expect(self.page.locator("body")).to_contain_text(text)

    def does_not_see(self, text):
        expect(self.page.locator("body")).not_to_contain_text(text)

    def is_at(self, path):
        expect(self.page).to_have_url(path)

    def looks_around(self):
        """Checks a page not met before: for assistive technology, for fingers, and for the narrowest phone."""
        assert self.troubles == [], self.page.url
        page = self.page.viewport_size["width"], TOKEN.sub("", self.page.content())
        if page in self.met:
            return
        self.met.add(page)
        found = Axe().run(self.page, options=RULES)
        assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
        size = self.page.viewport_size
        if size["width"] < NARROWEST["width"] * 2:
            low = self.page.evaluate(LOW_TARGETS)
            assert low == [], f"Too low for a finger at {self.page.url}: {low}"
        for chosen in (NARROWEST, size):
            self.page.set_viewport_size(chosen)
            inner, outer = self.page.evaluate(WIDTHS)
            assert inner <= outer, f"{self.page.url} is {inner} wide on a screen of {outer}"


class Patient(Person):
    def has_answered(self, answers):
        """Filled in every page before, and comes back to check."""
        DraftFactory(token="filled-in", answers=answers)
        self.opens("/intake/")
        cookie = {"name": settings.DRAFT_COOKIE_NAME, "value": "filled-in", "url": urljoin(self.page.url, "/")}
        self.page.context.add_cookies([cookie])
        self.opens("/intake/check/")

    def begins(self):
        self.opens("/intake/")
        self.presses("Start your form")

    def fills_in_the_form(self, answers):
        """Answers page after page, until the check page, or the advice about an urgent sign."""
        while not self.page.url.endswith(("/check/", "/advice/")):
            self.answers(answers)
            self.presses("Continue")

    def answers(self, answers):
        for name in self.questions():
            if answers.get(name) not in (None, []):
                self.gives(name, answers[name])

    def questions(self):
        """The ids of the questions on this page."""
        fields = self.page.locator("form:has(h1) [name]:not([type=hidden])").all()
        return list(dict.fromkeys(field.get_attribute("name") for field in fields))

    def gives(self, name, answer):
        field = self.page.locator(f'[name="{name}"]')
        if field.first.get_attribute("type") in ("radio", "checkbox"):
            for value in as_values(answer):
                self.page.locator(f'[name="{name}"][value="{value}"]').check()
        else:
            field.fill(str(answer))

    def changes(self, question):
        self.page.get_by_role("link", name=f"Change {question}", exact=True).click()
        self.looks_around()

    def reference(self):
        return self.page.locator("[data-reference]").get_attribute("data-reference")

    def notes(self):
        return [note.get_attribute("data-note") for note in self.page.locator("[data-note]").all()]


class KeyboardPatient(Patient):
    """Has no mouse."""

    def presses(self, name):
        self.tabs_to(self.page.get_by_role("button", name=name, exact=True))
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.looks_around()

    def gives(self, name, answer):
        field = self.page.locator(f'[name="{name}"]')
        kind = field.first.get_attribute("type")
        if kind == "radio":
            options = [option.get_attribute("value") for option in field.all()]
            self.tabs_to(field.first)
            self.types("Space", *["ArrowDown"] * options.index(answer))
        elif kind == "checkbox":
            for value in as_values(answer):
                self.tabs_to(self.page.locator(f'[name="{name}"][value="{value}"]'))
                self.types("Space")
        else:
            self.tabs_to(field)
            # A date is typed as the browser's language has it: day and month are the same, so that either order does.
            day = re.fullmatch(r"(\d{4})-(\d\d)-\2", str(answer))
            self.page.keyboard.type(f"{day[2]}{day[2]}{day[1]}" if day else str(answer))

    def types(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def tabs_to(self, target):
        """Goes on by Tab until the target has the focus, and sees where the focus is at each stop."""
        for _stop in range(60):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(FOCUS_SHOWS), self.page.evaluate("document.activeElement.outerHTML")
            if target.evaluate("one => one === document.activeElement"):
                return
        raise AssertionError(f"The keyboard does not reach {target}")


class PatientWithoutScripts(Patient):
    def looks_around(self):
        assert self.troubles == []


class Staff(Person):
    def signs_in(self, username, path="/accounts/login/"):
        self.opens(path)
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.presses("Sign in")

    def row(self, submission):
        return self.page.get_by_role("row").filter(has_text=submission.reference)

    def claims(self, submission):
        self.row(submission).get_by_role("button").click()
        self.looks_around()

    def moves_to(self, status, reason=""):
        self.page.get_by_text("Move to…").click()
        self.page.get_by_label(status).check()
        self.page.get_by_role("textbox", name="Reason").fill(reason)
        self.presses("Move")

    def pages_printed(self):
        return len(re.findall(rb"/Type\s*/Page\b", self.page.pdf(format="A4")))

    def comments(self, text):
        self.page.get_by_label("Add a note").fill(text)
        self.presses("Save note")


class Editor(Staff):
    def looks_around(self):
        """Wagtail's pages are Wagtail's to check; that our policy lets them work is ours."""
        assert self.troubles == []

    def edits(self, page):
        self.opens(f"/cms/pages/{page.pk}/edit/")

    def writes(self, field, text):
        self.page.locator(f"#{field}").fill(text)

    def previews(self):
        self.page.get_by_role("button", name="Toggle preview").click()
        return self.page.frame_locator("#w-preview-iframe")

    def hands_in(self):
        self._chooses("Submit to Clinical review")

    def hands_in_again(self):
        self._chooses("Resubmit to Clinical review")

    def approves(self):
        self._chooses("Approve and Publish")

    def asks_for_changes(self, reason):
        self._chooses("Request changes")
        self.page.get_by_label("What has to change?").fill(reason)
        with self.page.expect_navigation():
            self.page.get_by_role("dialog").get_by_role("button", name="Request changes").click()
        self.looks_around()

    def _chooses(self, action):
        self.page.get_by_role("button", name="More actions").click()
        self.presses(action)


def as_values(answer):
    return answer if isinstance(answer, list) else ["true" if answer is True else answer]
