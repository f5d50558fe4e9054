import re

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

BOOTSTRAP = settings.BASE_DIR / "static" / "vendor" / "bootstrap"
WHOLE, READING = BOOTSTRAP / "bootstrap.min.css", BOOTSTRAP / "bootstrap-reading.min.css"
# What readers see without filling in a form. The other pages load the whole of it.
TEMPLATES = ("*.html", "education/**/*.html", "portal/*.html")

CLASSES = re.compile(r'class="([^"]*)"')
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
CHARSET = '@charset "UTF-8";'
# What stands between the braces may itself be rules, one level deep.
RULE = re.compile(r"([^{}]+)\{((?:[^{}]|\{[^{}]*\})*)\}")
COMMA = re.compile(r",(?![^(]*\))")


class Command(BaseCommand):
    help = "Writes the part of Bootstrap that the reading pages use, an eighth of it over the wire."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing, fail when it is out of date")

    def handle(self, *, check, **options):
        trimmed = written()
        if not check:
            READING.write_text(trimmed, encoding="utf-8")
        elif not READING.exists() or READING.read_text(encoding="utf-8") != trimmed:
            raise CommandError("A template uses other parts of Bootstrap. Run: python manage.py trim_bootstrap")


def written():
    whole = WHOLE.read_text(encoding="utf-8")
    licence = COMMENT.search(whole)[0]
    return f"{licence}\n{trim(COMMENT.sub('', whole), classes_in_templates())}\n"


def classes_in_templates():
    folder = settings.BASE_DIR / "templates"
    texts = [path.read_text(encoding="utf-8") for pattern in TEMPLATES for path in folder.glob(pattern)]
    return {name for text in texts for names in CLASSES.findall(text) for name in re.findall(r"[\w-]+", names)}


def trim(css, classes):
    """The rules that these classes and bare elements need. We have no dark scheme and move nothing."""
    return "".join(filter(None, (_trimmed(*rule, classes) for rule in RULE.findall(css))))


def _trimmed(head, body, classes):
    head = head.removeprefix(CHARSET)
    if head.startswith("@media"):
        rules = trim(body, classes)
        return rules and f"{head}{{{rules}}}"
    if head.startswith("@"):
        return ""
    used = [selector for selector in COMMA.split(head) if _is_used(selector, classes)]
    return used and f"{','.join(used)}{{{body}}}"


def _is_used(selector, classes):
    return classes.issuperset(CLASS.findall(selector)) and "=dark" not in selector
