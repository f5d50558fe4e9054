from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.views import serve

from education import comparison
from education.models import published
from education.models.pages import live_at, the_site
from education.search import look_up


def page(request, path):
    """A page of the CMS. Wagtail's own way to it takes five queries more, and is needed for the rare ones only."""
    found = None if the_site().restricted else live_at(path).specific().first()
    return serve(request, path) if found is None else found.serve(request)


def treatment(request, slug):
    """One evidence record as patients read it; drafts are not found."""
    record = next((record for record in published() if record.slug == slug), None)
    if record is None:
        raise Http404
    return render(request, "education/treatment.html", record.get_context())


def compare(request):
    """All treatments to choose from, or those that are chosen side by side with no treatment."""
    return render(request, "education/compare.html", comparison.page(request.GET.getlist("t")))


@require_safe
def search(request):
    """What was looked for may say what somebody worries about: nothing on the way keeps it."""
    results = look_up(*(request.GET.get(name, "") for name in ("q", "topic", "page")))
    response = render(request, "education/search.html", {"results": results})
    if request.GET:
        response["Cache-Control"] = "no-store, private"
    return response
