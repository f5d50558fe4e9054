import html5lib
import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils.safestring import mark_safe
from wagtail.rich_text import RichText

from education.citations import Citations, check_citations, cited_codes, plain
from education.models import Source
from tests.education.html import by_class, text


def link(number, code):
    return f'<a class="cite" href="#source-{code}"><span class="visually-hidden">source </span>{number}</a>'


@pytest.fixture
def citations():
    return Citations()


def test_a_source_keeps_its_number_on_a_page(citations):
    assert citations.render("One.[R4] Two.[R56b]") == f"One.{link(1, 'R4')} Two.{link(2, 'R56b')}"
    assert citations.render("Three.[R56b]") == f"Three.{link(2, 'R56b')}"
    assert citations.codes == ["R4", "R56b"]


def test_another_page_counts_anew():
    assert Citations().render("[R9]") == Citations().render("[R9]") == link(1, "R9")


def test_neighbours_are_told_apart_and_stand_in_order(citations):
    comma = '<span class="cite" aria-hidden="true">,</span>'
    citations.render("[R1]")

    assert citations.render("So.[R2] [R1][R2]") == f"So.{link(1, 'R1')}{comma}{link(2, 'R2')}"


def test_no_space_parts_a_number_from_its_claim(citations):
    assert citations.render("A claim \n[R4]. More") == f"A claim{link(1, 'R4')}. More"


@pytest.mark.parametrize("mark", ["[MEM]", "[JUDGE]"])
def test_a_guess_awaits_review_in_words(citations, mark):
    html = citations.render(f"A guess. {mark}")

    assert html.startswith('A guess. <span class="pending">')
    assert "Awaiting clinical review" in html
    assert mark not in html


@pytest.mark.parametrize("typed", ["[R]", "[r4]", "[R12345]", "[R4bc]", "[MEMO]", "R4", "[The clinic adds this.]"])
def test_other_brackets_are_left_alone(citations, typed):
    assert citations.render(typed) == typed


def test_typed_html_is_shown_as_text(citations):
    html = citations.render('<img src=x onerror="alert(1)">[R4]&[R4"]')

    assert html == f"&lt;img src=x onerror=&quot;alert(1)&quot;&gt;{link(1, 'R4')}&amp;[R4&quot;]"


def test_rich_text_keeps_its_tags_and_their_attributes(citations):
    html = citations.render(mark_safe('<p>See <a href="/x?y=[R4]&amp;z=[MEM]">this</a>.<b> [R5]</b></p>'))

    assert html == f'<p>See <a href="/x?y=[R4]&amp;z=[MEM]">this</a>.<b>{link(1, "R5")}</b></p>'


def test_rich_text_of_the_editor_is_rendered(citations):
    assert citations.render(RichText("<p>One.[R4]</p>")) == f"<p>One.{link(1, 'R4')}</p>"


def test_the_tag_numbers_across_a_template(citations):
    template = Template("{% load education_tags %}{% cite one %} {% cite two %}{{ one|plain }}")

    html = template.render(Context({"one": "<One>.[R4]", "two": "Two.[R5]", "citations": citations}))

    assert html == f"&lt;One&gt;.{link(1, 'R4')} Two.{link(2, 'R5')}&lt;One&gt;."


@pytest.mark.parametrize(
    ("marked", "read"),
    [("One.[R4] Two. [MEM]", "One. Two."), ("[R4]", ""), ("None", "None"), ("[The clinic adds this.]",) * 2],
)
def test_where_nothing_can_be_linked_the_marks_go(marked, read):
    assert plain(marked) == read


def test_each_code_counts_once():
    assert cited_codes("[R2] and [R1] and [R2][R56b]") == ["R2", "R1", "R56b"]


@pytest.fixture
def sources(db):
    rows = [Source(code=code, citation=f"Study {code}", strength="B", kind="Medical journal") for code in ("R1", "R2")]
    return Source.objects.bulk_create(rows)


def test_known_sources_pass_and_unknown_ones_are_named(sources):
    check_citations("A claim.[R1][R2]")
    check_citations("No claim.")
    with pytest.raises(ValidationError, match="There is no source R8, R9."):
        check_citations("A claim.[R8][R1][R9][R8]")


def test_sources_come_in_the_order_of_their_numbers(sources, citations, django_assert_num_queries):
    citations.render("A.[R2] B.[R1]")

    with django_assert_num_queries(1):
        assert [(number, source.code) for number, source in citations.sources()] == [(1, "R2"), (2, "R1")]


def test_a_source_that_is_gone_moves_no_other_number(sources, citations):
    citations.render("A.[R2] B.[R7] C.[R1]")

    assert [(number, source.code) for number, source in citations.sources()] == [(1, "R2"), (3, "R1")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"kind": "Medical journal", "strength": "B"}, "A study. Medical journal"),
        ({"kind": "News report", "strength": "C"}, "A study. News report (second-hand account)"),
        ({"note": "Seen as a copy."}, "A study. Medical journal. Seen as a copy."),
        (
            {"url": "https://www.fda.gov/devices/x?y=1"},
            "A study. fda.gov, source 1 Medical journal",
        ),
    ],
)
def test_the_list_says_what_kind_of_source_it_is(citations, fields, shown):
    Source.objects.create(
        **{"code": "R1", "citation": "A study.", "strength": "B", "kind": "Medical journal"} | fields
    )
    citations.render("[R1]")

    html = Template("{% include 'education/includes/sources.html' %}").render(Context({"citations": citations}))

    tree = html5lib.parse(html, namespaceHTMLElements=False)
    assert text(by_class(tree, "sources")[0]) == shown
