"""What the face sheet leaves out on paper, so that it stays one sheet. What is left out is said, and is on screen."""

from math import ceil
from unicodedata import east_asian_width

# In this order until the rest fits: charts (the table says the same), the end of the patient's own question, what was
# told beside each sign, what the patient reads of each note, questions after the first ones, the third note.
CUTS = ("charts", "own-question", "told", "reads", "questions", "note")
# Lines of the smallest type in one of the two columns, and letters in a line of it.
COLUMN, LETTERS, LETTERS_ACROSS = 60, 54, 110
BROAD = frozenset("MWmw@%")
# What else takes lines: the edges and the heading of a card, a chart, the line between two rows of a table.
CARD, CHART, LINED = 2, 4, 1.2
HOW_SURE = "How sure is the record?"
# The style sheet ends texts here.
MOST_OF_HELP, MOST_OF_GOAL, MOST_OF_NOTE, MOST_OF_QUESTION, LEAST_OF_QUESTION = 3, 12, 10, 12, 4
FIRST_QUESTIONS = 5


def cuts(sheet):
    """The names of what is cut; a cut that would save nothing is not made."""
    made = _cut_anyway(sheet)
    for cut in CUTS:
        if not _fits(sheet, made) and sum(_pieces(sheet, made | {cut})) < sum(_pieces(sheet, made)):
            made |= {cut}
    return made


def lines(text, letters=LETTERS):
    """About how many lines a text fills."""
    return sum(max(1, ceil(sum(map(_width, line)) / letters)) for line in (text or "").splitlines())


def _width(letter):
    return 2 if letter in BROAD or east_asian_width(letter) in "WF" else 1


def _cut_anyway(sheet):
    """Texts that are too long for any sheet, such as one with a line for every word."""
    texts = {
        "help": lines(sheet["visit_help"], LETTERS_ACROSS) > MOST_OF_HELP,
        "goal": lines(sheet["own_words"]) > MOST_OF_GOAL,
        "own-question": lines(sheet["own_question"]) > MOST_OF_QUESTION,
        "staff-text": any(lines(note.staff_text) > MOST_OF_NOTE for _number, note in sheet["top_notes"]),
    }
    return frozenset(name for name, too_long in texts.items() if too_long)


def _fits(sheet, made):
    """The first column ends where a piece does, and the second takes the rest."""
    pieces = _pieces(sheet, made)
    column = COLUMN - min(lines(sheet["visit_help"], LETTERS_ACROSS), MOST_OF_HELP + 1) - _withdrawn(sheet)
    return any(max(sum(pieces[:end]), sum(pieces[end:])) <= column for end in range(len(pieces) + 1))


def _pieces(sheet, made):
    """The lines of whatever stays together, from the first to the last."""
    return [
        _goal(sheet),
        _flags(sheet, made),
        *_notes(sheet, made),
        _questions(sheet, made),
        _hopes(sheet, made),
    ]


def _withdrawn(sheet):
    return CARD + len(sheet["withdrawn"]) if sheet["withdrawn"] else 0


def _goal(sheet):
    in_short = "  ".join(f"{label} {words}" for label, words in sheet["in_short"] if words)
    return CARD + min(lines(sheet["own_words"]), MOST_OF_GOAL) + lines(in_short) + 1


def _flags(sheet, made):
    if "told" in made:
        return CARD + 2 + sum(lines(flag.text) for flag in sheet["flags"])
    return CARD + sum(lines(f"{flag.text} {flag.told}") for flag in sheet["flags"])


def _notes(sheet, made):
    shown = sheet["top_notes"][: -1 if "note" in made else None]
    return [CARD, *(_note(note, made) for _number, note in shown), 2]


def _note(note, made):
    to_read = f"{note.patient_title} {note.patient_text}" if note.for_patient and "reads" not in made else ""
    return 3 + min(lines(note.staff_text), MOST_OF_NOTE) + (lines(to_read) or "reads" not in made)


def _questions(sheet, made):
    labels = sheet["questions"][: FIRST_QUESTIONS if "questions" in made else None]
    most = LEAST_OF_QUESTION if "own-question" in made else MOST_OF_QUESTION
    return CARD + sum(map(lines, labels)) + min(lines(sheet["own_question"]), most) + 1


def _hopes(sheet, made):
    rows = sum(len(hoped.gaps) for hoped in sheet["hopes"])
    names = sum(lines(f"{hoped.name} {HOW_SURE} {hoped.how_sure}") for hoped in sheet["hopes"])
    charts = 0 if "charts" in made else CHART * rows + len(sheet["hopes"])
    # The head of the table takes two lines, what is said below it four.
    return CARD + 2 + ceil(LINED * rows) + names + charts + 4
