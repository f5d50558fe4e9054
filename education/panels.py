from django.utils import timezone
from wagtail.admin.panels import Panel
from wagtail.models import WorkflowState

from education.checks import check
from education.drafts import read
from education.models.workflow import ClinicalReviewTask


class ChecksPanel(Panel):
    """What stops a draft and what could be better, as it is saved now. Its author and its reviewer see the same."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "education/cms/checks.html"

        def is_shown(self):
            return self.instance.pk is not None

        def get_context_data(self, parent_context=None):
            found = check(read(self.instance), timezone.localdate())
            return super().get_context_data(parent_context) | {
                "stops": [finding for finding in found if finding.stops],
                "advice": [finding for finding in found if not finding.stops],
                "why_not": self.why_not_approved(),
                "sent_back": self.sent_back(),
            }

        def why_not_approved(self):
            """Why a reviewer is offered no approval, or an empty text."""
            task, user = self.instance.current_workflow_task, self.request.user
            if isinstance(task, ClinicalReviewTask) and task.user_can_access_editor(self.instance, user):
                return task.why_not(self.instance, user)
            return ""

        def sent_back(self):
            """The task that ended with a request for changes, while these are still to be made."""
            state = self.instance.current_workflow_state
            return state.current_task_state if state and state.status == WorkflowState.STATUS_NEEDS_CHANGES else None
