from django.utils.translation import gettext_lazy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from intake.models import Note, Route


class NoteViewSet(SnippetViewSet):
    model = Note
    icon = "comment"
    list_display = ["__str__", "rank", "sentence", "seen_by", "version"]
    list_per_page = 50
    search_fields = ["code", "title", "staff_text", "patient_text"]


class RouteViewSet(SnippetViewSet):
    model = Route
    icon = "redirect"
    list_display = ["__str__", "sentence", "reason", "version"]


class RulesViewSetGroup(SnippetViewSetGroup):
    items = (NoteViewSet, RouteViewSet)
    menu_label = gettext_lazy("Rules")
    menu_icon = "redirect"
    menu_order = 210


register_snippet(RulesViewSetGroup)
