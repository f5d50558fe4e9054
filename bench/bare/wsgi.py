import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.bare.settings"
application = get_wsgi_application()

# As portal/wsgi.py does: the two are compared.
gc.collect()
gc.freeze()
