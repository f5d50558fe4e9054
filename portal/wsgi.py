import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

# What start-up made stays for ever: keeping the collector away from it takes the longest pauses out of light views.
gc.collect()
gc.freeze()
