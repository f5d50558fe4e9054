from django import template

from education import citations

register = template.Library()
register.filter("plain", citations.plain)


@register.simple_tag(takes_context=True)
def cite(context, text):
    """A text with its citations as numbered links and its pending marks as words."""
    return context["citations"].render(text)


@register.simple_tag(takes_context=True)
def cite_source(context, source):
    """The numbered link to one Source."""
    return context["citations"].links([source.code])
