from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.forms.models import register_form_field_override
from wagtail.admin.ui.tables import Column
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from education import desk  # noqa: F401 - it registers its own hooks
from education.checks import check
from education.citations import CitedTextField
from education.drafts import read
from education.links import AddressLinkHandler
from education.models import ArticlePage, HomePage, Reviewed, Source, Treatment
from education.models.reviewed import single_handed
from education.review_views import ReviewedViewSet
from education.reviews import cms_address
from education.uses import uses

FINDINGS_TOLD = 5

register_form_field_override(CitedTextField, override={"widget": AdminAutoHeightTextInput})


class TreatmentViewSet(ReviewedViewSet):
    model = Treatment
    icon = "clipboard-list"
    list_display = [
        "name",
        "state",
        "certainty",
        "approved_by",
        "last_reviewed",
        Column("status", gettext_lazy("Status")),
    ]


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


@hooks.register("register_rich_text_features", order=10)  # after Wagtail's own, which it takes the place of
def link_by_address(features):
    features.register_link_type(AddressLinkHandler)


@hooks.register("construct_page_action_menu")
def hide_publish_of_page(menu_items, request, context):
    if context["view"] == "create":
        models = context["parent_page"].specific_class.allowed_subpage_models()
    else:
        models = [type(context["page"])]
    _hide_publish(menu_items, models)


@hooks.register("construct_snippet_action_menu")
def hide_publish_of_record(menu_items, request, context):
    _hide_publish(menu_items, [context["model"]])


def _hide_publish(menu_items, models):
    """What a clinician approves goes out by approval. The forms refuse it, too, whoever asks."""
    if any(issubclass(model, Reviewed) for model in models) and not single_handed():
        menu_items[:] = [item for item in menu_items if item.name != "action-publish"]


@hooks.register("before_bulk_action")
def keep_reviewed_pages_out_of_bulk(request, action_type, objects, action):
    """Nobody reads twenty pages at once, and no check runs over them."""
    if action_type == "publish" and any(_holds_reviewed(page, action) for page in objects):
        messages.error(request, _("Submit each page for clinical review on its own: somebody else approves it."))
        return redirect(get_valid_next_url_from_request(request) or "wagtailadmin_explore_root")


def _holds_reviewed(page, action):
    if issubclass(page.specific_class, Reviewed):
        return True
    below = action.cleaned_form.cleaned_data["include_descendants"]
    return below and page.get_descendants().not_live().type(ArticlePage, HomePage).exists()


@hooks.register("before_edit_page")
@hooks.register("before_edit_snippet")
def refuse_late_decision(request, item):
    """Somebody else was quicker, or this is the second click. Wagtail's view of a page would not survive it."""
    if request.POST.get("action-workflow-action") and not getattr(item, "current_workflow_task", None):
        messages.error(request, _("This is not in review any more."))
        return redirect(cms_address(item))


@hooks.register("before_publish_page")
@hooks.register("before_publish")
def approve_by_publishing(request, item):
    """Only where one person may write and approve does anybody get here with what is reviewed."""
    if isinstance(item, Reviewed):
        item.approve(item.latest_revision, by=request.user)


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
@hooks.register("after_create_snippet")
@hooks.register("after_edit_snippet")
def tell_findings(request, item):
    """What the checks found in what has been saved by hand. Wagtail saves by itself every few moments, too."""
    if not hasattr(item, "CHECKED") or not request.accepts("text/html"):
        return
    found = check(read(item), timezone.localdate())
    if found:
        told = format_html_join("", "<li>{}</li>", [(finding.message,) for finding in found[:FINDINGS_TOLD]])
        summary = ngettext(
            "The checks found %(count)s thing to look at.", "The checks found %(count)s things to look at.", len(found)
        ) % {"count": len(found)}
        messages.warning(request, format_html("{} <ul>{}</ul>", summary, told))


@hooks.register("before_delete_snippet")
def keep_what_is_used(request, instances):
    """Sends back whoever would delete a source that is cited, or a treatment that something names or patients read."""
    for item in instances:
        if isinstance(item, Source) and uses(item):
            messages.error(
                request, _("%(code)s is still cited, see below. Take its citations out first.") % {"code": item.code}
            )
            return redirect(reverse(Source.snippet_viewset.get_url_name("usage"), args=[item.pk]))
        if isinstance(item, Treatment) and (why_not := _why_kept(item, request.user)):
            messages.error(request, why_not)
            return redirect(cms_address(item))


def _why_kept(treatment, user):
    if found := uses(treatment):
        named = format_html_join("", "<li>{} ({})</li>", [(use.name, use.kind) for use in found])
        message = _("%(name)s can't be deleted, because it is named here. Set its state to withdrawn instead.")
        return format_html("{} <ul>{}</ul>", message % {"name": treatment}, named)
    if treatment.live and not user.has_perm("education.publish_treatment"):
        return _("%(name)s is published. A reviewer unpublishes it first.") % {"name": treatment}
    return ""
