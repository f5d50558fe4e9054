"""The page on which patients choose treatments and see them side by side with no treatment."""

import re
from datetime import date

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from education.models import Outcome, Source, Treatment
from tests.education.html import by_class, parse, text

PAGE = "/treatments/"
THREE = ["cellfina", "acoustic-wave", "home-micro-needling"]
ROWS = [
    "How it is meant to work",
    "What studies saw",
    "Out of 100 people Each figure is one person of 100. Outlined: between the lowest and the highest result.",
    "How sure are we?",
    "Visits",
    "When a change is seen",
    "How long it lasts",
    "Healing",
    "Common effects",
    "Serious risks",
    "Not for",
    "US regulator",
    "Offered here",
    "Price",
]
SAMPLE = "Sample content, not clinically approved. It awaits clinical review."

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


def compare(client, *slugs):
    response = client.get(PAGE, {"t": slugs})
    assert response.status_code == 200
    return parse(response)


def columns(tree):
    """The names above the table, without what stands below them in small print."""
    [head] = tree.iter("thead")
    return [" ".join("".join(cell.itertext()).split()).removesuffix(" Always shown") for cell in head.iter("th")]


def rows(tree):
    """The cells of each row by its label."""
    [body] = tree.iter("tbody")
    return {text(row[0]): [text(cell) for cell in row[1:]] for row in body}


def row(tree, label):
    return next(cells for name, cells in rows(tree).items() if name.startswith(label))


def cell(tree, label):
    """What the first treatment says, after no treatment."""
    return row(tree, label)[1]


def notice(tree):
    found = by_class(tree, "notice")
    return text(found[0]) if found else ""


def test_the_grid_shows_every_treatment_that_patients_may_be_offered(client):
    tree = parse(client.get(PAGE))

    first, *options = by_class(tree, "option")
    assert text(first).startswith("No treatment Always shown beside what you choose You never need to treat")
    available = Treatment.objects.filter(live=True, state="available")
    assert len(options) == len(available) == 17
    for option, treatment in zip(options, available, strict=True):
        [box] = option.iter("input")
        assert (box.get("type"), box.get("name"), box.get("value")) == ("checkbox", "t", treatment.slug)
        assert text(next(option.iter("label"))) == treatment.name
        assert f"How sure are we? {treatment.get_certainty_display()} {treatment.summary}" in text(option)
        assert [link.get("href") for link in option.iter("a")] == [treatment.get_absolute_url()]
        assert len(by_class(option, "meter")) == 1
    assert not list(tree.iter("table"))


def test_what_is_withdrawn_stands_apart_with_the_reason_and_cannot_be_chosen(client):
    tree = parse(client.get(PAGE))

    [gone] = by_class(tree, "gone-list")
    assert text(gone).startswith("Collagenase injections (Qwo) Qwo is no longer made.")
    assert "collagenase" not in [box.get("value") for box in tree.iter("input")]


def test_the_switch_takes_a_treatment_out_of_the_grid_and_back(client):
    Treatment.objects.filter(slug="creams").update(state="withdrawn")
    Treatment.objects.filter(slug="collagenase").update(state="available")

    chosen = [box.get("value") for box in parse(client.get(PAGE)).iter("input")]

    assert "creams" not in chosen and "collagenase" in chosen


def test_the_form_needs_no_script_no_token_and_no_cookie(client):
    response = client.get(PAGE, {"t": THREE})

    [form] = [form for form in parse(response).iter("form")]
    assert form.get("method", "get") == "get"
    assert {box.get("name") for box in form.iter("input")} == {"t"}
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_no_treatment_stands_first_whatever_is_chosen(client):
    for slugs in (THREE[:1], THREE[:2], THREE):
        names = [Treatment.objects.get(slug=slug).name for slug in slugs]
        assert columns(compare(client, *slugs)) == ["No treatment", *names]


def test_every_question_is_asked_of_every_choice_in_one_order(client):
    for slugs in (THREE, THREE[::-1], ["creams"]):
        table = rows(compare(client, *slugs))
        assert list(table) == ROWS
        assert all(len(cells) == len(slugs) + 1 and all(cells) for cells in table.values())


def test_a_cell_says_for_whom_it_is_where_columns_do_not_show(client):
    tree = compare(client, *THREE)

    [table] = tree.iter("table")
    assert table.get("role") == "table"
    for line in next(table.iter("tbody")):
        assert [cell.get("data-label") for cell in line[1:]] == columns(tree)
        assert [cell.get("role") for cell in line] == ["rowheader", *["cell"] * 4]


def test_what_studies_saw_names_its_source_its_people_and_its_time(client):
    saw = cell(compare(client, "creams"), "What studies saw")

    assert re.search(r"source \d+", saw)
    assert "15 people · 6 weeks · how sure: very low" in saw


def test_people_are_drawn_where_a_study_counted_them(client):
    tree = compare(client, "cellfina", "creams")

    none, cellfina, creams = row(tree, "Out of 100 people")
    assert none == "Better after dummy injections 11 to 18 in 100 with dummy injections"
    assert cellfina.startswith("At least 1 grade better 86 in 100 with the treatment")
    assert creams == "Not reported this way"
    assert len(by_class(tree, "people")) == 3


def test_what_a_record_does_not_say_is_unknown(client):
    Treatment.objects.filter(slug="creams").update(visits="", regulator="")
    Outcome.objects.filter(treatment__slug="creams").delete()

    tree = compare(client, "creams")

    unknown = {label.split(" Each")[0] for label, (_none, said) in rows(tree).items() if said == "Unknown"}
    assert unknown == {"Visits", "US regulator", "What studies saw"}


def test_a_treatment_says_whether_this_clinic_offers_it_and_gives_no_price(client):
    Treatment.objects.filter(slug="massage").update(offered_here=True)

    tree = compare(client, "massage", "creams")

    offered = ["You can always choose it", "Offered at this clinic", "Not offered at this clinic"]
    assert row(tree, "Offered here") == offered
    assert row(tree, "Price") == ["It costs nothing", "Ask the clinic", "Ask the clinic"]


def test_the_number_beside_no_treatment_comes_from_the_record(client):
    Outcome.objects.filter(per_100_compare_low=11).update(per_100_compare_low=12, per_100_compare_high=19)

    tree = compare(client, "creams")

    assert row(tree, "What studies saw")[0].startswith("About 12 to 19 in 100 women who got dummy injections")
    assert "12 to 19 in 100" in row(tree, "Out of 100 people")[0]
    assert row(tree, "How sure are we?")[0].startswith("Moderate")


def test_that_record_can_itself_be_compared_once_it_is_available_again(client):
    Treatment.objects.filter(slug="collagenase").update(state="available")

    none, collagenase = row(compare(client, "collagenase"), "Out of 100 people")

    assert none.endswith("11 to 18 in 100 with dummy injections")
    assert "37 to 42 in 100 with the treatment 11 to 18 in 100 in the group compared with it" in collagenase


def test_without_that_record_no_treatment_says_what_was_published(client):
    Treatment.objects.filter(slug="collagenase").update(live=False)

    tree = compare(client, "creams")

    saw = row(tree, "What studies saw")[0]
    assert saw.startswith("About 11 to 18 in 100 women who got dummy injections were rated better")
    [sources] = by_class(tree, "sources")
    assert "source-R10" in [source.get("id") for source in sources]


def test_the_page_says_that_studies_cannot_be_set_against_each_other(client):
    for tree in (parse(client.get(PAGE)), compare(client, *THREE)):
        main = text(next(tree.iter("main")))
        assert "Each study measured in its own way, so the results of two studies cannot be set against each" in main
        assert not re.search(r"\b(best choice|winner|better than|worse than|most effective)\b", main)


def test_sources_are_numbered_once_for_the_whole_page(client):
    tree = compare(client, *THREE)

    [sources] = by_class(tree, "sources")
    assert [int(source.get("value")) for source in sources] == list(range(1, len(sources) + 1))
    cited = {link.get("href")[1:] for link in by_class(tree, "cite") if link.tag == "a"}
    assert cited == {source.get("id") for source in sources}


def test_ten_choices_are_cut_to_the_first_three_and_the_page_says_which_are_left_out(client):
    slugs = list(Treatment.objects.filter(state="available").values_list("slug", flat=True)[:10])

    tree = compare(client, *slugs)

    names = [Treatment.objects.get(slug=slug).name for slug in slugs]
    assert columns(tree) == ["No treatment", *names[:3]]
    assert notice(tree) == f"You can compare up to 3 treatments. These are left out: {', '.join(names[3:])}"


def test_the_same_choice_twice_counts_once(client):
    tree = compare(client, "creams", "creams", "massage", "creams", "fillers")

    assert len(columns(tree)) == 4
    assert notice(tree) == ""


def test_what_is_withdrawn_is_named_and_the_rest_is_compared(client):
    tree = compare(client, "collagenase", "creams")

    assert len(columns(tree)) == 2
    assert notice(tree) == "Collagenase injections (Qwo) is no longer available, so it is left out."
    assert "/treatments/collagenase/" in [link.get("href") for link in by_class(tree, "notice")[0].iter("a")]


def test_a_draft_is_as_unknown_as_a_name_that_nobody_gave(client):
    Treatment.objects.filter(slug="fillers").update(live=False)

    tree = compare(client, "fillers", "no-such", "creams")

    assert len(columns(tree)) == 2
    assert notice(tree) == "2 choices are left out, because no treatment here has those names."
    assert "Filler injections" not in text(tree)


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "' OR 1=1 --", "\x00", "é" * 5000, "../../etc/passwd", "{{ 7 }}", "%s%n"]
)
def test_what_is_typed_into_the_address_is_counted_and_never_repeated(client, hostile):
    response = client.get(PAGE, {"t": [hostile, "creams"]})

    tree = parse(response)
    assert notice(tree) == "1 choice is left out, because no treatment here has that name."
    assert hostile not in response.content.decode()
    assert len(columns(tree)) == 2


def test_a_page_without_anything_to_compare_is_the_grid(client):
    for slugs in (["no-such"], ["collagenase"], [""], ["", ""]):
        tree = compare(client, *slugs)
        assert len(by_class(tree, "option")) == 18
        assert bool(notice(tree)) == any(slugs)


def test_chosen_treatments_are_ticked_in_the_picker(client):
    tree = compare(client, *THREE, "fillers")

    [picker] = by_class(tree, "picker")
    assert text(next(picker.iter("summary"))) == "Change what you compare (3 of 3 chosen)"
    assert sorted(box.get("value") for box in picker.iter("input") if "checked" in box.attrib) == sorted(THREE)


def test_search_engines_are_led_to_one_address(client):
    for slugs in [], THREE:
        tree = compare(client, *slugs)
        links = {link.get("rel"): link.get("href") for link in tree.iter("link")}
        assert links["canonical"] == settings.SITE_URL + PAGE


def test_records_that_await_review_say_so_until_all_that_is_shown_are_reviewed(client):
    assert SAMPLE in text(parse(client.get(PAGE)))
    for record in Treatment.objects.filter(slug__in=["creams", "collagenase"]):
        record.approved_by, record.last_reviewed = "Dr Bo Checker", date(2026, 11, 16)
        record.save()

    assert SAMPLE in text(compare(client, "creams", "massage"))
    reviewed = compare(client, "creams")
    assert SAMPLE not in text(reviewed)
    assert columns(reviewed)[1] == "Creams with caffeine or retinol Reviewed 16 November 2026"


def test_without_a_published_treatment_the_page_says_so(client):
    Treatment.objects.update(live=False)

    for tree in (parse(client.get(PAGE)), compare(client, "creams")):
        assert "No treatment is published yet." in text(tree)
        assert not list(tree.iter("input"))


def test_home_and_each_treatment_lead_here(client):
    assert PAGE in [link.get("href") for link in next(parse(client.get("/")).iter("main")).iter("a")]
    [crumbs] = by_class(parse(client.get("/treatments/creams/")), "breadcrumb")
    assert [link.get("href") for link in crumbs.iter("a")] == ["/", PAGE]


def queries(client, *slugs):
    compare(client, *slugs)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        compare(client, *slugs)
    return len(captured)


def test_a_comparison_asks_little_however_much_there_is(client):
    grid, one, three = queries(client), queries(client, "creams"), queries(client, *THREE)
    assert grid <= 8 and one == three <= 8

    source = Source.objects.get(code="R1")
    for treatment in Treatment.objects.all():
        for n in range(5):
            treatment.outcomes.add(Outcome(name=f"More {n}", result="Better.[R59]", certainty="low", source=source))
        treatment.save()
    for n in range(20):
        Treatment.objects.create(slug=f"new-{n}", name=f"New {n}", summary="Short.[R1]", certainty="low")

    assert (queries(client), queries(client, "creams"), queries(client, *THREE)) == (grid, one, three)
