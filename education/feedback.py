"""Was this page clear? Asked on a small page of its own, so that the page it is about stays the same for everybody."""

from allauth.core import ratelimit
from django import forms
from django.core.validators import MaxLengthValidator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import resolve
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from education.models import ArticlePage, Feedback, PlainPage, Treatment
from education.models.pages import live_at

MOST_LETTERS = 1000
TRY_AGAIN_AFTER = 60 * 60  # seconds


class LettersField(forms.CharField):
    """Counts a line break as one letter, as people do; browsers send two."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class FeedbackForm(forms.Form):
    use_required_attribute = False

    clear = forms.ChoiceField(
        label=_("Was it clear to you?"),
        choices=Feedback.Clear,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose yes, partly or no")),
    )
    text = LettersField(
        label=_("What would make it clearer?"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        validators=[
            MaxLengthValidator(
                MOST_LETTERS, _("Write at most %(limit_value)d letters. You have written %(show_value)d.")
            )
        ],
        error_messages={
            "null_characters_not_allowed": _("This holds a sign that we can't keep. Please type it again.")
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request, path):
    form = FeedbackForm(request.POST if request.method == "POST" else None)
    context = {"path": f"/{path}", "title": _title(path), "form": form}
    if not form.is_bound:
        return render(request, "education/feedback.html", context)
    if not form.is_valid():
        return render(request, "education/feedback.html", context, status=422)
    if not ratelimit.consume(request, action="feedback"):
        return _too_many(request, context)
    Feedback.objects.create(path=_kept(path), **form.cleaned_data)
    return redirect("feedback_thanks", path)


def _too_many(request, context):
    response = render(request, "education/feedback.html", context | {"too_many": True}, status=429)
    response["Retry-After"] = TRY_AGAIN_AFTER
    return response


@require_safe
def thanks(request, path):
    return render(request, "education/feedback_thanks.html", {"path": f"/{path}", "title": _title(path)})


def _title(path):
    """The title of the article, plain page or record that is read at this path. There has to be one."""
    match = resolve(f"/{path}")
    if match.view_name == "education:treatment":
        return str(get_object_or_404(Treatment, slug=match.kwargs["slug"], live=True))
    return get_object_or_404(live_at(path).public().type(ArticlePage, PlainPage)).title


def _kept(path):
    return f"/{path}"[: Feedback._meta.get_field("path").max_length]
