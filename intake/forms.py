"""One form class for every step: each Question of the questionnaire becomes a Django field."""

import re
from datetime import date, timedelta
from email.utils import parseaddr
from functools import cached_property

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from intake.questionnaire import FORMATS

OFFER_QUESTION = "considering"
OPEN_CODES = ("unsure", "rather-not-say")
OLDEST_YEARS, FURTHEST_YEARS = 120, 3
AUTOCOMPLETE = {"full-name": "name", "birth-date": "bday", "email": "email", "phone": "tel"}
FORMAT_ERRORS = {
    "email": _("Enter an e-mail address like name@example.org"),
    "phone": _("Enter a phone number with 6 to 15 digits, like 020 7946 0000"),
}


class DayInput(forms.DateInput):
    """A date picker, unless what was typed is no date: a picker would show that as empty."""

    input_type = "date"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if value and not _is_day(str(value)):
            context["widget"]["type"] = "text"
        return context


def _is_day(value):
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


class TextAnswer(forms.CharField):
    """Counts a line break as one letter, as people do; browsers send two."""

    def __init__(self, *, most, **kwargs):
        super().__init__(**kwargs)
        self.most = most

    def to_python(self, value):
        return super().to_python(re.sub(r"\r\n?", "\n", value) if value else value)

    def validate(self, value):
        super().validate(value)
        if self.most and len(value) > self.most:
            raise ValidationError(
                _("Write at most %(most)s letters. You have written %(length)s.")
                % {"most": self.most, "length": len(value)}
            )


class PatternAnswer(TextAnswer):
    """A text in one of the fixed formats of the questionnaire. An e-mail address has to read as one in a mail, too."""

    def __init__(self, *, format, **kwargs):
        super().__init__(**kwargs)
        self.format = format

    def validate(self, value):
        super().validate(value)
        if not value:
            return
        readable = self.format != "email" or parseaddr(value) == ("", value)
        if not readable or not re.fullmatch(FORMATS[self.format], value):
            raise ValidationError(FORMAT_ERRORS[self.format])


class DayAnswer(forms.DateField):
    """A date written YYYY-MM-DD, in the past or not, within what a living person may mean."""

    def __init__(self, *, window, **kwargs):
        super().__init__(input_formats=["%Y-%m-%d"], widget=DayInput(format="%Y-%m-%d"), **kwargs)
        self.window = window

    def validate(self, value):
        super().validate(value)
        if value is None or self.window is None:
            return
        today = timezone.localdate()
        if self.window == "past" and value > today:
            raise ValidationError(_("This date is in the future. Check the year."))
        if self.window == "past" and value.year < today.year - OLDEST_YEARS:
            raise ValidationError(_("This date is too long ago. Enter the year with 4 digits, like 1991."))
        if self.window == "not-past" and value < today:
            raise ValidationError(_("This date has passed. Enter today or a later date."))
        if self.window == "not-past" and value > today + timedelta(days=366 * FURTHEST_YEARS):
            raise ValidationError(_("This date is too far away. Check the year."))


class SeveralAnswer(forms.MultipleChoiceField):
    """Several options; "none of these" stands alone."""

    def __init__(self, *, question, **kwargs):
        super().__init__(widget=forms.CheckboxSelectMultiple, **kwargs)
        self.options = question.options
        self.most = question.max_occurs

    def to_python(self, value):
        return list(dict.fromkeys(super().to_python(value)))

    def validate(self, value):
        super().validate(value)
        alone = [option for option in self.options if option.exclusive and option.code in value]
        if alone and len(value) > 1:
            raise ValidationError(
                _("Choose either “%(alone)s” or the answers above it, not both.") % {"alone": alone[0].label}
            )
        if self.most and len(value) > self.most:
            raise ValidationError(
                ngettext_lazy(
                    "Choose only %(most)s. You have chosen %(chosen)s.",
                    "Choose up to %(most)s. You have chosen %(chosen)s.",
                    self.most,
                )
                % {"most": self.most, "chosen": len(value)}
            )


class StepForm(forms.Form):
    """The questions that one step shows for the answers so far."""

    use_required_attribute = False

    def __init__(self, shown, *, offer=None, **kwargs):
        super().__init__(auto_id="%s", **kwargs)
        self.shown = shown
        for question in shown.questions:
            field = _field(question, _choices(question, offer))
            field.question = question
            self.fields[question.link_id] = field

    @cached_property
    def helper(self):
        """Made only where the form is drawn: most posts lead on without drawing it."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(*(Field(name, template="intake/field.html") for name in self.fields))
        return helper

    def answers(self):
        """The valid answers as JSON values; None means that the question was asked and left open."""
        self.errors  # noqa: B018 - runs the validation
        return {name: _json(value) for name, value in self.cleaned_data.items()}


def initial_of(shown, draft):
    """What the fields of a step start with: the answers, or what was typed and is not valid yet."""
    initial = {}
    for question in shown.questions:
        # A box that is not ticked rightly has nothing typed to keep, and any text would show it as ticked.
        if question.link_id in draft.typed and question.kind != "boolean":
            typed = draft.typed[question.link_id]
            initial[question.link_id] = typed if question.repeats else "".join(typed[-1:])
        else:
            initial[question.link_id] = draft.answers.get(question.link_id)
    return initial


def _json(value):
    if isinstance(value, date):
        return value.isoformat()
    return None if value in ("", []) else value


def _choices(question, offer):
    options = question.options
    if question.link_id == OFFER_QUESTION and offer:
        options = [option for option in options if option.code not in offer.withheld]
        options.sort(key=lambda option: option.code not in offer.own)
    return [(option.code, option.label) for option in options]


def _field(question, choices):
    """A Django field for a Question."""
    shared = {
        "label": question.text,
        "required": question.required,
        "help_text": question.hint,
        "error_messages": _messages(question),
    }
    if question.kind == "choice" and question.repeats:
        return SeveralAnswer(question=question, choices=choices, **shared)
    if question.kind == "choice":
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **shared)
    if question.kind == "boolean":
        return forms.BooleanField(widget=forms.CheckboxInput(attrs={"value": "true"}), **shared)
    if question.kind == "date":
        return DayAnswer(window=question.date_window, **shared)
    if question.kind in ("integer", "decimal"):
        return _number(question, shared)
    if question.format:
        return PatternAnswer(format=question.format, most=question.max_length, widget=_input(question), **shared)
    return TextAnswer(most=question.max_length, widget=_input(question), **shared)


def _number(question, shared):
    """A browser's own number box would show as empty what was typed in words, so it is a text box with digits."""
    kind = forms.IntegerField if question.kind == "integer" else forms.FloatField
    words = {"least": question.min_value, "most": question.max_value}
    wrong = (
        _("Enter a whole number from %(least)s to %(most)s")
        if question.required
        else _("Enter a whole number from %(least)s to %(most)s, or leave this open")
    )
    if question.kind == "integer" and None not in words.values():
        shared["error_messages"] |= dict.fromkeys(("invalid", "min_value", "max_value"), wrong % words)
    box = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 4})
    return kind(min_value=question.min_value, max_value=question.max_value, widget=box, **shared)


def _input(question):
    if question.kind == "text":
        return forms.Textarea(attrs={"rows": 4})
    kind = {"email": forms.EmailInput, "phone": forms.TelInput}.get(question.format, forms.TextInput)
    return kind(attrs={"autocomplete": AUTOCOMPLETE.get(question.link_id, "off")})


def _messages(question):
    pick = _("Choose from the answers shown. One that you sent is not offered here, or not any more.")
    left_open = question.error or (
        _("Choose an answer") if question.kind == "choice" else _("Fill in this answer, it is needed")
    )
    return {
        "required": left_open,
        "invalid": _("Enter the date as year, month and day, like 1991-03-04")
        if question.kind == "date"
        else _("Check this answer: it can't be read"),
        "invalid_choice": pick,
        "invalid_list": pick,
        "null_characters_not_allowed": _("This holds a sign that we can't keep. Please type it again."),
    }
