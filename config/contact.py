"""Where to report a hole (RFC 9116): what the owner set, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

# RFC 9116 asks for an end of less than a year; it moves along while the server runs.
_VALID = timedelta(days=180)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say whom to write to; 404 where the owner named nobody."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + _VALID
    lines = [f"Contact: {settings.SECURITY_CONTACT}", f"Expires: {day:%Y-%m-%dT%H:%M:%SZ}"]
    if settings.PUBLIC_URL:
        lines.append(f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt")
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
