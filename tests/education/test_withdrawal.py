"""The withdrawal switch on the pages that patients read: told wherever a treatment is named, and nowhere else."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from education.models import ArticleIndexPage, ArticlePage, HomePage, Outcome, PlainPage, Source, Treatment, records
from education.naming import Names, names, words_of
from tests.education.html import by_class, parse, text

pytestmark = pytest.mark.django_db


def treatment(name, also_called="", withdrawn=True, pk=1):
    return SimpleNamespace(pk=pk, name=name, also_called=also_called, withdrawn=withdrawn)


def found(words, *treatments):
    return [one.name for one in Names(treatments).found_in(words)]


CELLFINA = treatment("Guided subcision (Cellfina)", "Cellfina, TS-GS, vacuum-assisted subcision")
AVELI = treatment("Subcision with a band finder (Avéli)", "targeted verifiable subcision", pk=2)
BY_HAND = treatment("Subcision by hand (bands cut with a needle)", "subcision", pk=3)
HEAT = treatment("Radiofrequency (heat through the skin)", "RF, radiofrequency heating", pk=4)
PEN = treatment("Clinic micro-needling (no heat)", "microneedling", pk=5)


@pytest.mark.parametrize(
    "words",
    [
        "Guided subcision is done once.",
        "CELLFINA cuts the bands.",
        "Ask about Cellfina’s name.",
        "Some say cellfina.[R19]",
        "A vacuum\u2011assisted  sub\u00adcision",
        "what TS–GS is",
    ],
)
def test_a_treatment_is_found_by_its_name_its_short_name_and_its_other_names(words):
    assert found(words, CELLFINA) == [CELLFINA.name]


@pytest.mark.parametrize("words", ["Cellfinas", "Subcellfina", "subcision", "guided", "Cell fina", ""])
def test_a_part_of_a_word_or_of_a_name_is_no_name(words):
    assert found(words, CELLFINA) == []


@pytest.mark.parametrize("words", ["Aveli", "avéli", "AVÉLI", "ave\u0301li"])
def test_accents_do_not_matter(words):
    assert found(words, AVELI) == [AVELI.name]


@pytest.mark.parametrize("words", ["RF micro-needling", "needling with no heat", "It sends heat through the skin."])
def test_two_letters_and_what_only_describes_are_no_names(words):
    assert found(words, HEAT, PEN) == []


def test_a_name_within_the_name_of_another_treatment_is_not_meant():
    available = treatment(CELLFINA.name, CELLFINA.also_called, withdrawn=False)
    assert found("Guided subcision and vacuum-assisted subcision", available, BY_HAND) == []
    assert found("Guided subcision, and plain subcision", available, BY_HAND) == [BY_HAND.name]


def test_each_is_told_of_once_in_the_order_of_the_text():
    assert found("Avéli, Cellfina, Avéli and Cellfina again", CELLFINA, AVELI) == [AVELI.name, CELLFINA.name]


def test_nothing_is_found_while_nothing_is_withdrawn():
    assert found("Cellfina", treatment("Cellfina", withdrawn=False)) == []
    assert found("Cellfina") == []


def test_a_name_of_signs_is_looked_for_as_it_is():
    odd = treatment("Cream (50 % c++ [new])", "a.b*c")
    assert found("a.b*c", odd) == [odd.name]
    assert found("aXbbc", odd) == []


# Pages


def withdraw(slug, notice="It was taken off the market.[R1]"):
    record = Treatment.objects.get(slug=slug)
    record.state, record.withdrawn_notice = Treatment.State.WITHDRAWN, notice
    record.save_revision().publish()
    return record


def make_available(slug):
    record = Treatment.objects.get(slug=slug)
    record.state = Treatment.State.AVAILABLE
    record.save_revision().publish()


def banners(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return [text(box) for box in by_class(parse(response), "box-withdrawn")]


@pytest.fixture
def unticked(starter):
    """An article for which nobody ticked a treatment, and which names none yet."""
    article = ArticlePage(title="Unticked", slug="unticked", summary="A.", key_points=[("point", "A.")] * 3, body=[])
    return ArticleIndexPage.objects.get().add_child(instance=article)


DIMPLES = "/learn/treatments-for-dimples/"
CELLFINA_BANNER = "No longer available: Guided subcision (Cellfina) It was taken off the market."

WAYS_TO_NAME = {
    "title": {"title": "Cellfina and you"},
    "summary": {"summary": "About Cellfina."},
    "key point": {"key_points": [("point", "A."), ("point", "B."), ("point", "Cellfina is one.[R1]")]},
    "heading": {"body": [("heading", "Is Cellfina for me?")]},
    "text": {"body": [("text", "<p>You may ask for <b>Cell</b>fina.</p>")]},
    "list": {"body": [("do_dont", {"do": ["Ask about Cellfina."], "dont": []})]},
    "caution": {"body": [("caution", {"title": "Mind", "text": "<p>Cellfina bruises.</p>"})]},
    "caption": {"body": [("drawing", {"drawing": "body-areas", "alt": "A", "caption": "Where Cellfina is used"})]},
    "check": {
        "body": [
            (
                "check",
                {
                    "question": "Why?",
                    "answers": [
                        {"text": "A", "reply": "Cellfina cuts.", "fits": True},
                        {"text": "B", "reply": "C", "fits": False},
                    ],
                },
            )
        ]
    },
    "questions": {"body": [("questions", {"questions": ["Do you use Cellfina?"]})]},
}


@pytest.mark.parametrize("changes", WAYS_TO_NAME.values(), ids=WAYS_TO_NAME)
def test_an_article_tells_of_what_it_names_even_when_nobody_ticked_it(client, unticked, changes):
    withdraw("cellfina")
    assert banners(client, "/learn/unticked/") == []
    for name, value in changes.items():
        setattr(unticked, name, value)
    unticked.save_revision().publish()
    [banner] = banners(client, "/learn/unticked/")
    assert banner.startswith(CELLFINA_BANNER)


def test_the_switch_works_both_ways_on_every_kind_of_page(client, starter):
    index = ArticleIndexPage.objects.get()
    index.summary = "From creams to Cellfina."
    index.save_revision().publish()
    home = HomePage.objects.get()
    home.steps = [("step", {"title": "You ask", "text": "About Cellfina, say."})]
    home.save_revision().publish()
    plain = PlainPage.objects.get(slug="privacy")
    plain.body.append(("text", "<p>Not about Cellfina.</p>"))
    plain.save_revision().publish()
    other = Treatment.objects.get(slug="aveli")
    other.how_it_works = "Like Cellfina."
    other.save_revision().publish()
    paths = [
        "/",
        "/learn/",
        "/privacy/",
        "/treatments/aveli/",
        "/treatments/cellfina/",
        "/learn/treatments-for-dimples/",
    ]
    for path in paths:
        assert not any("Cellfina" in banner for banner in banners(client, path)), path
    withdraw("cellfina")
    for path in paths:
        assert [banner for banner in banners(client, path) if banner.startswith(CELLFINA_BANNER)], path
    make_available("cellfina")
    for path in paths:
        assert not any("Cellfina" in banner for banner in banners(client, path)), path


def test_a_treatment_is_told_of_once_however_often_it_is_named_and_ticked(client, unticked):
    record = withdraw("cellfina")
    unticked.treatments = [record]
    unticked.key_points = [("point", "Cellfina.")] * 3
    unticked.body = [("treatment_fact", record), ("text", "<p>Cellfina, and guided subcision.</p>")]
    unticked.save_revision().publish()
    assert len(banners(client, "/learn/unticked/")) == 1


def test_a_study_that_names_a_withdrawn_treatment_brings_the_banner(client, starter):
    withdraw("cellfina")
    creams = Treatment.objects.get(slug="creams")
    assert banners(client, "/treatments/creams/") == []
    source = Source.objects.get(code="R1")
    creams.outcomes.add(
        Outcome(name="Dents", measured="Beside Cellfina", result="Fewer.", certainty="low", source=source)
    )
    creams.save_revision().publish()
    assert len(banners(client, "/treatments/creams/")) == 1


def test_of_a_draft_of_a_record_nothing_is_told_but_its_name(client, unticked):
    record = withdraw("cellfina", notice="Words that nobody has approved.")
    unticked.summary = "About Cellfina."
    unticked.save_revision().publish()
    record.unpublish()
    assert banners(client, "/learn/unticked/") == ["No longer available: Guided subcision (Cellfina)"]


def test_a_treatment_that_the_cms_does_not_know_is_not_told_of(client, unticked):
    unticked.summary = "About Qwo and Cellfina."
    unticked.save_revision().publish()
    Treatment.objects.get(slug="collagenase").delete()
    assert banners(client, "/learn/unticked/") == []


def test_a_list_of_articles_says_beside_which_one(client, unticked):
    unticked.summary = "All about Cellfina."
    unticked.save_revision().publish()
    withdraw("cellfina")
    lines = [text(entry) for entry in parse(client.get("/learn/")).iter("li") if "All about Cellfina." in text(entry)]
    assert len(lines) == 1
    assert "No longer available: Guided subcision (Cellfina)" in lines[0]
    make_available("cellfina")
    assert "Cellfina) 1 minute" not in text(parse(client.get("/learn/")))


def test_a_switch_that_is_only_drafted_changes_nothing(client, starter):
    record = Treatment.objects.get(slug="cellfina")
    record.state, record.withdrawn_notice = Treatment.State.WITHDRAWN, "Gone."
    record.save_revision()
    assert not any("Cellfina" in banner for banner in banners(client, DIMPLES))


def test_names_cost_nothing_once_the_records_are_kept(starter):
    records()
    with CaptureQueriesContext(connection) as first:
        names()
    with CaptureQueriesContext(connection) as then:
        names()
    assert (len(first), len(then)) == (0, 0)


def test_the_words_of_a_page_are_what_its_readers_read(unticked):
    unticked.draft_title = unticked.seo_title = unticked.search_description = "Cellfina"
    unticked.body = [("text", '<p>One<br/>two <a href="https://cellfina.example/">three</a></p>')]
    words = words_of(unticked).split()
    assert {"Unticked", "One", "two", "three"} <= set(words)
    assert not any("ellfina" in word for word in words)


def test_withdrawing_asks_for_the_reason(starter):
    record = Treatment.objects.get(slug="cellfina")
    record.state = Treatment.State.WITHDRAWN
    for empty in ("", " \n"):
        record.withdrawn_notice = empty
        with pytest.raises(ValidationError) as refused:
            record.full_clean()
        assert refused.value.message_dict == {"withdrawn_notice": ["Write why it was withdrawn: patients read it."]}
    record.withdrawn_notice = "It was taken off the market."
    record.full_clean()


def test_a_withdrawn_treatment_invites_to_nothing(client, starter):
    withdraw("cellfina")
    page = client.get("/treatments/cellfina/").content.decode()
    for invitation in ("Add to my form", "Add these to my form", "?t=cellfina", "Offered here"):
        assert invitation not in page
    assert "/treatments/cellfina/" not in client.get("/").content.decode()
