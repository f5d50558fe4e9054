from django.conf import settings
from django.utils.functional import SimpleLazyObject

from portal.models import the_clinic


def clinic(request):
    """What every page may print: the clinic's name and numbers, and whether this is the demo."""
    return {
        "clinic": SimpleLazyObject(the_clinic),
        "demo": settings.DEMO,
    }
