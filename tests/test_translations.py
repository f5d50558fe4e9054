"""Every word that a template prints goes through the translator.

A template's text is what is left without its tags, variables and markup. Two things may stay as they are: the classes
of a `body_class` block, and SAME_EVERYWHERE.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = Path(settings.BASE_DIR) / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*"))

NO_TEXT = re.compile(
    r"{#.*?#}"
    r"|{% comment .*?%}.*?{% endcomment %}"
    r"|{% block body_class %}.*?{% endblock(?: body_class)? %}"
    r"|{% blocktrans(?:late)?\b.*?%}.*?{% endblocktrans(?:late)? %}"
    r"|{%.*?%}"
    r"|{{.*?}}"
    r"|<!--.*?-->"
    r"|<!DOCTYPE[^>]*>",
    re.DOTALL,
)
SPOKEN = re.compile(r"""\b(?:alt|title|placeholder|aria-label|content)=(?:"([^"]*)"|'([^']*)')""")
WORD = re.compile(r"[^\W\d_]{2,}")
# What is the same in every language: instructions to browsers.
SAME_EVERYWHERE = {"width=device-width, initial-scale=1", "noindex", "summary", "120;url=\x00"}


def bare_texts(source):
    """What is left to read when everything translated, computed or meant for the browser is taken away."""
    html = re.sub(r"&\w+;", " ", NO_TEXT.sub("\x00", source))
    spoken = [double or single for double, single in SPOKEN.findall(html)]
    printed = re.split(r"\x00", re.sub(r"<[^>]*>", "\x00", html))
    return [text.strip() for text in spoken + printed if WORD.search(text) and text.strip() not in SAME_EVERYWHERE]


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles_and_prints_no_bare_text(name):
    get_template(name)
    assert bare_texts((TEMPLATES / name).read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<img alt="A leg">', ["A leg"]),
        ('<p>{% if a %}Yes{% else %}{% translate "No" %}{% endif %}</p>', ["Yes"]),
        ('<p class="lead">{% blocktranslate trimmed %}All {{ good }}{% endblocktranslate %}</p>', []),
        ("<a aria-label=\"{% translate 'Main' %}\">{{ name }} · 2</a>", []),
        ('<main{% if wide %} class="wide"{% endif %}></main>', []),
    ],
)
def test_the_search_finds_what_a_reader_would_see(source, found):
    assert bare_texts(source) == found
