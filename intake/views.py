"""What a patient sees of the form. A Draft belongs to whoever holds its cookie, and to nobody else."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from education.models import ArticlePage
from intake import actions
from intake.answers import by_step, each_in_words
from intake.facts import facts
from intake.forms import StepForm, initial_of
from intake.frozen import clinic_hours
from intake.models import DRAFT_DAYS, SHARED_LIFE, Draft, Note, QuestionnaireVersion, Status, Submission, compiled
from intake.path import back, find, first_incomplete, names, progress, walk
from intake.reading import load_picks, picked
from intake.routing import next_opening
from intake.signs import urgent_signs
from intake.withdrawal import TOLD, as_seen, named_in
from portal.models import the_clinic

URGENT_STEP = "urgent"
# Where the questions are hard, help stands beside them.
FEELINGS_STEP = "feelings"
SUPPORT_ARTICLE = "body-image-and-cellulite"
UNDER_AGE_NOTE = "E27"
QUESTIONS = ("top-questions", "own-question")


@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    if request.method == "POST":
        draft = actions.go_on(key=_key(request), told=request.POST.getlist(TOLD))
        return redirect(_next(draft)) if draft else _begin(request)
    draft = _draft(request)
    context = {"draft": draft, "next": _next(draft) if draft else None, "sent": draft is None and _sent(request)}
    return _page(request, "intake/start.html", context)


def _begin(request):
    try:
        draft, token = actions.start_draft(shared=is_shared(request))
    except QuestionnaireVersion.DoesNotExist:
        return _page(request, "intake/start.html", {"closed": True}, status=503)
    return _remember(request, redirect(_next(draft)), token)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request, name):
    if request.method == "POST":
        return _save(request, name)
    draft = _draft(request)
    if draft is None:
        if not _sent(request) and not _is_step(name):
            raise Http404
        return _without_draft(request)
    if name not in names(draft.questionnaire):
        raise Http404
    shown = _reachable(draft, name)
    if shown is None:
        return redirect(_next(draft))
    form = StepForm(shown, offer=actions.offer_for(shown), initial=initial_of(shown, draft))
    return _render_step(request, draft, form)


@require_POST
def later(request, name):
    """Keeps the page as it was typed, and leaves."""
    return _save(request, name, leaving=True)


def _save(request, name, leaving=False):
    saved, token = _saved(request, name)
    if saved is None:
        return redirect("intake:done")
    if saved.under_age:
        return _forget(redirect("intake:stop"))
    if saved.form and not leaving and not saved.form.is_valid():
        return _remember(request, _render_step(request, saved.draft, saved.form, status=422), token)
    return _remember(request, redirect(_after(saved.draft, name, leaving)), token)


def _saved(request, name):
    """(what was saved, the cookie's token); nothing is saved when this cookie's form has been sent."""
    key, shared = _key(request), is_shared(request)
    try:
        saved = key and actions.save_step(key=key, name=name, data=request.POST, shared=shared)
        if saved:
            return saved, request.COOKIES[settings.DRAFT_COOKIE_NAME]
        if _sent(request):
            return None, None
        # The Draft is gone (its two weeks are over, or another tab deleted it): what was typed begins a new one.
        return actions.start_with_step(name=name, data=request.POST, shared=shared)
    except (actions.NoSuchStep, QuestionnaireVersion.DoesNotExist) as error:
        raise Http404 from error


def _render_step(request, draft, form, status=200):
    name = form.shown.name
    position, total = progress(draft.questionnaire, draft.answers, name)
    context = {
        "draft": draft,
        "step": form.shown.step,
        "name": name,
        "form": form,
        "before": back(walk(draft.questionnaire, draft.answers), name),
        "position": position,
        "total": total,
        "from_check": "from" in request.GET,
        "support": name == FEELINGS_STEP and _support(),
    }
    return _page(request, "intake/step.html", context, status=status)


@require_safe
def urgent_advice(request):
    """What to do now about the signs that were ticked. Going on is the patient's choice."""
    draft = _draft(request)
    if draft is None:
        return _without_draft(request)
    signs = urgent_signs(draft.answers)
    if not signs:
        return redirect(_next(draft))
    context = {"draft": draft, "signs": signs, "first": signs[0], "next": _next(draft), "opens": _opens()}
    return _page(request, "intake/urgent_advice.html", context)


@require_safe
def stop(request):
    note = Note.objects.filter(code=UNDER_AGE_NOTE, live=True).first()
    return _page(request, "intake/stop.html", {"note": note})


@require_http_methods(["GET", "HEAD", "POST"])
def check(request):
    if request.method == "POST":
        return _send(request)
    draft = _draft(request)
    if draft is None:
        return _without_draft(request)
    missing = actions.incomplete_step(draft)
    if missing:
        return redirect("intake:step", missing)
    steps = by_step(draft.questionnaire, draft.answers)
    context = {
        "draft": draft,
        "steps": steps,
        "before": steps[-1][0],
        "goal": draft.answers.get("goal-own-words"),
        "questions": [
            asked for link_id in QUESTIONS for asked in each_in_words(draft.questionnaire, draft.answers, link_id)
        ],
    }
    return _page(request, "intake/check.html", context)


def _send(request):
    try:
        submission = actions.submit(key=_key(request), told=request.POST.getlist(TOLD))
    except actions.Incomplete as missing:
        return redirect("intake:step", missing.step) if missing.step else redirect("intake:check")
    return redirect("intake:done" if submission else "intake:start")


@require_safe
def done(request):
    submission = _sent(request)
    if submission is None:
        return redirect("intake:start")
    signs = urgent_signs(submission.answers)
    known = submission.answers | facts(submission.questionnaire, submission.answers, timezone.localdate())
    context = {
        "submission": submission,
        "signs": signs,
        "first": signs[0] if signs else None,
        "opens": _opens() if signs else None,
        "notes": [note for note in submission.notes.all() if note.for_patient],
        "reading": [] if signs else _reading(known),
        "support": known.get("high-distress", False) and _support(),
        "track": track(submission),
        "gone": [] if signs else named_in(submission),
    }
    return _page(request, "intake/done.html", context)


def track(submission):
    """Where the form is, in the patient's words: received, being read or read."""
    if submission.status == Status.NEW:
        return "received"
    return "reading" if submission.status == Status.IN_REVIEW else "read"


@cache
def _picks():
    return load_picks(Path(__file__).parent / "rules" / "reading.toml")


def _reading(known):
    """(article, reason) for each article that is worth reading before the visit."""
    slugs = {pick.slug for pick in _picks()}
    articles = {article.slug: article for article in ArticlePage.objects.listed().filter(slug__in=slugs)}
    return [(articles[pick.slug], pick.reason) for pick in picked(_picks(), known, articles)]


def _support():
    """What stands in the box about support, for everyone who sees it."""
    return {"article": ArticlePage.objects.listed().filter(slug=SUPPORT_ARTICLE).first()}


def _opens():
    """When the clinic opens again, if it is known to be shut now."""
    return next_opening(timezone.localtime(), clinic_hours(the_clinic()))


@require_POST
def delete(request):
    if _key(request):
        actions.delete_draft(key=_key(request))
    return _forget(redirect("intake:start"))


@require_POST
def clear(request):
    """Nothing of the form stays on this device. A Draft goes too: nobody could open it again."""
    if _key(request):
        actions.delete_draft(key=_key(request))
    return _forget(redirect("intake:cleared"))


@require_safe
def cleared(request):
    return _page(request, "intake/cleared.html", {})


@require_POST
def here(request):
    """Somebody is reading on a shared device."""
    if _key(request) and is_shared(request):
        actions.keep_alive(key=_key(request))
    token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME)
    return _remember(request, HttpResponse(status=204), token) if token else HttpResponse(status=204)


def is_shared(request):
    """Is this a tablet that staff hand round?"""
    return bool(request.COOKIES.get(settings.SHARED_COOKIE_NAME))


def share_device(response):
    """Puts a device in waiting-room mode, until staff end it. What was begun on it before is forgotten."""
    response.set_cookie(
        settings.SHARED_COOKIE_NAME,
        "1",
        max_age=timedelta(days=365),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return _forget(response)


def _page(request, template, context, status=200):
    response = render(request, template, {**context, "shared": is_shared(request)}, status=status)
    token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME)
    # There the cookie ends with the patience for somebody who has gone: each page starts the clock again.
    return _remember(request, response, token) if token and is_shared(request) else response


def _key(request):
    token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME)
    return actions.key_of(token) if token else None


def _draft(request):
    draft = Draft.objects.of(_key(request))
    return draft and as_seen(draft)


def _sent(request):
    """The Submission that this cookie's Draft has become, if it has."""
    key = _key(request)
    return Submission.objects.filter(draft_key=key).first() if key else None


def _without_draft(request):
    return redirect("intake:done" if _sent(request) else "intake:start")


def _is_step(name):
    try:
        return name in names(compiled(QuestionnaireVersion.current_id()))
    except QuestionnaireVersion.DoesNotExist:
        return False


def _reachable(draft, name):
    """The step as shown now, or None while an earlier one lacks an answer or when it is not on the path."""
    path = walk(draft.questionnaire, draft.answers)
    missing, wanted = first_incomplete(path, draft.answers), find(path, name)
    if wanted is None or (missing and path.index(missing) < path.index(wanted)):
        return None
    return wanted


def _next(draft):
    """The address that comes next: the first step that lacks an answer, or the check page."""
    missing = actions.incomplete_step(draft)
    return reverse("intake:step", args=[missing]) if missing else reverse("intake:check")


def _after(draft, name, leaving):
    """Urgent signs are answered with advice before anything else is asked, and before anybody leaves."""
    if name == URGENT_STEP and urgent_signs(draft.answers):
        return reverse("intake:urgent_advice")
    return reverse("intake:start") if leaving else _next(draft)


def _remember(request, response, token):
    response.set_cookie(
        settings.DRAFT_COOKIE_NAME,
        token,
        max_age=SHARED_LIFE if is_shared(request) else timedelta(days=DRAFT_DAYS),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _forget(response):
    response.delete_cookie(settings.DRAFT_COOKIE_NAME, samesite="Lax")
    return response
