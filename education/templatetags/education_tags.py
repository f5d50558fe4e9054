from django import template

from education import citations, figures, reviews, structured
from education.models import Treatment

register = template.Library()
register.filter("plain", citations.plain)
register.filter("has_passed", reviews.has_passed)


@register.filter
def named_by(names, article):
    """The withdrawn treatments that a list names where it tells of an article."""
    return names.found_in(f"{article.title}\n{article.summary}") if names else []


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


@register.simple_tag(takes_context=True)
def structured_data(context, item):
    """What machines read of an article or an evidence record. Below its text, because that numbers its sources."""
    describe = structured.treatment if isinstance(item, Treatment) else structured.article
    sources = context["citations"].sources()
    return structured.element(describe(item, context["canonical"], context["clinic"], sources))


@register.inclusion_tag("education/includes/people.html")
def people(outcome, label="", key=True):
    """How many of 100 people, drawn; nothing where the source gives no such number."""
    groups = figures.groups(outcome, label)
    return {"groups": groups, "ranges": any(group.ranges for group in groups), "key": key}


@register.simple_tag
def timeline(treatment):
    return figures.timeline(treatment)
