"""What a page asks the database: few queries, and no more of them however much content there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file

from education.models import ArticleIndexPage, ArticlePage, Outcome, PlainPage, Source, Treatment
from portal import stamp

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]

LIMITS = {
    "/": 8,
    "/learn/": 5,
    "/learn/what-is-micro-needling/": 8,
    "/learn/micro-needling-for-cellulite/": 8,
    "/learn/what-to-expect/": 8,
    "/treatments/": 5,
    "/treatments/collagenase/": 8,
    "/privacy/": 5,
    "/urgent/": 2,
}


def queries(client, path):
    """How many a page needs on the first visit after somebody has published."""
    client.get(path)
    stamp.content_changed()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("path", "limit"), LIMITS.items())
def test_a_page_asks_little(client, path, limit):
    assert queries(client, path) <= limit


def test_no_page_asks_more_when_there_is_more_content(client):
    before = {path: queries(client, path) for path in LIMITS}

    grow()

    assert {path: queries(client, path) for path in LIMITS} == before


def grow():
    """Five times as much of everything that a page could ask for one by one."""
    source = Source.objects.get(code="R1")
    treatments = [
        Treatment.objects.create(slug=f"new-{n}", name=f"New {n}", summary="Short.", certainty="low", state=state)
        for n, state in enumerate(["available", "withdrawn"] * 3)
    ]
    for treatment in Treatment.objects.all():
        for n in range(5):
            treatment.outcomes.add(Outcome(name=f"More {n}", result="Better.[R59]", certainty="low", source=source))
        treatment.save()
    index = ArticleIndexPage.objects.get()
    for n in range(10):
        article = ArticlePage(title=f"More {n}", slug=f"more-{n}", key_points=[("point", "A.[R1]")] * 3, body=[])
        index.add_child(instance=article)
        article.treatments = treatments
        article.save()
    for article in ArticlePage.objects.exclude(slug__startswith="more-"):
        article.treatments.add(*treatments)
        article.body.extend([("treatment_fact", treatment) for treatment in treatments])
        article.related = [("page", ArticlePage.objects.get(slug=f"more-{n}")) for n in range(3)]
        article.save()
    plain = PlainPage.objects.get(slug="privacy")
    plain.body.extend([("text", f"<p>More {n}.</p>") for n in range(10)])
    plain.save()


# Wagtail leaves the file of a picture's new size to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_pictures_are_asked_for_together(client):
    add_pictures(1)
    one = queries(client, "/learn/what-is-micro-needling/")

    add_pictures(3)

    assert queries(client, "/learn/what-is-micro-needling/") == one


def add_pictures(number):
    article = ArticlePage.objects.get(slug="what-is-micro-needling")
    for n in range(number):
        image = Image.objects.create(title=f"Picture {n}", file=get_test_image_file(f"{n}.png"))
        article.body.append(("picture", {"image": image, "alt": "A chart.", "caption": "A caption.[R1]"}))
    article.save()
