from django.shortcuts import get_object_or_404, render

from education.citations import Citations
from education.models import Treatment


def treatment(request, slug):
    """One evidence record as patients read it; drafts are not found."""
    record = get_object_or_404(Treatment.objects.filter(live=True), slug=slug)
    return render(request, "education/treatment.html", {"treatment": record, "citations": Citations()})
