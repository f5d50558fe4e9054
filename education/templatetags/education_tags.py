from django import template

from education import citations

register = template.Library()
register.filter("plain", citations.plain)


@register.simple_tag(takes_context=True)
def cite(context, text):
    """A text with its citations as numbered links and its pending marks as words."""
    return context["citations"].render(text)


@register.simple_tag(takes_context=True)
def cite_result(context, outcome):
    """What a study saw, with a link to its Source at the end where the words themselves have none."""
    code = outcome.source.code
    mark = "" if code in citations.cited_codes(outcome.result) else f"[{code}]"
    return context["citations"].render(outcome.result + mark)
