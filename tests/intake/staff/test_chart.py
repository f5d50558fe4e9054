"""Where hope and usual stand on their scale. Only the order of levels means anything, so they stand evenly."""

import pytest

from intake.gaps import LEVELS
from intake.staff import hopes
from intake.staff.chart import HOPE_REACH, LEFT, RIGHT, USUAL_REACH, chart

FIVE = dict(zip(LEVELS["change"], "ABCDE", strict=True))


def test_levels_stand_evenly_from_one_end_to_the_other():
    places = [mark.x for mark in chart(FIVE, "gone", "little").marks]
    assert (places[0], places[-1]) == (LEFT, RIGHT)
    assert len({after - before for before, after in zip(places, places[1:], strict=False)}) == 1


def test_words_at_the_ends_keep_clear_of_their_neighbours():
    marks = chart(FIVE, "gone", "little").marks
    assert [mark.word for mark in marks] == list("ABCDE")
    assert [mark.anchor for mark in marks] == ["start", "middle", "middle", "middle", "end"]


def test_the_gap_runs_between_the_marks_and_touches_neither():
    above = chart(FIVE, "gone", "little")
    assert above.between == (above.usual + USUAL_REACH, above.hope - HOPE_REACH)
    below = chart(FIVE, "little", "gone")
    assert below.between == (below.usual - USUAL_REACH, below.hope + HOPE_REACH)


@pytest.mark.parametrize("dimension", LEVELS)
def test_a_gap_is_always_long_enough_to_see(dimension):
    levels = LEVELS[dimension]
    scale = dict.fromkeys(levels, "")
    for hope in levels:
        for usual in levels:
            between = chart(scale, hope, usual).between
            assert (between is None) == (hope == usual)
            assert between is None or (between[1] - between[0]) * (levels.index(hope) - levels.index(usual)) > 40


def test_who_is_not_sure_has_no_dot_and_no_gap():
    found = chart(FIVE, "unsure", "clear")
    assert (found.hope, found.between) == (None, None)
    assert found.bar == (found.usual - USUAL_REACH, 2 * USUAL_REACH)


def test_what_is_not_known_has_no_bar_but_strokes_over_the_whole_scale():
    found = chart(FIVE, "gone", None)
    assert (found.hope, found.bar, found.between) == (RIGHT, None, None)
    assert all(LEFT < stroke < RIGHT - 8 for stroke in found.hatches)


def test_every_level_has_a_word_in_the_order_of_the_scale():
    assert {dimension: tuple(words) for dimension, words in hopes.LEVELS.items()} == LEVELS
