"""The web application: finished public pages from Valkey, the rest from Django."""

import gc
import os
from typing import cast

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from django.conf import settings  # noqa: E402 (settings first)
from django.urls import get_resolver  # noqa: E402

from config.headers import SECURITY_HEADERS  # noqa: E402
from sharing.public_cache import PublicPages, WsgiApp  # noqa: E402

_headers = list(SECURITY_HEADERS)
if settings.SECURE_HSTS_SECONDS:
    _headers.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
application = PublicPages(cast(WsgiApp, django_application), _headers)

# What is loaded now stays. Looking through it for garbage takes a tenth of a second, in which no
# thread of the process answers; so it is left out.
get_resolver().url_patterns  # noqa: B018 (loads all views)
gc.collect()
gc.freeze()
