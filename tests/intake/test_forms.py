"""What a step takes, what it refuses, and in which words."""

import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.utils import timezone

from intake.forms import StepForm, initial_of
from intake.path import walk
from intake.questionnaire import compile_questionnaire
from tests.factories import FORM, complete_answers
from tests.intake.answers import STEPS

QUESTIONNAIRE = compile_questionnaire(json.loads(FORM.read_text(encoding="utf-8")))

EVERY_SCRIPT = [
    "Zoë Müller-Łukasz",
    "Ана Петровић",
    "محمد بن عبد الله",
    "\u202eאברהם\u202c",
    "李小龍",
    "กมลรัตน์",
    "나은",
    "ᏣᎳᎩ",
    "e\u0301\u0327\u0330 a\u0308",
    "Z\u0335a\u0321l\u0322g\u0327o\u0328",
    "👩🏽‍⚕️ 🏳️‍🌈",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    'O\'Neill <b>&amp;</b> "x"',
    "\ufffd",
]


def by_link_id(changes):
    return {name.replace("_", "-"): value for name, value in changes.items()}


def offering(withheld=(), own=()):
    return SimpleNamespace(withheld=withheld, own=own)


def posted(given):
    data = QueryDict(mutable=True)
    for link_id, value in given.items():
        data.setlist(link_id, value if isinstance(value, list) else [value])
    return data


def step(name, **answers):
    answers = complete_answers(by_link_id(answers))
    return next(entry for entry in walk(QUESTIONNAIRE, answers) if entry.step.name == name)


def form_of(name, offer=None, **changes):
    """A complete step but for these changes; a linkId's hyphens are written as underscores."""
    return StepForm(step(name), offer=offer, data=posted(STEPS[name] | by_link_id(changes)))


def only_error(form):
    """The one message of a form with one fault."""
    assert not form.is_valid()
    [(name, messages)] = form.errors.items()
    [message] = messages
    return name, message


@pytest.mark.parametrize("name", STEPS)
def test_every_step_takes_complete_answers(name):
    form = form_of(name)
    assert form.is_valid(), form.errors
    assert list(form.answers()) == list(STEPS[name])


@pytest.mark.parametrize("name", STEPS)
def test_a_step_sent_empty_says_what_is_needed(name):
    form = StepForm(step(name), data=QueryDict())
    required = [question.link_id for question in step(name).questions if question.required]
    assert list(form.errors) == required
    for [message] in form.errors.values():
        assert message.split()[0] in {"Choose", "Tick", "Enter", "Write", "Fill", "Read"}
        assert "required" not in message


def test_what_is_optional_and_left_open_is_kept_as_asked():
    answers = form_of("about-you").answers()
    assert answers["appointment-date"] is None
    assert answers["visit-help"] is None
    assert form_of("what-you-see", areas=[]).answers()["areas"] is None


def test_a_required_box_has_to_be_ticked():
    for value in ("", "false", "False"):
        name, message = only_error(form_of("privacy", consent_care=value))
        assert name == "consent-care"
        assert message.startswith("Tick")


@pytest.mark.parametrize("name", EVERY_SCRIPT)
def test_a_name_in_any_script_is_kept_as_it_was_typed(name):
    assert form_of("about-you", full_name=name).answers()["full-name"] == name


def test_white_space_is_no_name():
    assert only_error(form_of("about-you", full_name=" \t\u3000 "))[0] == "full-name"


def test_a_nul_is_refused_in_our_words():
    name, message = only_error(form_of("about-you", full_name="Amara\x00Nwosu"))
    assert name == "full-name"
    assert message == "This holds a sign that we can't keep. Please type it again."


def test_a_text_that_is_too_long_is_told_by_how_much():
    name, message = only_error(form_of("goals", goal_own_words="x" * 20_000))
    assert name == "goal-own-words"
    assert message == "Write at most 500 letters. You have written 20000."


def test_a_line_break_counts_as_one_letter():
    form = form_of("goals", goal_own_words="a\r\n" * 249 + "bc")
    assert form.answers()["goal-own-words"] == "a\n" * 249 + "bc"


def test_a_letter_outside_the_basic_plane_counts_once():
    assert form_of("goals", goal_own_words="🦵" * 500).is_valid()
    assert not form_of("goals", goal_own_words="🦵" * 501).is_valid()


@pytest.mark.parametrize(
    "email", ["a@b.co", "O'Neill+clinic@mail.example.org", "jürgen@bücher.example", "иван@почта.рф", " a@b.co "]
)
def test_an_address_for_mail_is_taken(email):
    assert form_of("contact", email=email).answers()["email"] == email.strip()


@pytest.mark.parametrize(
    "email",
    [
        "amara",
        "amara@clinic",
        "amara@@example.org",
        "amara@example..org",
        "amara nwosu@example.org",
        "amara@example.org,",
        "amara,other@example.org",
        "<amara@example.org>",
        "Amara<amara@example.org>",
        "amara@example.org\nBcc:all@example.org",
        "amara@example.org\rBcc:all@example.org",
    ],
)
def test_an_address_that_no_mail_would_reach_is_refused(email):
    assert only_error(form_of("contact", email=email)) == ("email", "Enter an e-mail address like name@example.org")


@pytest.mark.parametrize("phone", ["020 7946 0000", "+44 (0)20 7946-0000", "112233"])
def test_a_phone_number_is_taken_as_it_is_written(phone):
    form = StepForm(step("contact", contact_by="phone"), data=posted({"phone": phone}))
    assert form.answers() == {"phone": phone}


@pytest.mark.parametrize("phone", ["12345", "1" * 16, "call me", "020 7946 0000 ext. 3", "1" * 20_000])
def test_a_number_that_nobody_can_call_is_refused(phone):
    form = StepForm(step("contact", contact_by="text"), data=posted({"phone": phone}))
    assert only_error(form)[0] == "phone"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1991-03-04", "1991-03-04"), ("1991-3-4", "1991-03-04"), (" 1992-02-29 ", "1992-02-29")],
)
def test_a_date_of_birth_is_kept_as_a_date(typed, kept):
    assert form_of("about-you", birth_date=typed).answers()["birth-date"] == kept


@pytest.mark.parametrize(
    "typed",
    ["2023-02-29", "0000-00-00", "1991-13-01", "04/03/1991", "4 March 1991", "1991", "2023-W09-2", "19910304", "soon"],
)
def test_what_is_no_date_is_told_how_to_write_one(typed):
    name, message = only_error(form_of("about-you", birth_date=typed))
    assert name == "birth-date"
    assert message == "Enter the date as year, month and day, like 1991-03-04"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("1899-01-01", "This date is too long ago. Enter the year with 4 digits, like 1991."),
        ("0091-03-04", "This date is too long ago. Enter the year with 4 digits, like 1991."),
        ("2199-01-01", "This date is in the future. Check the year."),
    ],
)
def test_a_birth_that_nobody_alive_can_have_is_refused(typed, message):
    assert only_error(form_of("about-you", birth_date=typed)) == ("birth-date", message)


def test_a_birth_today_is_a_date_and_one_tomorrow_is_not():
    today = timezone.localdate()
    assert form_of("about-you", birth_date=today.isoformat()).is_valid()
    assert not form_of("about-you", birth_date=(today + timedelta(days=1)).isoformat()).is_valid()


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (-1, "This date has passed. Enter today or a later date."),
        (0, None),
        (365, None),
        (365 * 20, "This date is too far away. Check the year."),
    ],
)
def test_a_visit_is_today_or_later(days, message):
    day = timezone.localdate() + timedelta(days=days)
    form = form_of("about-you", appointment_date=day.isoformat())
    assert form.errors.get("appointment-date", [None]) == [message]


@pytest.mark.parametrize("typed", ["2023-02-29", "2023-W09-2", "soon"])
def test_a_date_picker_gives_way_to_what_is_no_date(typed):
    shown = str(form_of("about-you", birth_date=typed)["birth-date"])
    assert 'type="text"' in shown
    assert f'value="{typed}"' in shown


def test_a_date_is_shown_in_a_picker():
    assert 'type="date" name="birth-date" value="1985-03-14"' in str(form_of("about-you")["birth-date"])


def test_a_code_that_is_not_offered_is_refused():
    for name, changes in [
        ("urgent", {"urgent_signs": ["one-leg", "two-legs"]}),
        ("about-you", {"contact_by": "pigeon"}),
        ("goals", {"goal": "eliminate\x00"}),
    ]:
        _name, message = only_error(form_of(name, **changes))
        assert message.startswith("Choose from the answers shown.")


def test_a_withdrawn_treatment_is_neither_shown_nor_taken():
    offer = offering(withheld={"collagenase"})
    form = form_of("treatments", offer, considering=["collagenase", "creams"])
    assert "collagenase" not in [code for code, _label in form.fields["considering"].choices]
    assert only_error(form)[1].startswith("Choose from the answers shown.")


def test_what_the_clinic_offers_itself_comes_first():
    offer = offering(own={"creams", "aveli"})
    codes = [code for code, _label in StepForm(step("treatments"), offer=offer).fields["considering"].choices]
    assert codes[:3] == ["aveli", "creams", "home-micro-needling"]
    assert codes[-1] == "none-yet"


def test_none_of_these_stands_alone():
    for name, changes in [
        ("urgent", {"urgent_signs": ["one-leg", "none"]}),
        ("goals", {"why_now": ["myself", "rather-not-say"]}),
        ("treatments", {"considering": ["creams", "none-yet"]}),
    ]:
        _name, message = only_error(form_of(name, **changes))
        assert message.startswith("Choose either “")


def test_at_most_three_treatments_count_once_each():
    three = ["aveli", "creams", "other"]
    assert form_of("treatments", considering=three).is_valid()
    assert form_of("treatments", considering=[*three, "aveli"]).answers()["considering"] == three
    _name, message = only_error(form_of("treatments", considering=[*three, "massage"]))
    assert message == "Choose up to 3. You have chosen 4."


def test_the_last_of_several_answers_counts_where_one_is_asked():
    assert form_of("goals", goal=["learn", "firmer"]).answers()["goal"] == "firmer"


def test_fields_that_nobody_asked_for_are_dropped():
    form = form_of("privacy", status="closed", full_name="Eve", team="nurse")
    assert form.answers() == {"consent-care": True}


def test_a_step_starts_with_what_was_typed():
    shown = step("about-you")
    draft = SimpleNamespace(
        answers={"full-name": "Amara Nwosu", "birth-date": "1985-03-14"},
        typed={"birth-date": ["31/12/1985"], "contact-by": [], "visit-help": ["first", "second"]},
    )
    initial = initial_of(shown, draft)
    assert initial["full-name"] == "Amara Nwosu"
    assert initial["birth-date"] == "31/12/1985"
    assert initial["contact-by"] == ""
    assert initial["visit-help"] == "second"


def test_a_box_that_was_not_rightly_ticked_is_not_shown_as_ticked():
    draft = SimpleNamespace(answers={}, typed={"consent-care": ["false"]})
    assert not initial_of(step("privacy"), draft)["consent-care"]


def test_a_number_keeps_within_its_limits():
    assert form_of("feelings", bother="10").answers()["bother"] == 10
    assert form_of("feelings", bother="0").answers()["bother"] == 0
    assert form_of("feelings", bother="").answers()["bother"] is None
    for wrong in ("-1", "11", "3.5", "ten"):
        name, message = only_error(form_of("feelings", bother=wrong))
        assert name == "bother"
        assert message == "Enter a whole number from 0 to 10, or leave this open"


def test_the_day_is_the_clinics_day(monkeypatch):
    """At 23:30 UTC in summer it is tomorrow in London."""
    late = timezone.datetime.fromisoformat("2026-06-30T23:30:00+00:00")
    monkeypatch.setattr(timezone, "now", lambda: late)
    assert timezone.localdate() == date(2026, 7, 1)
    assert not form_of("about-you", appointment_date="2026-06-30").is_valid()
    assert form_of("about-you", appointment_date="2026-07-01").is_valid()
