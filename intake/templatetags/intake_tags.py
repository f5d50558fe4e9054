from django import template

from intake.forms import OPEN_CODES

register = template.Library()

SHORT_OPTION = 30


@register.simple_tag
def described_by(field):
    """The ids of what explains a field, in reading order."""
    question, parts = field.field.question, []
    if question.hint:
        parts.append("hint")
    if question.advice:
        parts.append("advice")
    if field.errors:
        parts.append("error")
    return " ".join(f"{field.auto_id}-{part}" for part in parts)


@register.simple_tag
def answer_control(field, described):
    kind = "form-control number" if field.field.question.kind in ("integer", "decimal") else "form-control"
    attrs = {"class": f"{kind} is-invalid" if field.errors else kind}
    if described:
        attrs["aria-describedby"] = described
    return field.as_widget(attrs=attrs)


@register.filter
def short_options(question):
    """Two columns where every option fits in half a line."""
    return len(question.options) > 2 and all(len(option.label) <= SHORT_OPTION for option in question.options)


@register.filter
def stands_apart(widget, field):
    """Is this the first option that stands beside the others, like "none of these" or "I'm not sure"?"""
    apart = [o.code for o in field.field.question.options if o.exclusive or o.code in OPEN_CODES]
    return bool(apart) and widget.data["value"] == apart[0]


@register.filter
def is_alone(widget, field):
    """Does this option exclude the others?"""
    return any(option.exclusive and option.code == widget.data["value"] for option in field.field.question.options)


@register.filter
def filled_in(clinic, text):
    """A text of an editor with the clinic's own numbers in it."""
    return clinic.fill_in(text)
