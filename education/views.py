from django.shortcuts import get_object_or_404, render

from education.models import Treatment, load_outcomes


def treatment(request, slug):
    """One evidence record as patients read it; drafts are not found."""
    record = get_object_or_404(Treatment, slug=slug, live=True)
    load_outcomes([record])
    return render(request, "education/treatment.html", record.get_context())
