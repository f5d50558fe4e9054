"""Views of the CMS that know more of clinical review than Wagtail's own."""

from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.pages.workflow import WorkflowAction
from wagtail.snippets.views.snippets import EditView, SnippetViewSet, WorkflowActionView

from education.checks import stops
from education.drafts import read
from education.models import ClinicalReviewTask


class TellsWhyNot:
    """An approval from the list of what awaits review: says why it cannot be, and changes nothing then."""

    def dispatch(self, request, *args, **kwargs):
        if self.action_name != "approve" or not (in_the_way := self.in_the_way()):
            return super().dispatch(request, *args, **kwargs)
        for message in in_the_way:
            messages.error(request, message)
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return self.render_modal_json(request, {"step": "success", "redirect": self.redirect_url})
        return redirect(self.redirect_url)

    def in_the_way(self):
        draft = self.object.get_latest_revision_as_object()
        if isinstance(self.task, ClinicalReviewTask) and (why_not := self.task.why_not(draft, self.request.user)):
            return [why_not]
        return [finding.message for finding in stops(read(draft), timezone.localdate())]


class PageApproval(TellsWhyNot, WorkflowAction):
    pass


class RecordApproval(TellsWhyNot, WorkflowActionView):
    pass


approve_page = require_admin_access(PageApproval.as_view())


class ReviewedEditView(EditView):
    """A record is locked while it is in review or waits for its day, though nobody can lock it by hand."""

    def get_lock(self):
        self.locking_enabled = True
        return self.object.get_lock()

    def save_instance(self):
        """Who only decides writes nothing, and so does not become an author."""
        if self.action != "workflow-action" or self.form.has_changed():
            return super().save_instance()
        self.has_content_changes, self.new_revision = False, None
        return self.object

    def get_lock_url(self):
        return None

    def get_unlock_url(self):
        return None


class ReviewedViewSet(SnippetViewSet):
    """Records that a clinician approves. Their lists take as many queries for many rows as for few."""

    edit_view_class = ReviewedEditView
    workflow_action_view_class = RecordApproval

    def get_queryset(self, request):
        return self.model.objects.select_related("latest_revision")  # a row is named by it
