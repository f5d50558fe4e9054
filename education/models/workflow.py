"""The way of content to patients: a person writes, another person approves."""

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.forms import TaskStateCommentForm
from wagtail.models import (
    AbstractGroupApprovalTask,
    Page,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
)

from education.models.reviewed import Reviewed
from portal.roles import ADMIN, REVIEWER


class ReasonForm(TaskStateCommentForm):
    """Without a reason an author does not know what to change."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        comment = self.fields["comment"]
        comment.required, comment.label = True, gettext("What has to change?")
        comment.error_messages["required"] = gettext("Say what has to change, so that the author knows.")


class ClinicalReviewTask(AbstractGroupApprovalTask):
    """A step of the workflow in which a person other than the author approves, and is named as the approver."""

    class Meta:
        verbose_name = _("clinical review")
        verbose_name_plural = _("clinical reviews")

    @classmethod
    def get_description(cls):
        return gettext("A member of these groups who wrote no part of it approves it, and is named as the approver")

    def get_form_for_action(self, action):
        return ReasonForm if action == "reject" else super().get_form_for_action(action)

    def get_actions(self, obj, user):
        actions = super().get_actions(obj, user)
        if actions and self.why_not(obj, user):
            return [action for action in actions if action[0] != "approve"]
        return actions

    def why_not(self, obj, user):
        """Why this person may not approve it, or an empty text. Content that is not medical has no such rule."""
        reviewed = _reviewed(obj)
        return reviewed.why_not_approved_by(user) if reviewed else ""

    @transaction.atomic
    def on_action(self, task_state, user, action_name, **kwargs):
        reviewed = _reviewed(task_state.workflow_state.content_object)
        if action_name == "approve" and reviewed:
            if why_not := reviewed.why_not_approved_by(user):
                raise PermissionDenied(why_not)
            # The instance that Wagtail publishes next.
            reviewed.approve(task_state.workflow_state.content_object.get_latest_revision(), by=user)
        return super().on_action(task_state, user, action_name, **kwargs)


def _reviewed(obj):
    """The draft that waits for approval, or None for a page that is not medical."""
    obj = obj.specific if isinstance(obj, Page) else obj
    return obj.get_latest_revision_as_object() if isinstance(obj, Reviewed) else None


class LockedInReview:
    """A record that nobody can lock, and that is locked all the same while it is in review or waits for its day."""

    def get_lock(self):
        return None


def ensure_workflow(*models, pages=False):
    """Makes clinical review the way of these models, and of all pages. An admin's own way through it stays."""
    root = Page.get_first_root_node()
    if root is None:
        return  # an emptied database
    task = ClinicalReviewTask.objects.filter(active=True).first()
    task = task or ClinicalReviewTask.objects.create(name=gettext("Clinical review"))
    task.groups.add(*Group.objects.filter(name__in=(REVIEWER, ADMIN)))
    through = Workflow.objects.filter(active=True, workflow_tasks__task=task)
    workflow = through.first() or _workflow_of(task)
    if pages:
        _assign(WorkflowPage, {"page": root}, workflow, through)
    for model in models:
        _assign(WorkflowContentType, {"content_type": ContentType.objects.get_for_model(model)}, workflow, through)


def _workflow_of(task):
    workflow = Workflow.objects.create(name=gettext("Clinical review"))
    WorkflowTask.objects.create(workflow=workflow, task=task)
    return workflow


def _assign(model, what, workflow, through):
    if not model.objects.filter(**what, workflow__in=through).exists():
        model.objects.update_or_create(**what, defaults={"workflow": workflow})
