from django.urls import reverse
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.documents.wagtail_hooks import DocumentsSummaryItem

from portal.models import ClinicSettings


class FirstRunPanel(Component):
    """What an admin still has to fill in before the first patient comes."""

    order = 50
    template_name = "portal/cms/first_run.html"

    def get_context_data(self, parent_context):
        return {
            "missing": ClinicSettings.load().missing(),
            "address": reverse("wagtailsettings:edit", args=["portal", "clinicsettings"]),
        }


@hooks.register("construct_homepage_panels")
def add_first_run_panel(request, panels):
    if request.user.is_superuser and ClinicSettings.load().missing():
        panels.append(FirstRunPanel())


@hooks.register("construct_main_menu")
def hide_documents(request, menu_items):
    menu_items[:] = [item for item in menu_items if item.name != "documents"]


@hooks.register("construct_homepage_summary_items")
def hide_documents_count(request, summary_items):
    summary_items[:] = [item for item in summary_items if not isinstance(item, DocumentsSummaryItem)]
