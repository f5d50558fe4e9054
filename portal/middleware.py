from csp.constants import SELF
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError

from portal.roles import may_edit
from portal.views import PRIVATE, busy


class ScopedCSPMiddleware(CSPMiddleware):
    """The strict policy everywhere, Wagtail's own under /cms/, and previews may be framed by the editor."""

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and parts.config is None and request.path_info.startswith("/cms/"):
            parts.config = dict(settings.CSP_CMS)
        if not report_only and getattr(request, "is_dummy", False):
            parts.replace = {**(parts.replace or {}), "frame-ancestors": [SELF]}
        return parts


class Utf8Middleware:
    """Reads every form as UTF-8: a charset forged into the request would make texts that nothing can store."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.encoding = "utf-8"
        return self.get_response(request)


class NoStoreMiddleware:
    """Nothing about a person may stay in a browser's or a proxy's cache."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.path_info.startswith(PRIVATE):
            response["Cache-Control"] = "no-store, private"
        return response


class CmsDoorMiddleware:
    """Wagtail sends a signed-in person without access to sign in again, for ever: say no instead."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.path_info.startswith("/cms/") and request.user.is_authenticated and not may_edit(request.user):
            raise PermissionDenied


class AccountErrorsMiddleware:
    """An invalid form answers 422, also at our door, where allauth would say 200."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        form = (response.context_data or {}).get("form")
        if request.path_info.startswith("/accounts/") and request.method == "POST" and getattr(form, "errors", None):
            response.status_code = 422
        return response


class BusyMiddleware:
    """A locked or unreachable database is a passing trouble (503), not a fault of the page (500)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        # SQLite reports a missing table or column with the same class: that does not pass.
        if isinstance(exception, OperationalError) and not str(exception).startswith("no such"):
            return busy(request)
