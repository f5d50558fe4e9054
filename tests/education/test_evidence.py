"""The evidence records: no number without its source in the evidence file, nothing left out that a patient needs."""

import re
import tomllib
from pathlib import Path

import pytest

from education.citations import cited_codes
from education.models.evidence import Bruising, Certainty, Change, Lasting
from education.starter_content import STARTER

RECORDS = [tomllib.loads(path.read_text()) for path in sorted((STARTER / "treatments").glob("*.toml"))]
SOURCES = {source["code"] for source in tomllib.loads((STARTER / "sources.toml").read_text())["source"]}

GRADES = {"I": "1", "II": "2", "III": "3", "IV": "4"}
MARKS = re.compile(r"(?:\s*\[(?:R\d{1,4}[a-z]?|MEM|JUDGE)\])+")
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
RATE = re.compile(r"(\d+)(?: to (\d+))? in 100\b")

# Usual change, longest lasting shown, usual bruising.
GAPS = """
home-micro-needling    ?      ?      ?
clinic-micro-needling  ?      ?      ?
rf-micro-needling      little months ?
creams                 little weeks  none
massage                little weeks  none
acoustic-wave          little months none
rapid-acoustic-pulse   little months ?
radiofrequency         little weeks  none
laser-1440             clear  months two-weeks
manual-subcision       clear  ?      two-weeks
cellfina               clear  years  two-weeks
aveli                  clear  months two-weeks
collagenase            little months month
fillers                little months ?
cryolipolysis          none   ?      ?
liposuction            none   ?      ?
weight-and-exercise    little ?      none
wraps-and-heat         none   weeks  none
"""

each_record = pytest.mark.parametrize("record", RECORDS, ids=[record["slug"] for record in RECORDS])


def _passages():
    """(sources, numbers, shares of 100) of each passage of the evidence file."""
    for sources, tokens in tomllib.loads((Path(__file__).parent / "evidence_numbers.toml").read_text())["passages"]:
        numbers, shares = set(), []
        for token in tokens.split():
            part, _, whole = token.rstrip("%").partition("/")
            numbers |= {GRADES.get(part, part), whole}
            if whole:
                shares.append(100 * int(part) / int(whole))
            elif token.endswith("%"):
                shares.append(float(part))
        yield set(sources.split()), numbers, shares


PASSAGES = list(_passages())


def in_a_passage(number, codes):
    return any(number in numbers for sources, numbers, _ in PASSAGES if sources & codes)


def rounds_a_share(number, codes):
    shares = [share for sources, _, shares in PASSAGES if sources & codes for share in shares]
    return any(abs(share - int(number)) <= 0.5 for share in shares)


def claims(text, otherwise):
    """(words, codes) of each part of a text that ends in marks, and of what follows the last mark."""
    start = 0
    for marks in MARKS.finditer(text):
        yield text[start : marks.start()], set(cited_codes(marks[0]))
        start = marks.end()
    yield text[start:], set(cited_codes(text)) or otherwise


def unbacked(text, otherwise=frozenset()):
    """The numbers of a text that stand in no passage of the sources that it cites, or else of the given ones."""
    wrong = []
    for words, codes in claims(text, otherwise):
        rates = [number for rate in RATE.findall(words) for number in rate if number]
        numbers = [number.replace(",", "") for number in NUMBER.findall(RATE.sub("", words))]
        wrong += [number for number in rates if not rounds_a_share(number, codes)]
        wrong += [number for number in numbers if not in_a_passage(number, codes)]
    return wrong


def texts(row):
    """Every text of a record or an outcome that a patient reads."""
    for key, value in row.items():
        if isinstance(value, str) and key not in ("slug", "source"):
            yield value
    yield from row.get("also_called", [])


def cited(record):
    """The sources of a record and of its outcomes."""
    rows = [record, *record["outcome"]]
    return {code for row in rows for text in texts(row) for code in cited_codes(text)} | {
        outcome["source"] for outcome in record["outcome"]
    }


@each_record
def test_every_number_of_a_record_stands_in_the_evidence(record):
    assert not {text: wrong for text in texts(record) if (wrong := unbacked(text, cited(record)))}


@each_record
def test_every_number_of_an_outcome_stands_in_the_evidence(record):
    for outcome in record["outcome"]:
        source = {outcome["source"]}
        assert not {text: wrong for text in texts(outcome) if (wrong := unbacked(text, source))}
        assert "n" not in outcome or in_a_passage(str(outcome["n"]), source)
        for key, number in outcome.items():
            assert not key.startswith("per_100") or rounds_a_share(number, source), key


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Pain was 3.7 out of 10.[R9]", []),
        ("Pain was 3.8 out of 10.[R9]", ["3.8"]),
        ("Pain was 3.7 out of 10.[R10]", ["3.7"]),
        ("Grade 2 to 3.[R9]", []),
        ("In 1,029 patients.[R87]", []),
        ("About 37 to 42 in 100 women.[R10]", []),
        ("About 36 in 100 women.[R10]", ["36"]),
        ("About 50 in 100 people.[R9]", ["50"]),
        ("About 59 in 100 women.[R48]", []),
        ("It heals in 3 days. [MEM]", ["3"]),
        ("It heals in 3 days.[R9] [MEM]", []),
        ("Heat of 67 °C.[R9] It lasts 24 months.[R29]", ["24"]),
        ("One session.[R29] It lasts 12 months.", []),
    ],
)
def test_a_number_that_the_evidence_does_not_give_is_found(text, wrong):
    assert unbacked(text) == wrong


def test_there_is_one_record_for_each_treatment_of_the_form():
    assert {record["slug"] for record in RECORDS} == {line.split()[0] for line in GAPS.split("\n") if line}
    assert len(RECORDS) == 18


@each_record
def test_what_hopes_are_compared_with_is_what_was_agreed(record):
    agreed = next(line.split()[1:] for line in GAPS.split("\n") if line.startswith(f"{record['slug']} "))
    gaps = [record["gap_change"], record["gap_lasts"], record["gap_bruising"]]

    assert gaps == ["" if gap == "?" else gap for gap in agreed]
    for gap, choices in zip(gaps, (Change, Lasting, Bruising), strict=True):
        assert gap in ("", *choices.values)


@each_record
def test_a_record_says_what_a_patient_has_to_know(record):
    for name in ("summary", "not_for", "serious_risks", "regulator"):
        assert record[name], name
    assert record["certainty"] in Certainty.values
    assert record["outcome"]
    assert all(outcome["certainty"] in Certainty.values for outcome in record["outcome"])


@each_record
def test_a_record_lists_what_it_cites_and_the_sources_are_there(record):
    assert set(record["sources"]) == cited(record) <= SOURCES
