"""What is drawn from the evidence records: people out of 100, and what happens when."""

import re
from itertools import product

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from education import figures
from education.citations import Citations
from education.models import Outcome, Treatment
from education.models.evidence import Bruising, Change, Lasting
from tests.education.html import by_class, parse, text

FIGURE = Template("{% load education_tags %}{% people outcome %}")
BLOCK = Template('{% include "education/blocks/timeline.html" with level=3 %}')
SIZE = r'<use class="%s" href="[^"]+"(?: y="\d+")? width="(\d+)" height="(\d+)"'
SPRITE = re.compile(r'<symbol id="(\w+)".*?<path d="([^"]*)"')


def record(**values):
    return Treatment(slug="new", name="New", summary="Short.", certainty="low", **values)


def outcome(low=None, high=None, compare_low=None, compare_high=None):
    return Outcome(
        per_100_low=low, per_100_high=high, per_100_compare_low=compare_low, per_100_compare_high=compare_high
    )


def people(kind, html):
    """How many people each drawing of this kind shows."""
    counts = []
    for drawing in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        sizes = re.findall(SIZE % kind, drawing)
        counts.append(sum(int(width) * int(height) // figures.SIDE**2 for width, height in sizes))
    return counts


def bars(**values):
    return figures.timeline(record(**values)).bars


def block(treatment, request=None):
    context = {"value": treatment, "citations": Citations(), "request": request}
    return " ".join(re.sub(r"<[^>]+>", " ", BLOCK.render(Context(context))).split())


def test_the_sprite_holds_a_hundred_people_and_a_row_of_ten():
    with open("static/img/people.svg") as sprite:
        symbols = dict(SPRITE.findall(sprite.read()))

    assert {name: path.count("a4 4 0 1 1") for name, path in symbols.items()} == {"people": 100, "row": 10}


@pytest.mark.parametrize("number", [0, 1, 9, 10, 37, 99, 100])
def test_as_many_people_are_filled_as_were_counted(number):
    html = FIGURE.render(Context({"outcome": outcome(number, number)}))

    assert people("ia-yes", html) == [number]
    assert people("ia-may", html) == [0]
    assert people("ia-no", html) == [100]
    assert f"{number} in 100" in html
    assert "Outlined" not in html


def test_people_between_the_lowest_and_the_highest_number_are_outlined():
    html = FIGURE.render(Context({"outcome": outcome(37, 42)}))

    assert people("ia-yes", html) == [37]
    assert people("ia-may", html) == [42]
    assert "37 to 42 in 100" in html
    assert "Outlined: between the lowest and the highest result." in html


def test_a_compared_group_stands_beside_the_treated_one_at_the_same_size():
    html = FIGURE.render(Context({"outcome": outcome(37, 42, 11, 18)}))

    assert people("ia-yes", html) == [37, 11]
    assert re.findall(r'<svg viewBox="([^"]*)"', html) == ["0 0 200 200"] * 2
    assert html.index("37 to 42 in 100") < html.index("with the treatment") < html.index("11 to 18 in 100")


def test_an_outcome_without_a_number_out_of_people_is_not_drawn():
    assert FIGURE.render(Context({"outcome": outcome()})).strip() == ""


def test_a_drawing_needs_no_style_and_no_script():
    html = FIGURE.render(Context({"outcome": outcome(37, 42, 11, 18)}))

    assert not re.search(r"\sstyle=|\sfill=|\son\w+=", html)
    assert len(html) < 3000


@pytest.mark.parametrize("values", [Bruising.values, Lasting.values])
def test_a_longer_time_is_a_longer_bar(values):
    name, line = ("usual_bruising", 0) if values == Bruising.values else ("longest_lasting", 1)
    known = [bars(**{name: value, "usual_change": "clear"})[line].known for value in values if value != "none"]

    assert known == sorted(known, key=lambda bar: bar.width)
    assert len({bar.width for bar in known}) == len(known)
    assert all(0 <= bar.x and bar.x + bar.width <= 320 for bar in known)


def test_what_the_record_does_not_know_is_hatched():
    healing, result = bars()

    assert not healing.known and not result.known
    assert healing.unknown and result.unknown
    assert (healing.words, result.words) == ("Bruises: unknown", "Result: unknown")


def test_a_result_is_hatched_beyond_what_was_shown():
    _healing, result = bars(usual_change="clear", longest_lasting="months")

    assert result.words == "Usual change: clear. Longest shown: months."
    assert result.unknown.x == result.known.x + result.known.width


def test_no_bar_is_drawn_for_what_does_not_happen():
    healing, result = bars(usual_bruising="none", usual_change="none", longest_lasting="weeks")

    assert not any((healing.known, healing.unknown, result.known, result.unknown))
    assert (healing.words, result.words) == ("Bruises: none", "Usual change: none")


def test_every_record_can_be_drawn():
    choices = [["", *kind.values] for kind in (Change, Lasting, Bruising)]
    for change, lasting, bruising in product(*choices):
        drawn = bars(usual_change=change, longest_lasting=lasting, usual_bruising=bruising)
        assert all(bar.words for bar in drawn)
        assert all(span.width > 0 for bar in drawn for span in (bar.known, bar.unknown) if span)


def test_a_timeline_says_in_words_what_it_draws():
    shown = block(record(live=True, usual_bruising="month", healing="Bruises for weeks. [JUDGE]"))

    assert "New: what happens when Bruises: a month Result: unknown Day 0 Week 1 First result Fades" in shown
    assert "Hatched: not known. Not to scale: the steps are drawn evenly." in shown
    assert "Healing Bruises for weeks. Awaiting clinical review When a change is seen Unknown" in shown
    assert "How long it lasts Unknown" in shown


def test_a_timeline_of_which_nothing_is_known_says_so():
    shown = block(record(live=True))

    assert "No study tells us how long it bruises, how much changes or how long that lasts." in shown


def test_a_draft_prints_no_timeline_but_tells_its_editor():
    preview = RequestFactory().get("/")
    preview.is_preview = True

    assert block(record(live=False)) == ""
    assert block(None) == ""
    assert block(record(live=False), preview) == "Patients do not see this yet: the record of New is a draft."


def test_a_withdrawn_treatment_says_so_above_its_timeline():
    assert "what happens when No longer available Bruises" in block(record(live=True, state="withdrawn"))


@pytest.mark.django_db
@pytest.mark.usefixtures("starter")
def test_a_treatment_shows_its_timeline_its_people_and_the_way_to_compare(client):
    tree = parse(client.get("/treatments/cellfina/"))

    [line] = by_class(tree, "timeline")
    assert text(line).startswith("Bruises: two weeks Usual change: clear. Longest shown: years.")
    assert [text(figure) for figure in by_class(tree, "people")] == [
        "86 in 100 with the treatment Each figure is one person of 100.",
        "93 in 100 with the treatment Each figure is one person of 100.",
    ]
    main = text(next(tree.iter("main")))
    assert main.count("Not reported this way") == 2
    assert "Offered here Not offered at this clinic" in main
    assert "/treatments/?t=cellfina" in [link.get("href") for link in tree.iter("a")]


@pytest.mark.django_db
@pytest.mark.usefixtures("starter")
def test_a_withdrawn_treatment_is_neither_offered_nor_compared(client):
    tree = parse(client.get("/treatments/collagenase/"))

    assert "Offered here" not in text(tree)
    assert "/treatments/?t=collagenase" not in [link.get("href") for link in tree.iter("a")]
    assert text(by_class(tree, "people")[0]).startswith(
        "37 to 42 in 100 with the treatment 11 to 18 in 100 in the group compared with it"
    )
