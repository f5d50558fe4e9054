"""Links from texts to pages, without a query for each text that has one."""

from django.utils.html import format_html
from wagtail.models import Page
from wagtail.rich_text.pages import PageLinkHandler

from education.models.pages import the_site
from portal.stamp import kept


@kept
def addresses():
    """Where each live page is read, by its id."""
    root = the_site().root
    return {pk: f"/{path.removeprefix(root)}" for pk, path in Page.objects.live().values_list("pk", "url_path")}


class AddressLinkHandler(PageLinkHandler):
    """A page that is gone or not live leaves the words and no link."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list):
        known = addresses()
        return [_opened(known.get(int(attrs["id"]))) for attrs in attrs_list]


def _opened(address):
    return format_html('<a href="{}">', address) if address else "<a>"
