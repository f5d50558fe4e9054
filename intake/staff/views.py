"""What the care team sees and does. Every view goes through care_staff, and so does every Submission."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake import actions
from intake.models import Submission
from intake.staff.filters import PAGE_SIZE, Filters, count_naming_withdrawn, marked, page, tally
from intake.staff.sheet import face_sheet
from intake.staff.withdrawn import listed
from intake.views import is_shared, share_device
from portal.roles import may_review


def care_staff(view):
    """Sign-in first, then the right. The view gets what this person may see: all of it, or the one form named."""

    @wraps(view)
    @login_required
    def guarded(request, reference=None):
        if not may_review(request.user):
            raise PermissionDenied
        visible = Submission.objects.visible_to(request.user).select_related("owner")
        if reference is None:
            return view(request, visible)
        submission = _named(visible, reference)
        if submission is None:
            raise Http404
        return view(request, submission)

    return guarded


def _named(submissions, reference):
    # PostgreSQL refuses a NUL, which an address may hold.
    return submissions.filter(reference=reference).first() if reference.isprintable() else None


def change(view):
    """A change is posted. A GET comes from signing in again after a pause: it shows the form, and changes nothing."""

    @wraps(view)
    def answered(request, submission):
        return view(request, submission) if request.method == "POST" else redirect(submission)

    return answered


@care_staff
@require_safe
def queue(request, visible):
    filters = Filters(request.GET, request.user.role)
    last = _named(visible, request.GET["after"]) if "after" in request.GET else None
    rows, more = page(filters.narrow(marked(visible, request.user)), last)
    counts = tally(marked(visible, request.user))
    context = {
        "rows": rows,
        "more": more,
        "last": last,
        "page_size": PAGE_SIZE,
        "filters": filters,
        "groups": filters.groups(counts),
        "attention": filters.attention(counts),
        "naming_withdrawn": count_naming_withdrawn(counts),
    }
    return render(request, "staff/queue.html", context)


@care_staff
@require_safe
def withdrawn(request, visible):
    last = _named(visible, request.GET["after"]) if "after" in request.GET else None
    rows, more = listed(visible, last)
    context = {"rows": rows, "more": more, "last": last, "page_size": PAGE_SIZE}
    return render(request, "staff/withdrawn.html", context)


@care_staff
@require_http_methods(["GET", "HEAD", "POST"])
def tablet(request, visible):
    """Waiting-room mode: a cookie says that patients share this device, and whoever hands it over is signed out."""
    if request.method != "POST":
        return render(request, "staff/tablet.html", {"shared": is_shared(request)})
    if request.POST.get("mode") == "off":
        response = redirect("staff:tablet")
        response.delete_cookie(settings.SHARED_COOKIE_NAME, samesite="Lax")
        messages.success(request, _("Waiting-room mode is off on this device."))
        return response
    logout(request)
    return share_device(redirect("intake:start"))


@care_staff
@require_safe
def detail(request, submission):
    return _show(request, submission)


@care_staff
@change
def claim(request, submission):
    try:
        actions.claim(submission=submission, by=request.user)
    except actions.Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("This form is yours now."))
    return redirect(submission)


@care_staff
@change
def move(request, submission):
    to, reason = request.POST.get("to", ""), request.POST.get("reason", "")
    try:
        actions.move(submission=submission, to=to, by=request.user, reason=reason)
    except actions.Refused as refused:
        return _show(request, submission, refused)
    messages.success(request, _("Moved to “%(status)s”.") % {"status": submission.get_status_display()})
    return redirect(submission)


@care_staff
@change
def comment(request, submission):
    try:
        actions.comment(submission=submission, by=request.user, text=request.POST.get("text", ""))
    except actions.Refused as refused:
        return _show(request, submission, refused)
    messages.success(request, _("Note saved."))
    return redirect(submission)


def _show(request, submission, refused=None):
    """The whole page, also after a refusal: with what was typed, and with the Submission as it stands now."""
    if refused:
        submission.refresh_from_db()
    actions.record_access(submission=submission, by=request.user)
    context = {**face_sheet(submission), "refused": refused, "typed": request.POST}
    return render(request, "staff/detail.html", context, status=422 if refused else 200)
