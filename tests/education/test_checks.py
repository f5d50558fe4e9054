"""What is looked at before content goes to patients: each rule, and the starter content under all of them."""

from datetime import date

import pytest

from education.checks import ADVICE, STOP, Content, Finding, Named, Piece, check, grade, sentences
from education.drafts import read
from education.models import ArticlePage, HomePage, PlainPage, Treatment
from intake import starter_rules

TODAY = date(2026, 11, 24)


def found(*pieces, **content):
    """(level, where, index) of each finding, and all messages in one."""
    findings = check(Content(pieces, **content), TODAY)
    return [(one.level, one.where, one.index) for one in findings], " ".join(one.message for one in findings)


def text_of(text, **piece):
    return Piece("body", text, **{"index": 2, **piece})


STOPPED, ADVISED = [(STOP, "body", 2)], [(ADVICE, "body", 2)]


@pytest.mark.parametrize(
    ("sentence", "promise"),
    [
        ("This treatment permanently removes cellulite.", "permanently"),
        ("It removes dents.", "removes"),
        ("Dents can be fully removed by laser.", "removed"),
        ("It eliminates up to 90 % of your cellulite.", "eliminates"),
        ("It melts fat and cellulite away.", "melts"),
        ("Get rid of cellulite", "Get rid"),
        ("Guaranteed results for dimples.", "Guaranteed"),
        ("A cream for orange peel has no side effects.", "no side effects"),
        ("It works 100 % against cellulite.", "100 %"),
        ("There is no pain, and it removes dents.", "removes"),
        ("Not only does it remove cellulite.", "remove"),
        ("Needles removed dents for good.[R1]", "for good"),
        ("In a study of 20 women, needles removed dents for good.", "for good"),
    ],
)
def test_a_promise_about_cellulite_stops(sentence, promise):
    where, message = found(text_of(f"First this. {sentence}"))

    assert where == STOPPED
    assert f"“{promise}” promises too much" in message
    assert sentence.removesuffix("[R1]") in message and "First this" not in message


@pytest.mark.parametrize(
    "sentence",
    [
        "No treatment removes cellulite for good.",
        "No cream, device or diet that we know of removes cellulite for good.",
        "It can’t remove your cellulite.",
        "Cellulite cannot be cured.",
        "Can cellulite be cured?",
        "It is a myth that creams melt cellulite.",
        "In a study of 20 women, needles removed dents for good.[R1]",
        "The surgeon removes the stitches below the dent.",
        "It cuts the bands that pull dents down, and melts some fat.",
        "Dents may come back after the band is removed.",
        "It removes hair for good.",
    ],
)
def test_what_denies_asks_or_reports_is_no_promise(sentence):
    assert found(text_of(sentence)) == ([], "")


def test_what_may_be_untrue_on_purpose_is_no_promise():
    assert found(text_of("Creams remove cellulite.", kind="choice")) == ([], "")


def test_a_promise_in_a_title_stops_too():
    where, _message = found(Piece("title", "How to get rid of cellulite", "heading"))

    assert where == [(STOP, "title", None)]


@pytest.mark.parametrize("level", [STOP, ADVICE])
def test_content_without_any_source(level):
    where, message = found(text_of("Bands pull the skin."), needs_source=level, source_field="body")

    assert where == [(level, "body", None)]
    assert "Cite one, like [R4]" in message


@pytest.mark.parametrize(
    "piece", [text_of("Bands pull.[R1]"), text_of("Bands pull. [JUDGE]"), text_of("Bands pull.", sourced=True)]
)
def test_one_source_or_an_open_judgement_is_enough(piece):
    assert found(piece, needs_source=STOP, source_field="body") == ([], "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("In 12 weeks it was better.[R1]", ""),
        ("It took 12 weeks. Then it was better.[R1]", ""),
        ("It was better.[R1] It took 12 weeks.", "It took 12 weeks."),
        ("It took weeks.[R1] It was better.", ""),
    ],
)
def test_a_number_has_its_source_in_its_paragraph(text, told):
    where, message = found(text_of(text), needs_source=STOP)

    assert where == (ADVISED if told else [])
    assert message == (f"A number without a source: “{told}”" if told else "")


@pytest.mark.parametrize(("alt", "stops"), [("", True), ("  ", True), ("IMG_1.JPG", True), ("Two legs.", False)])
def test_a_picture_needs_words(alt, stops):
    assert found(text_of(alt, kind="alt"))[0] == (STOPPED if stops else [])


@pytest.mark.parametrize(
    ("fault", "level", "message"),
    [("gone", STOP, "no longer there"), ("draft", ADVICE, "not published"), ("withdrawn", ADVICE, "is withdrawn")],
)
def test_what_content_names_is_there(fault, level, message):
    where, told = found(named=(Named("body", "Other", fault, 4),))

    assert where == [(level, "body", 4)]
    assert message in told


def test_a_heading_needs_words_and_something_below():
    heading = text_of("Why?", kind="heading")

    assert found(heading, text_of("So.", index=3)) == ([], "")
    assert found(heading, text_of("Creams", kind="record", index=3)) == ([], "")
    assert found(text_of("[R1]", kind="heading"), text_of("So.", index=3))[0] == STOPPED
    assert found(heading, text_of("How?", kind="heading", index=3), text_of("So.", index=4))[0] == ADVISED
    assert found(heading)[0] == ADVISED


@pytest.mark.parametrize(
    ("text", "word"),
    [("It is just a flaw.", "just"), ("Don’t worry.", "Don't worry"), ("Great!", "exclamation"), ("Justice.", "")],
)
def test_words_that_shame_or_sell(text, word):
    where, message = found(text_of(text))

    assert all(place == ADVISED[0] for place in where) and bool(where) == bool(word)
    assert word in message


HARD = (
    "Subcutaneous fibrous septa perpendicularly oriented toward the dermis constitute the anatomical "
    "substrate that characterises gynoid lipodystrophy in histological examinations of affected individuals."
)


def test_hard_texts_get_their_grade_and_their_longest_sentences():
    where, message = found(text_of(f"{HARD} {HARD} {HARD}. A short one."))

    assert (ADVICE, "", None) in where
    assert "patients read 6 to 8 best" in message and HARD.removesuffix(".") in message


def test_easy_and_short_texts_get_no_grade():
    assert grade(["Hard sesquipedalian words."]) is None
    assert grade(["The cat sat on the mat." for _each in range(20)]) < 3


def test_a_long_sentence_could_be_two():
    where, message = found(text_of("word " * 26 + "."))

    assert where == ADVISED
    assert message.startswith("A sentence of 27 words")


def test_a_review_that_is_due():
    assert found(next_review=date(2026, 11, 23))[0] == [(ADVICE, "next_review", None)]
    assert found(next_review=TODAY) == ([], "")


def test_what_stops_comes_first():
    findings = check(Content((Piece("body", "Just so. It removes dents."),)), TODAY)

    assert [finding.stops for finding in findings] == [True, False]
    assert isinstance(findings[0], Finding)


def test_sentences_keep_their_marks():
    assert sentences("One.[R1] Two? [MEM] “Three.” Four") == ["One.[R1]", "Two? [MEM]", "“Three.”", "Four"]


@pytest.mark.django_db
@pytest.mark.usefixtures("starter")
@pytest.mark.parametrize("model", [HomePage, ArticlePage, PlainPage, Treatment])
def test_nothing_stops_the_starter_content(model):
    stopped = {str(item): _stops(item) for item in model.objects.all()}

    assert stopped and not any(stopped.values()), stopped


def test_nothing_stops_the_starter_notes():
    stopped = {row["code"]: _stops(starter_rules.note(row)) for row in starter_rules.rows("notes.toml")}

    assert len(stopped) == 39 and not any(stopped.values()), stopped


def _stops(item):
    return [finding.message for finding in check(read(item), TODAY) if finding.stops]


@pytest.mark.django_db
@pytest.mark.usefixtures("starter")
class TestReading:
    """A page becomes plain pieces, each where an editor finds it."""

    def article(self, *body, **fields):
        fields = {"title": "T", "summary": "S.", "key_points": [("point", "One.[R1]")]} | fields
        return ArticlePage(body=list(body), **fields)

    def pieces(self, *body):
        return [(one.text, one.kind, one.index) for one in read(self.article(*body)).pieces if one.where == "body"]

    def test_rich_text_falls_into_paragraphs(self):
        assert self.pieces(("text", "<p>One &amp; <b>two</b>.[R1]</p><ul><li>Three.</li></ul>"))[:2] == [
            ("One & two.[R1]", "text", 0),
            ("Three.", "text", 0),
        ]

    def test_a_do_and_its_dont(self):
        assert self.pieces(("do_dont", {"do": ["Walk."], "dont": ["Buy a cure."]})) == [
            ("Walk.", "text", 0),
            ("Buy a cure.", "choice", 0),
        ]

    def test_answers_may_be_untrue_and_what_explains_them_is_not(self):
        answers = [{"text": "It goes.", "reply": "It stays.", "fits": False}]

        assert self.pieces(("heading", "H"), ("check", {"question": "What?", "answers": answers})) == [
            ("H", "heading", 0),
            ("What?", "choice", 1),
            ("It goes.", "choice", 1),
            ("It stays.", "text", 1),
        ]

    def test_a_drawing_has_a_text_twin(self):
        drawing = {"drawing": "body-areas", "alt": "Areas.", "caption": "Not to scale."}

        assert self.pieces(("drawing", drawing)) == [("Areas.", "alt", 0), ("Not to scale.", "text", 0)]

    def named(self, *body, **fields):
        return [(one.where, one.name, one.fault, one.index) for one in read(self.article(*body, **fields)).named]

    def test_links_to_pages_that_are_gone_or_not_published(self):
        other = ArticlePage.objects.get(slug="what-is-cellulite")
        text = '<p>See <a id="{}" linktype="page">there</a>.</p>'

        assert self.named(("text", text.format(other.pk))) == []
        assert self.named(("text", text.format(99999))) == [("body", "", "gone", 0)]
        other.unpublish()
        assert self.named(("text", text.format(other.pk))) == [("body", "What is cellulite?", "draft", 0)]
        assert self.named(related=[("page", other.pk)]) == [("related", "What is cellulite?", "draft", 0)]
        assert self.named(related=[("page", 99999)]) == [("related", "", "gone", 0)]

    def test_records_that_are_withdrawn_or_drafts(self):
        qwo, creams = (Treatment.objects.get(slug=slug) for slug in ("collagenase", "creams"))

        assert self.named(("treatment_fact", qwo.pk)) == [("body", str(qwo), "withdrawn", 0)]
        assert self.named(("treatment_fact", creams.pk)) == []
        creams.unpublish()
        assert self.named(("treatment_fact", creams.pk)) == [("body", str(creams), "draft", 0)]

    def test_findings_of_a_record_stand_under_their_source(self):
        [piece] = [one for one in read(Treatment.objects.get(slug="cryolipolysis")).pieces if one.sourced][:1]

        assert (piece.where, piece.index) == ("outcomes.result", 0)
