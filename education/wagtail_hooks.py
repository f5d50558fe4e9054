from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.forms.models import register_form_field_override
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.models import ReferenceIndex
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from education.citations import CitedTextField
from education.models import Source, Treatment

register_form_field_override(CitedTextField, override={"widget": AdminAutoHeightTextInput})


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
    menu_label = gettext_lazy("Evidence")
    menu_icon = "clipboard-list"
    menu_order = 200


register_snippet(EvidenceViewSetGroup)


@hooks.register("before_delete_snippet")
def keep_cited_sources(request, instances):
    """Sends back to the list of its uses whoever would delete a Source that is cited."""
    for source in instances:
        if isinstance(source, Source) and ReferenceIndex.get_references_to(source).exists():
            messages.error(
                request, _("%(code)s is still cited, see below. Take its citations out first.") % {"code": source.code}
            )
            return redirect(reverse(Source.snippet_viewset.get_url_name("usage"), args=[source.pk]))
