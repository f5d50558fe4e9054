"""Loads the starter content once: what was loaded before is never loaded again, so an editor's change always stays.

In the demo it is published, and its pages say that no clinician has approved it; in production it arrives as drafts.
"""

import logging
import re
import tomllib
from datetime import time
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.utils.html import escape
from wagtail.models import Site

from education.models import (
    ArticleIndexPage,
    ArticlePage,
    HomePage,
    Outcome,
    PlainPage,
    Source,
    StarterItem,
    Synonym,
    Treatment,
)
from portal.models import ClinicOpening, ClinicSettings

STARTER = Path(__file__).parent / "starter"

logger = logging.getLogger(__name__)


def load():
    """Loads what has never been loaded. Returns how many items are new."""
    match_site_address()
    return load_items(_items())


@transaction.atomic
def load_items(items):
    """Makes each (key, function) that has never been made. Returns how many items are new."""
    loaded = set(StarterItem.objects.values_list("key", flat=True))
    return sum(_made(key, make) for key, make in items if key not in loaded)


def _made(key, make):
    """Whether an item could be made. It stays away where an editor deleted what it needs or took its name."""
    try:
        with transaction.atomic():
            make()
            StarterItem.objects.create(key=key)
    except (ObjectDoesNotExist, ValidationError, IntegrityError) as error:
        logger.warning("Starter content: %s is left out: %s", key, error)
        return False
    return True


def match_site_address():
    """Wagtail builds full addresses from its own Site: it has to say the same as SITE_URL."""
    address = urlsplit(settings.SITE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    site = Site.objects.get(is_default_site=True)
    if (site.hostname, site.port) != (address.hostname, port):
        site.hostname, site.port = address.hostname, port
        site.save()


def _items():
    """(key, function) of every item, in the order in which they need each other."""
    yield "clinic", load_clinic
    for record in read("sources.toml")["source"]:
        yield f"source/{record['code']}", lambda record=record: Source.objects.create(**record)
    for record in folder("treatments"):
        yield f"treatment/{record['slug']}", lambda record=record: load_treatment(record)
    yield "home", lambda: load_home(read("home.toml"))
    yield "learn", load_article_index
    articles = sorted(folder("articles"), key=lambda record: record["place"])
    for record in articles:
        yield f"article/{record['slug']}", lambda record=record: load_article(record)
    for record in articles:
        yield f"related/{record['slug']}", lambda record=record: relate_article(record)
    for record in folder("pages"):
        yield f"page/{record['slug']}", lambda record=record: load_plain_page(record)
    for words in read("synonyms.toml")["groups"]:
        yield f"synonym/{words.partition(',')[0]}", lambda words=words: Synonym.objects.create(words=words)


def read(name):
    return tomllib.loads((STARTER / name).read_text())


def folder(name):
    return [tomllib.loads(path.read_text()) for path in sorted((STARTER / name).glob("*.toml"))]


def load_clinic():
    clinic = ClinicSettings.load()
    if settings.DEMO:
        clinic.phone = "555 0142"
        clinic.openings = [ClinicOpening(weekday=day, opens=time(9), closes=time(17)) for day in range(5)]
    clinic.save()


def load_treatment(record):
    record = dict(record)
    outcomes = record.pop("outcome", [])
    record["also_called"] = ", ".join(record.get("also_called", []))
    for gap, field in (("change", "usual_change"), ("lasts", "longest_lasting"), ("bruising", "usual_bruising")):
        record[field] = record.pop(f"gap_{gap}", "")
    record.pop("sources", None)
    treatment = Treatment(live=False, **record)
    treatment.outcomes = [Outcome(**{**row, "source": _source(row["source"])}) for row in outcomes]
    treatment.save()
    _keep(treatment)


def _source(code):
    return Source.objects.get(code=code)


def load_home(record):
    home = HomePage.objects.get()
    home.title, home.summary = record["title"], record["lead"]
    home.steps = _titled("step", record["steps"])
    _keep(home, publish=True)
    home.facts = _titled("fact", record["facts"])
    _keep(home)


def _titled(name, rows):
    return [(name, {"title": row["title"], "text": row["text"]}) for row in rows]


def load_article_index():
    index = ArticleIndexPage(title="Learn", slug="learn", summary="Plain, sourced pages to read before your visit.")
    HomePage.objects.get().add_child(instance=index)
    _keep(index, publish=True)


def load_article(record):
    article = ArticlePage(
        title=record["title"],
        slug=record["slug"],
        summary=record["summary"],
        topic=record["topic"],
        key_points=[("point", point) for point in record["key_points"]],
        body=body(record["body"]),
        live=False,
    )
    article.treatments = Treatment.objects.filter(slug__in=record["treatments"])
    ArticleIndexPage.objects.get().add_child(instance=article)
    _keep(article)


def relate_article(record):
    """A second pass, because two articles may name each other."""
    article = ArticlePage.objects.get(slug=record["slug"])
    article.related = [("page", ArticlePage.objects.get(slug=slug)) for slug in record["related"]]
    _keep(article)


def load_plain_page(record):
    page = PlainPage(title=record["title"], slug=record["slug"], summary=record["summary"], live=False)
    page.body = body(record["body"])
    HomePage.objects.get().add_child(instance=page)
    _keep(page, publish=True)


def _keep(item, publish=None):
    """Medical content goes live in the demo only; pages about the portal itself always do."""
    revision = item.save_revision()
    if settings.DEMO if publish is None else publish:
        revision.publish()


def body(rows):
    """The readable rows of a starter file as the value of a body StreamField."""
    return [_block(row) for row in rows]


def _block(row):
    if "heading" in row:
        return "heading", row["heading"]
    if "text" in row:
        return "text", rich_text(row["text"])
    if "do" in row:
        return "do_dont", {"do": row["do"], "dont": row["dont"]}
    if "caution" in row:
        return "caution", {"title": row["caution_title"], "text": rich_text(row["caution"])}
    if "urgent" in row:
        return "urgent", {"signs": row["urgent"]}
    if "drawing" in row:
        return "drawing", {"drawing": row["drawing"], "alt": row["alt"], "caption": row["caption"]}
    if "treatment_fact" in row:
        return "treatment_fact", Treatment.objects.get(slug=row["treatment_fact"])
    if "timeline" in row:
        return "timeline", Treatment.objects.get(slug=row["timeline"])
    if "check" in row:
        answers = [{"fits": False, **answer} for answer in row["answers"]]
        return "check", {"question": row["check"], "answers": answers}
    if "questions" in row:
        return "questions", {"questions": row["questions"]}
    raise ValueError(f"A body row of an unknown kind: {sorted(row)}")


def rich_text(text):
    """Paragraphs, "- " lists and **bold** as the HTML that the rich text editor keeps."""
    return "".join(_paragraph(chunk.strip()) for chunk in re.split(r"\n\s*\n", text.strip()))


def _paragraph(chunk):
    html = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(chunk))
    lines = html.splitlines()
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{line[2:]}</li>" for line in lines) + "</ul>"
    return f"<p>{' '.join(lines)}</p>"
