"""The web process's way in."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
resolve("/healthz")  # load every page's code now, not while the first officer waits

# A full round of the garbage collector over all modules takes a tenth of a second, while somebody waits.
gc.collect()
gc.freeze()
