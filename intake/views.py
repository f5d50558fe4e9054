"""What a patient sees of the form. A Draft belongs to whoever holds its cookie, and to nobody else."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake import actions
from intake.answers import by_step
from intake.forms import StepForm, initial_of
from intake.models import DRAFT_DAYS, Draft, QuestionnaireVersion, Status, Submission, compiled
from intake.path import back, progress, walk
from intake.rulebook import urgent_signs

URGENT_STEP = "urgent"


@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    draft = _draft(request)
    if request.method == "POST":
        return redirect(_next(draft)) if draft else _begin(request)
    context = {"draft": draft, "next": _next(draft) if draft else None, "sent": draft is None and _sent(request)}
    return render(request, "intake/start.html", context)


def _begin(request):
    try:
        draft, token = actions.start_draft()
    except QuestionnaireVersion.DoesNotExist:
        return render(request, "intake/start.html", {"closed": True}, status=503)
    return _remember(redirect(_next(draft)), token)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request, name):
    if request.method == "POST":
        return _save(request, name)
    draft = _draft(request)
    if draft is None:
        if not _sent(request) and not _is_step(name):
            raise Http404
        return _without_draft(request)
    shown = _reachable(draft, name)
    if shown is None:
        return redirect(_next(draft))
    form = StepForm(shown, offer=actions.offer_for(shown), initial=initial_of(shown, draft))
    return _render_step(request, draft, form)


def _save(request, name):
    key = _key(request)
    try:
        saved = key and actions.save_step(key=key, step_name=name, data=request.POST)
        if not saved and _sent(request):
            return redirect("intake:done")
        token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME)
        if not saved:
            # The Draft is gone (its two weeks are over, or another tab deleted it): what was typed begins a new one.
            saved, token = actions.start_with_step(step_name=name, data=request.POST)
    except (actions.NoSuchStep, QuestionnaireVersion.DoesNotExist) as error:
        raise Http404 from error
    if saved.under_age:
        return _forget(redirect("intake:stop"))
    if saved.form and not saved.form.is_valid():
        return _remember(_render_step(request, saved.draft, saved.form, status=422), token)
    return _remember(redirect(_after(saved.draft, name)), token)


def _render_step(request, draft, form, status=200):
    name = form.shown.step.name
    path = walk(draft.questionnaire, draft.answers)
    before = back(path, name)
    position, total = progress(draft.questionnaire, draft.answers, name)
    context = {
        "draft": draft,
        "step": form.shown.step,
        "form": form,
        "before": before,
        "position": position,
        "total": total,
        "from_check": "from" in request.GET,
    }
    return render(request, "intake/step.html", context, status=status)


@require_safe
def urgent_advice(request):
    """What to do now about the signs that were ticked. Going on is the patient's choice."""
    draft = _draft(request)
    if draft is None:
        return _without_draft(request)
    signs = urgent_signs(draft.answers)
    if not signs:
        return redirect(_next(draft))
    return render(request, "intake/urgent_advice.html", {"signs": signs, "first": signs[0], "next": _next(draft)})


@require_safe
def stop(request):
    return render(request, "intake/stop.html")


@require_http_methods(["GET", "HEAD", "POST"])
def check(request):
    if request.method == "POST":
        return _send(request)
    draft = _draft(request)
    if draft is None:
        return _without_draft(request)
    missing = actions.incomplete_step(draft)
    if missing:
        return redirect("intake:step", missing.name)
    steps = by_step(draft.questionnaire, draft.answers)
    context = {"draft": draft, "steps": steps, "before": steps[-1][0], "goal": draft.answers.get("goal-own-words")}
    return render(request, "intake/check.html", context)


def _send(request):
    try:
        submission = actions.submit(key=_key(request))
    except actions.Incomplete as missing:
        return redirect("intake:step", missing.step.name)
    return redirect("intake:done" if submission else "intake:start")


@require_safe
def done(request):
    submission = _sent(request)
    if submission is None:
        return redirect("intake:start")
    signs = urgent_signs(submission.answers)
    context = {
        "submission": submission,
        "signs": signs,
        "first": signs[0] if signs else None,
        "notes": [note for note in submission.notes.all() if note.for_patient],
        "track": track(submission),
    }
    return render(request, "intake/done.html", context)


def track(submission):
    """Where the form is, in the patient's words: received, being read or read."""
    if submission.status == Status.NEW:
        return "received"
    return "reading" if submission.status == Status.IN_REVIEW else "read"


@require_POST
def delete(request):
    if _key(request):
        actions.delete_draft(key=_key(request))
    return _forget(redirect("intake:start"))


def _key(request):
    token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME)
    return actions.key_of(token) if token else None


def _draft(request):
    key = _key(request)
    return Draft.objects.alive().filter(key=key).first() if key else None


def _sent(request):
    """The Submission that this cookie's Draft has become, if it has."""
    key = _key(request)
    return Submission.objects.filter(draft_key=key).first() if key else None


def _without_draft(request):
    return redirect("intake:done" if _sent(request) else "intake:start")


def _is_step(name):
    try:
        return compiled(QuestionnaireVersion.current_id()).step(name) is not None
    except QuestionnaireVersion.DoesNotExist:
        return False


def _reachable(draft, name):
    """The step as shown now, or None while an earlier one lacks an answer or when it is not on the path."""
    if draft.questionnaire.step(name) is None:
        raise Http404
    missing = actions.incomplete_step(draft)
    for entry in walk(draft.questionnaire, draft.answers):
        if entry.step.name == name:
            return entry
        if missing and entry.step is missing:
            return None
    return None


def _next(draft):
    """The address that comes next: the first step that lacks an answer, or the check page."""
    missing = actions.incomplete_step(draft)
    return reverse("intake:step", args=[missing.name]) if missing else reverse("intake:check")


def _after(draft, name):
    """Urgent signs are answered with advice before anything else is asked."""
    if name == URGENT_STEP and urgent_signs(draft.answers):
        return reverse("intake:urgent_advice")
    return _next(draft)


def _remember(response, token):
    response.set_cookie(
        settings.DRAFT_COOKIE_NAME,
        token,
        max_age=timedelta(days=DRAFT_DAYS),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _forget(response):
    response.delete_cookie(settings.DRAFT_COOKIE_NAME, samesite="Lax")
    return response
