from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from wagtail.models import Page
from wagtail.views import serve

from education import comparison
from education.models import Treatment, load_outcomes
from education.models.pages import the_site
from education.search import look_up


def page(request, path):
    """A page of the CMS. Wagtail's own way to it takes five queries more, and is needed for the rare ones only."""
    found = None if the_site().restricted else _live_page(path)
    return serve(request, path) if found is None else found.serve(request)


def _live_page(path):
    url_path = the_site().root + path
    # The slug has an index, the address has none.
    slug = url_path.rstrip("/").rpartition("/")[2]
    return Page.objects.filter(slug=slug, url_path=url_path, live=True).specific().first()


def treatment(request, slug):
    """One evidence record as patients read it; drafts are not found."""
    record = get_object_or_404(Treatment, slug=slug, live=True)
    load_outcomes([record])
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
