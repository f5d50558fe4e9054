from django.conf import settings
from django.utils.functional import SimpleLazyObject

from portal.models import ClinicSettings


def clinic(request):
    """What every page may print: the clinic's name and numbers, and whether this is the demo."""
    return {
        "clinic": SimpleLazyObject(lambda: ClinicSettings.load(request_or_site=request)),
        "demo": settings.DEMO,
    }
