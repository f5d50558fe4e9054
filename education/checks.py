"""What is looked at before content goes to patients: findings that stop it, and advice to its editor.

Pure functions over plain data: `education/drafts.py` reads a page or a record as a Content, and `check` says what it
finds there. The words that it looks for are in `education/words.toml`.
"""

import re
import tomllib
import warnings
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from education.citations import MARK, cited_codes, plain

STOP, ADVICE = "stop", "advice"

# What a piece is: text, a heading, what may be untrue (to choose from, or not to do), a text twin, a record shown.
TEXT, HEADING, CHOICE, ALT, RECORD = "text", "heading", "choice", "alt", "record"

# What is wrong with a page or a record that a content names.
GONE, DRAFT, WITHDRAWN = "gone", "draft", "withdrawn"

BEST_GRADE = 8
LONG_SENTENCE = 25
SHOWN = 2
# Fewer words have no grade.
ENOUGH_WORDS = 60
# As far as a removal reaches: "eliminates up to 90 % of your cellulite".
NEAR = 6

SENTENCE_END = re.compile(r"(?<=[.?!])[\"”’)]*(?:\s*\[(?:R\d{1,4}[a-z]?|MEM|JUDGE)\])*\s+(?=\S)")
FILE_NAME = re.compile(r"\.(?:gif|jpe?g|png|svg|webp)$", re.IGNORECASE)
NUMBER = re.compile(r"\d")
# What a denial does not reach across: "no pain, and it removes dents".
NEXT_CLAUSE = re.compile(r"[;:]|\b(?:and|but|so)\b|\bnot only\b", re.IGNORECASE)
BETWEEN = re.compile(r"[,;:]|\b(?:and|around|below|but|from|near|that|under|which)\b")


@dataclass(frozen=True)
class Piece:
    """One run of text with its marks: the field that it stands in, and which of its blocks or rows.

    `sourced`: its sources are given beside it, as those of a finding are.
    """

    where: str
    text: str
    kind: str = TEXT
    index: int | None = None
    sourced: bool = False


@dataclass(frozen=True)
class Named:
    """A page or a record that a content names, and what is wrong with it."""

    where: str
    name: str
    fault: str
    index: int | None = None


@dataclass(frozen=True)
class Content:
    """A page or a record as the checks read it."""

    pieces: tuple[Piece, ...]
    named: tuple[Named, ...] = ()
    needs_source: str = ""  # STOP or ADVICE, for want of any source
    source_field: str = ""
    next_review: date | None = None


@dataclass(frozen=True)
class Finding:
    level: str
    where: str
    message: str
    index: int | None = None

    @property
    def stops(self):
        return self.level == STOP


def check(content, today):
    """What there is to say of a content, what stops it first."""
    rules = (_source, _alt_texts, _promises, _names, _headings, _numbers, _unkind_words, _exclamations, _reading)
    found = [finding for rule in rules for finding in rule(content)]
    if content.next_review and content.next_review < today:
        found.append(Finding(ADVICE, "next_review", _("The day of the next review has passed.")))
    return sorted(found, key=lambda finding: not finding.stops)


def stops(content, today):
    return [finding for finding in check(content, today) if finding.stops]


def sentences(text):
    """A text as sentences, each with the marks that follow it."""
    found, start = [], 0
    for end in SENTENCE_END.finditer(text):
        found.append(text[start : end.end()].strip())
        start = end.end()
    return [sentence for sentence in (*found, text[start:].strip()) if sentence]


def grade(texts):
    """The school grade that can read these texts, by Flesch and Kincaid; None for a few words."""
    if sum(len(text.split()) for text in texts) < ENOUGH_WORDS:
        return None
    # Imported only here: it takes a third of a second, and in a way that newer versions of Python's tools warn of.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import textstat
    return textstat.flesch_kincaid_grade("\n".join(text if text[-1] in ".?!:" else f"{text}." for text in texts))


@cache
def _words():
    """Each list of words.toml as one pattern."""
    lists = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
    return {name: _pattern(words) for name, words in lists.items()}


def _pattern(words):
    parts = [re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])", re.IGNORECASE)


def _read(content, *kinds):
    """(piece, text without its marks) of what patients read."""
    return [(piece, text) for piece in content.pieces if piece.kind in kinds and (text := plain(piece.text))]


def _source(content):
    if content.needs_source and not any(piece.sourced or MARK.search(piece.text) for piece in content.pieces):
        message = _("Nothing here has a source. Cite one, like [R4], right after what it says.")
        yield Finding(content.needs_source, content.source_field, message)


def _alt_texts(content):
    for piece in content.pieces:
        if piece.kind == ALT and (not piece.text.strip() or FILE_NAME.search(piece.text.strip())):
            message = _("Say in words what there is to learn from this picture.")
            yield Finding(STOP, piece.where, message, piece.index)


def _promises(content):
    for piece in content.pieces:
        if piece.kind in (TEXT, HEADING):
            for sentence in sentences(piece.text):
                if promise := _promise(sentence.replace("’", "'")):
                    yield Finding(STOP, piece.where, _too_much(promise, sentence), piece.index)


def _promise(sentence):
    """The words that promise too much about cellulite, or an empty text."""
    words = _words()
    if not words["topics"].search(sentence) or plain(sentence).endswith("?"):
        return ""
    if cited_codes(sentence) and words["reports"].search(sentence):
        return ""
    matches = [*words["promises"].finditer(sentence)]
    matches += [match for match in words["removals"].finditer(sentence) if _of_cellulite(sentence, match)]
    return next((match[0] for match in matches if not _denied(sentence[: match.start()])), "")


def _denied(before):
    return bool(_words()["denials"].search(NEXT_CLAUSE.split(before)[-1]))


def _of_cellulite(sentence, removal):
    """Whether cellulite is what goes: "removes your dents", "dents are removed"; not "removes fat"."""
    return any(
        _close(sentence[removal.end() : topic.start()] or sentence[topic.end() : removal.start()])
        for topic in _words()["topics"].finditer(sentence)
    )


def _close(between):
    other = _words()["other_targets"]
    between = re.sub(rf"{other.pattern} (?:and|or)\b", "", between, flags=re.IGNORECASE)
    return len(between.split()) <= NEAR and not BETWEEN.search(between) and not other.search(between)


def _too_much(promise, sentence):
    return _(
        "“%(promise)s” promises too much: “%(sentence)s” Say what a study saw, in whom and for how long, with its "
        "source, or say plainly that it does not."
    ) % {"promise": promise, "sentence": plain(sentence)}


def _names(content):
    told = set()
    for named in content.named:
        if named.fault == GONE:
            yield Finding(STOP, named.where, _fault(named), named.index)
        elif named.name not in told:
            yield Finding(ADVICE, named.where, _fault(named), named.index)
            told.add(named.name)


def _fault(named):
    if named.fault == GONE:
        return _("What stands here is no longer there. Choose another, or take it out.")
    if named.fault == DRAFT:
        return _("“%(name)s” is not published, so patients do not get there.") % {"name": named.name}
    return _("“%(name)s” is withdrawn: the page says so in a banner.") % {"name": named.name}


def _headings(content):
    """A heading needs words of its own, and something below it."""
    for piece, after in zip(content.pieces, (*content.pieces[1:], None), strict=False):
        if piece.kind != HEADING or piece.index is None:
            continue
        if not plain(piece.text):
            yield Finding(STOP, piece.where, _("This heading has no words."), piece.index)
        elif _ends(piece, after):
            message = _("Nothing stands below the heading “%(heading)s”.") % {"heading": plain(piece.text)}
            yield Finding(ADVICE, piece.where, message, piece.index)


def _ends(heading, after):
    return after is None or after.kind == HEADING or after.where != heading.where


def _numbers(content):
    """A mark covers all that its paragraph says before it."""
    for piece in content.pieces:
        if content.needs_source and piece.kind == TEXT and not piece.sourced:
            for sentence in sentences(MARK.split(piece.text)[-1]):
                if NUMBER.search(sentence):
                    message = _("A number without a source: “%(sentence)s”") % {"sentence": sentence}
                    yield Finding(ADVICE, piece.where, message, piece.index)


def _unkind_words(content):
    for piece, text in _read(content, TEXT, HEADING, CHOICE):
        for match in _words()["unkind"].finditer(text.replace("’", "'")):
            message = _("“%(word)s” can shame or sell. Try another word.") % {"word": match[0]}
            yield Finding(ADVICE, piece.where, message, piece.index)


def _exclamations(content):
    for piece, text in _read(content, TEXT, HEADING, CHOICE):
        if "!" in text:
            yield Finding(ADVICE, piece.where, _("Write without exclamation marks."), piece.index)


def _reading(content):
    read = _read(content, TEXT, HEADING, CHOICE)
    told = [(len(sentence.split()), piece, sentence) for piece, text in read for sentence in sentences(text)]
    longest = sorted(told, key=lambda row: -row[0])[:SHOWN]
    reached = grade([text for _piece, text in read])
    if reached is not None and reached > BEST_GRADE:
        quoted = " ".join(f"“{sentence}”" for _count, _piece, sentence in longest)
        message = _("Grade %(grade)s: patients read 6 to 8 best. The longest sentences: %(sentences)s")
        yield Finding(ADVICE, "", message % {"grade": reached, "sentences": quoted})
    for count, piece, sentence in longest:
        if count > LONG_SENTENCE:
            message = _("A sentence of %(count)s words: “%(sentence)s” Could it be two?")
            yield Finding(ADVICE, piece.where, message % {"count": count, "sentence": sentence}, piece.index)
