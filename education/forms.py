"""What editors send in the CMS is checked here before it goes on its way to patients. A draft is always kept."""

import json

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.forms.pages import CopyForm, WagtailAdminPageForm
from wagtail.blocks import StreamBlockValidationError
from wagtail.fields import StreamField

from education.checks import stops
from education.drafts import read
from education.models.reviewed import Reviewed, single_handed

ON_ITS_WAY = ("action-publish", "action-submit", "action-restart-workflow")


class CheckedForm:
    """Refuses what may not go on yet, and says so where it stands."""

    def is_valid(self):
        return super().is_valid() and not self._refused()

    def _refused(self):
        """Puts what is in the way at its place in the form."""
        if why_not := self._why_not():
            self.add_error(None, why_not)
            return True
        found = {}
        for finding in self._stops():
            found.setdefault(finding.where, []).append(finding)
        for where, findings in found.items():
            self._show(where, findings)
        return bool(found)

    def _why_not(self):
        """Why this person may not do this, or an empty text."""
        if self._decision:
            return self._why_not_decided()
        if self.data.get("action-publish") and isinstance(self.instance, Reviewed) and not single_handed():
            return _("Submit it for clinical review: somebody else approves it.")
        return ""

    @property
    def _decision(self):
        """approve, reject, or an empty text."""
        return self.data.get("workflow-action-name", "") if self.data.get("action-workflow-action") else ""

    def _why_not_decided(self):
        comment = self._comment()
        if comment is None:
            return _("Your comment did not arrive. Please try again.")
        if self._decision == "reject" and not comment.strip():
            return _("Say what has to change, so that the author knows.")
        if self._decision == "approve" and isinstance(self.instance, Reviewed):
            return self.instance.why_not_approved_by(self.for_user) or self._why_not_changed()
        return ""

    def _comment(self):
        """What a reviewer wrote in the box; None if that is no text."""
        try:
            extra = json.loads(self.data.get("workflow-action-extra-data") or "{}")
        except ValueError:
            return None
        comment = extra.get("comment", "") if isinstance(extra, dict) and extra.keys() <= {"comment"} else None
        return comment if isinstance(comment, str) else None

    def _why_not_changed(self):
        if single_handed() or not self.has_changed():
            return ""
        return _("You changed something here. Save it as a draft: then somebody else approves it.")

    def _stops(self):
        if self._decision != "approve" and not any(self.data.get(action) for action in ON_ITS_WAY):
            return []
        children = {name: _kept(formset) for name, formset in self.formsets.items() if name != "comments"}
        return stops(read(self.instance, **children), timezone.localdate())

    def _show(self, where, findings):
        messages = [finding.message for finding in findings]
        if "." in where:
            name, field = where.split(".")
            for finding in findings:
                _kept_forms(self.formsets[name])[finding.index].add_error(field, finding.message)
        elif where not in self.fields:
            self.add_error(None, messages)
        elif isinstance(self.instance._meta.get_field(where), StreamField):
            self.add_error(where, _at_blocks(findings))
        else:
            self.add_error(where, messages)


def _kept_forms(formset):
    return [form for form in formset.forms if form not in formset.deleted_forms]


def _kept(formset):
    """The rows of an inline form as they were typed."""
    return [form.instance for form in _kept_forms(formset)]


def _at_blocks(findings):
    messages = {}
    for finding in findings:
        messages.setdefault(finding.index, []).append(finding.message)
    of_all = messages.pop(None, None)
    return StreamBlockValidationError({index: ValidationError(found) for index, found in messages.items()}, of_all)


class CheckedPageForm(CheckedForm, WagtailAdminPageForm):
    pass


class CheckedRecordForm(CheckedForm, WagtailAdminModelForm):
    pass


class DraftCopyForm(CopyForm):
    """A copy of medical content starts as a draft, which nobody has approved."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("publish_copies", "alias"):
            self.fields.pop(name, None)
