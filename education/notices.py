"""Mails about what is handed in, approved or sent back: Wagtail writes them, and the worker sends them.

A mail server that is away or slow stops nobody's work.
"""

from functools import partial

from django_tasks import task
from wagtail import signals
from wagtail.admin import mail
from wagtail.models import TaskState, WorkflowState

from portal.models import User

# By the names under which Wagtail would send them itself, in the middle of a request.
NOTICES = {
    "group_approval_task_submitted_email_notification": (
        signals.task_submitted,
        TaskState,
        mail.GroupApprovalTaskStateSubmissionEmailNotifier,
    ),
    "workflow_state_rejected_email_notification": (
        signals.workflow_rejected,
        WorkflowState,
        mail.WorkflowStateRejectionEmailNotifier,
    ),
    "workflow_state_approved_email_notification": (
        signals.workflow_approved,
        WorkflowState,
        mail.WorkflowStateApprovalEmailNotifier,
    ),
}


def start():
    for name, (signal, sender, _notifier) in NOTICES.items():
        # A name is taken once: Wagtail, which starts later, does not connect its own any more.
        signal.connect(partial(_enqueue, name), sender=sender, dispatch_uid=name, weak=False)


def _enqueue(name, instance, user=None, **kwargs):
    send_notice.enqueue(name, instance.pk, user.pk if user else None)


@task(backend="outbox", queue_name="mail")
def send_notice(name, state_id, user_id):
    _signal, model, notifier = NOTICES[name]
    state = model.objects.filter(pk=state_id).first()
    if state is not None:
        notifier()(instance=state, user=User.objects.filter(pk=user_id).first())
