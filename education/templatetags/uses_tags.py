from django import template

from education.uses import uses

register = template.Library()


@register.inclusion_tag("education/cms/uses.html", takes_context=True)
def what_uses(context):
    """Lists what names the thing that a page of the CMS is about to delete or unpublish."""
    item = next((context[name] for name in ("page", "snippet", "object", "image") if context.get(name)), None)
    if isinstance(item, dict):  # one of many
        item = item["item"]
    return {"item": item, "uses": uses(item) if item else ()}
