"""The articles: sourced to the last number, short, easy to read, and complete in what each of them owes a patient."""

import re
import tomllib

import pytest
import textstat

from education.citations import cited_codes, plain
from education.starter_content import STARTER
from tests.education.test_evidence import SOURCES, unbacked

ARTICLES = {path.stem: tomllib.loads(path.read_text()) for path in sorted((STARTER / "articles").glob("*.toml"))}
OTHER_PAGES = [STARTER / "home.toml", *sorted((STARTER / "pages").glob("*.toml"))]

PLAN = """
    what-is-cellulite is-it-cellulite cellulite-myths grading-cellulite what-is-micro-needling
    micro-needling-for-cellulite home-roller-safety creams-for-cellulite treatments-for-dimples energy-and-massage
    injections-and-fat-removal lifestyle-and-cellulite is-it-safe-for-me what-to-expect body-image-and-cellulite
    your-appointment
""".split()
# Words that hurry, shame or sell, and that no page here needs.
NEVER = re.compile(
    r"\b(flaws?|problem areas?|beauty|perfect|confidence|bikini|anti-ageing|just|simply|don.t worry|amazing|miracle"
    r"|guaranteed|stubborn|unsightly|ugly)\b|!",
    re.IGNORECASE,
)
# Where each claim of the clinic's first article is answered.
SEED = {
    "S1": ("micro-needling-for-cellulite", "No good study shows that it does"),
    "S2": ("micro-needling-for-cellulite", "no clear difference between needling and lasers"),
    "S3": ("what-is-micro-needling", "a roller is only one kind"),
    "S4": ("home-roller-safety", "For cellulite, we do not advise it."),
    "S5": ("what-is-micro-needling", "very small paint roller"),
    "S6": ("home-roller-safety", "Short does not mean free of risk"),
    "S7": ("home-roller-safety", "There is no official"),
    "S8": ("what-is-micro-needling", "tiny holes"),
    "S9": ("what-is-cellulite", "the upper arms and the breasts"),
    "S10": ("home-roller-safety", "Put nothing on freshly needled skin."),
    "S11": ("creams-for-cellulite", "Tiny holes do let more of a product in."),
    "S12": ("micro-needling-for-cellulite", "We do not know if a roller plus a cream does more"),
    "S13": ("what-to-expect", "No treatment removes all cellulite for good."),
    "S14": ("micro-needling-for-cellulite", "You may read that the lotion does the work"),
    "S15": ("what-is-micro-needling", "the repair starts in the skin itself"),
    "S16": ("what-is-micro-needling", "dermis"),
    "S17": ("what-is-micro-needling", "main support protein"),
    "S18": ("what-is-micro-needling", "keloid"),
    "S19": ("what-is-micro-needling", "1996"),
    "S20": ("what-is-micro-needling", "The laser for cellulite is a different treatment."),
    "S21": ("lifestyle-and-cellulite", "two schools"),
    "S22": ("cellulite-myths", "We found no evidence that toxins cause cellulite."),
    "S23": ("cellulite-myths", "It could be a cause or a result."),
    "S24": ("cellulite-myths", "massage does not clear cellulite"),
    "S25": ("cellulite-myths", "We found no study of saunas or hot wraps for cellulite."),
    "S26": ("cellulite-myths", "It is not made to drain fluid"),
    "S27": ("home-roller-safety", "You may read that a roller is a great tool"),
    "S28": ("micro-needling-for-cellulite", "no proof that needling works, alone or with products"),
    "S29": ("micro-needling-for-cellulite", "A good plan matches the treatment to the cause"),
    "S30": ("what-to-expect", "Most people who try micro-needling for cellulite will not see the change"),
    "S31": ("your-appointment", "Talk with a doctor or nurse before you buy a device or book a treatment."),
}

each_article = pytest.mark.parametrize("article", ARTICLES.values(), ids=ARTICLES)


def texts(item):
    """(name of its field, text) of everything that a patient reads of a page or a block of it."""
    for key, value in item.items():
        if isinstance(value, str) and key not in ("slug", "drawing", "treatment_fact", "timeline"):
            yield key, value
        for part in value if isinstance(value, list) else ():
            if isinstance(part, dict):
                yield from texts(part)
            elif key not in ("treatments", "related"):
                yield key, part


def read_aloud(article):
    """The article's sentences without marks, each line as a sentence."""
    lines = [line.removeprefix("- ") for key, text in texts(article) if key != "alt" for line in text.splitlines()]
    lines = [plain(line).replace("**", "").strip() for line in lines if line.strip()]
    return "\n".join(line if line[-1] in ".?:" else f"{line}." for line in lines)


def kinds(article, kind):
    return [block for block in article["body"] if kind in block]


def test_every_article_of_the_plan_is_there():
    assert set(ARTICLES) == set(PLAN)
    assert [article["slug"] for article in ARTICLES.values()] == list(ARTICLES)
    assert len({article["place"] for article in ARTICLES.values()}) == len(PLAN)


@each_article
def test_every_number_of_an_article_stands_in_the_evidence_that_it_cites(article):
    assert not {text: wrong for _, text in texts(article) if (wrong := unbacked(text))}


@pytest.mark.parametrize("path", OTHER_PAGES, ids=[path.stem for path in OTHER_PAGES])
def test_every_cited_number_of_the_other_pages_stands_in_the_evidence(path):
    for _, text in texts(tomllib.loads(path.read_text())):
        if cited_codes(text):
            assert not unbacked(text), text


@each_article
def test_an_article_cites_sources_that_are_there(article):
    codes = {code for _, text in texts(article) for code in cited_codes(text)}
    assert codes <= SOURCES
    assert len(codes) >= 3


# textstat leaves the file of its words to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@each_article
def test_an_article_is_short_and_easy_to_read(article):
    text = read_aloud(article)
    assert 600 <= len(text.split()) <= 1100
    assert textstat.flesch_kincaid_grade(text) <= 7
    assert textstat.text_standard(text, float_output=True) <= 8


@each_article
def test_an_article_uses_no_word_that_hurries_shames_or_sells(article):
    assert not {text: found[0] for _, text in texts(article) if (found := NEVER.search(text))}


@each_article
def test_an_article_has_what_each_of_them_owes_a_patient(article):
    headings = [block["heading"] for block in article["body"] if "heading" in block]
    text = read_aloud(article)

    assert 3 <= len(article["key_points"]) <= 5
    assert sum(heading.endswith("?") for heading in headings) >= len(headings) * 0.6
    assert "Questions to ask at your visit" in headings
    assert "What can you do next?" in headings
    assert [len(kinds(article, kind)) for kind in ("questions", "check", "urgent")] == [1, 1, 1]
    assert "urgent" in article["body"][-1]
    assert "not medical advice" in text
    assert 2 <= len(article["related"]) <= 3
    assert set(article["related"]) < set(PLAN) - {article["slug"]}


@each_article
def test_an_understanding_check_has_one_answer_that_fits_and_explains_each(article):
    (check,) = kinds(article, "check")
    assert 2 <= len(check["answers"]) <= 4
    assert sum(answer.get("fits", False) for answer in check["answers"]) == 1
    assert all(len(answer["reply"].split()) >= 5 for answer in check["answers"])
    assert not re.search(r"\b(wrong|incorrect|well done|correct)\b", str(check), re.IGNORECASE)


@each_article
def test_a_drawing_has_a_twin_in_words(article):
    for block in kinds(article, "drawing"):
        assert len(block["alt"].split()) >= 8
        assert block["caption"]


def test_every_article_can_be_reached_from_another():
    assert {slug for article in ARTICLES.values() for slug in article["related"]} == set(PLAN)


@pytest.mark.parametrize(("claim", "slug", "words"), [(claim, *where) for claim, where in SEED.items()])
def test_every_claim_of_the_first_article_is_answered(claim, slug, words):
    assert words.casefold() in read_aloud(ARTICLES[slug]).replace("\n", " ").casefold()
