from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def cite(context, text):
    """A text with its citations as numbered links and its pending marks as words."""
    return context["citations"].render(text)


@register.simple_tag(takes_context=True)
def cited_number(context, code):
    """The number of one Source on this page."""
    return context["citations"].number(code)
