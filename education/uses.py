"""What names a page, a record, a source or a picture: told before it goes.

A part of the portal that knows of more uses adds them with the hook `what_uses`: a function of the object that
yields Use rows.
"""

from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from wagtail import hooks
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import ReferenceIndex

from education.models import Treatment


class Use(NamedTuple):
    """Something that names the object, and where an editor finds it."""

    name: str
    kind: str
    address: str = ""


def uses(instance):
    """Everything that names this, each once. A few queries for each kind of thing."""
    found = [_use(item) for item in _references(instance)]
    if isinstance(instance, Treatment):
        found += [_use(article) for article in instance.articles.all()]
    for more in hooks.get_hooks("what_uses"):
        found += more(instance)
    return list(dict.fromkeys(found))


def _references(instance):
    rows = ReferenceIndex.get_references_to(instance).values_list("content_type", "object_id").distinct()
    ids = {}
    for content_type, pk in rows:
        ids.setdefault(content_type, []).append(pk)
    for content_type, pks in ids.items():
        yield from ContentType.objects.get_for_id(content_type).model_class()._base_manager.filter(pk__in=pks)


def _use(item):
    return Use(str(item), str(item._meta.verbose_name), AdminURLFinder().get_edit_url(item) or "")
