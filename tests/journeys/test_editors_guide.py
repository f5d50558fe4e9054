"""The pictures of docs/editors-guide.md come from here, so that they show what an editor sees.

`make pictures` takes them anew. Otherwise the way is walked, and each picture that the guide shows must be there.
"""

import os
import re
from pathlib import Path

import pytest

from education.models import ArticlePage, Feedback
from tests.journeys.pages import Editor

DOCS = Path(__file__).parents[2] / "docs"
SHOWN = set(re.findall(r"\(pictures/([\w-]+)\.png\)", (DOCS / "editors-guide.md").read_text()))
WINDOW = {"viewport": {"width": 1200, "height": 760}}


@pytest.fixture
def picture():
    """picture(editor, name): what is on the screen now."""
    taken = set()

    def take(editor, name):
        taken.add(name)
        editor.page.wait_for_load_state("networkidle")
        if os.environ.get("MAKE_PICTURES"):
            editor.page.screenshot(path=DOCS / "pictures" / f"{name}.png", animations="disabled")
        assert (DOCS / "pictures" / f"{name}.png").exists()

    yield take
    assert taken == SHOWN


def test_the_guide_shows_what_an_editor_sees(world, person, picture):
    editor, reviewer = person(Editor, WINDOW), person(Editor, WINDOW)
    article = ArticlePage.objects.get(slug="what-is-cellulite")
    Feedback.objects.create(path="/learn/what-is-cellulite/", clear="no", text="What is a band?")
    editor.signs_in("editor", path="/cms/")
    editor.opens("/cms/")
    picture(editor, "desk")
    editor.edits(article)
    editor.writes("id_summary", "This cream removes cellulite for good.")
    editor.hands_in()
    editor.sees("“for good” promises too much")
    picture(editor, "checks")
    editor.writes("id_summary", "Cellulite is skin with dents or waves. It is common, and it is harmless.")
    editor.hands_in()
    reviewer.signs_in("reviewer", path="/cms/")
    reviewer.edits(article)
    reviewer.page.get_by_role("button", name="More actions").click()
    reviewer.sees("Approve and Publish")
    picture(reviewer, "review")
    for name, address in {
        "go-live": "/cms/reports/go-live/",
        "reviews": "/cms/reports/reviews/",
        "feedback": "/cms/snippets/education/feedback/",
    }.items():
        reviewer.opens(address)
        picture(reviewer, name)
