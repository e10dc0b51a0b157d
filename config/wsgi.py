"""The web application: finished public pages from Valkey, the rest from Django."""

import os
from typing import cast

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from django.conf import settings  # noqa: E402 (settings first)

from config.headers import SECURITY_HEADERS  # noqa: E402
from sharing.public_cache import PublicPages, WsgiApp  # noqa: E402

_headers = list(SECURITY_HEADERS)
if settings.SECURE_HSTS_SECONDS:
    _headers.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
application = PublicPages(cast(WsgiApp, django_application), _headers)
