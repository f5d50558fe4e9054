from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from intake.models import Note, Route

SENTENCE = [Column("sentence", gettext_lazy("Applies when"))]
STATE = ["version", LiveStatusTagColumn()]


class NoteViewSet(SnippetViewSet):
    model = Note
    icon = "comment"
    list_display = ["__str__", "rank", *SENTENCE, Column("seen_by", gettext_lazy("Who sees it")), *STATE]
    list_per_page = 50
    search_fields = ["code", "title", "staff_text", "patient_text"]


class RouteViewSet(SnippetViewSet):
    model = Route
    icon = "redirect"
    list_display = ["__str__", *SENTENCE, "reason", *STATE]


class RulesViewSetGroup(SnippetViewSetGroup):
    items = (NoteViewSet, RouteViewSet)
    menu_label = gettext_lazy("Rules")
    menu_icon = "redirect"
    menu_order = 210


register_snippet(RulesViewSetGroup)
