from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from education.models import Source, Treatment


class TreatmentViewSet(SnippetViewSet):
    model = Treatment
    icon = "clipboard-list"
    list_display = ["name", "state", "certainty", "approved_by", "last_reviewed"]


class SourceViewSet(SnippetViewSet):
    model = Source
    icon = "link"
    list_display = ["code", "citation", "strength"]
    search_fields = ["code", "citation"]
    ordering = ["code"]


class EvidenceViewSetGroup(SnippetViewSetGroup):
    items = (TreatmentViewSet, SourceViewSet)
    menu_label = _("Evidence")
    menu_icon = "clipboard-list"
    menu_order = 200


register_snippet(EvidenceViewSetGroup)
