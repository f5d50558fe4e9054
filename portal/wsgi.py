import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from portal import page_cache  # noqa: E402 - it needs the settings that the line above sets up

application = page_cache.in_front_of(application)

# What start-up made stays for ever: keeping the collector away from it takes the longest pauses out of light views.
gc.collect()
gc.freeze()
