import logging

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.urls import reverse

from portal.roles import may_edit, may_review

logger = logging.getLogger(__name__)

# Where pages are about a person, or for staff.
PRIVATE = ("/intake/", "/staff/", "/accounts/", "/cms/", "/clear/")


@login_required
def after_sign_in(request):
    """One door for all: care staff go on to the queue, editors to the CMS."""
    if may_review(request.user):
        return redirect("staff:queue")
    if may_edit(request.user):
        return redirect("wagtailadmin_home")
    raise PermissionDenied


def not_here(request):
    raise Http404


def urgent_signs(request):
    return render(request, "portal/urgent_signs.html")


def csrf_failure(request, reason=""):
    return render(request, "403_csrf.html", status=403)


def busy(request):
    """Rendered without a context, because what it would ask for is what failed."""
    logger.error("The database did not answer in time")
    return HttpResponse(get_template("503.html").render(), status=503, headers={"Retry-After": "10"})


def robots(request):
    """Search engines may read what patients read, and nothing else."""
    lines = ["User-agent: *", *(f"Disallow: {prefix}" for prefix in PRIVATE)]
    sitemap = settings.SITE_URL + reverse("sitemap")
    return HttpResponse("\n".join([*lines, f"Sitemap: {sitemap}", ""]), content_type="text/plain")
