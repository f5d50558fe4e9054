"""Where a hope and what is usual stand on a scale. Only the order of its levels means anything, so it is even."""

from collections.abc import Mapping
from dataclasses import dataclass

LEFT, RIGHT = 16, 280
# The first and the last word reach a little beyond their ticks, so that neither runs into its neighbour.
OVERHANG = 8
# Half of what marks each on the scale: the line between them touches neither.
USUAL_REACH, HOPE_REACH = 14, 9


@dataclass(frozen=True)
class Mark:
    """One level of the scale: its tick, and where its word is anchored."""

    x: int
    word: str
    word_x: int
    anchor: str


@dataclass(frozen=True)
class Chart:
    """`hope` is None where the patient is not sure, `usual` where it is not known; `between` is the gap."""

    marks: tuple[Mark, ...]
    hope: int | None
    usual: int | None
    between: tuple[int, int] | None
    left: int = LEFT
    length: int = RIGHT - LEFT

    @property
    def bar(self) -> tuple[int, int] | None:
        """Where the mark of what is usual begins, and how wide it is."""
        return None if self.usual is None else (self.usual - USUAL_REACH, 2 * USUAL_REACH)

    @property
    def hatches(self) -> range:
        """Where the strokes over a scale of which nothing is known begin."""
        return range(LEFT + 12, RIGHT - 16, 16)


def chart(words: Mapping[str, str], hope: str, usual: str | None) -> Chart:
    """`words` are the levels of the scale by code, from the lowest to the highest."""
    marks = {code: _mark(number, word, len(words)) for number, (code, word) in enumerate(words.items())}
    places = [marks[code].x if code in marks else None for code in (hope, usual)]
    return Chart(tuple(marks.values()), *places, _between(*places))


def _mark(number: int, word: str, count: int) -> Mark:
    x = LEFT + (RIGHT - LEFT) * number // (count - 1)
    if number == 0:
        return Mark(x, word, x - OVERHANG, "start")
    if number == count - 1:
        return Mark(x, word, x + OVERHANG, "end")
    return Mark(x, word, x, "middle")


def _between(hope: int | None, usual: int | None) -> tuple[int, int] | None:
    if hope is None or usual is None or hope == usual:
        return None
    step = 1 if hope > usual else -1
    return usual + step * USUAL_REACH, hope - step * HOPE_REACH
