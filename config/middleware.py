"""Headers on every response, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from accounts.client_address import client_address
from accounts.quotas import QuotaExceededError
from audit.origin import request_from
from config.errors import error_response, not_found, too_many
from config.headers import FILE_POLICY, SECURITY_HEADERS
from sharing.services import GoneError

GetResponse = Callable[[HttpRequest], HttpResponse]
# What views raise to answer 400, 403 and 404.
ORDINARY = (Http404, PermissionDenied, SuspiciousOperation)


class SecurityHeadersMiddleware:
    """Sets the security headers; nothing is kept by a cache unless a view says otherwise."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add what the response does not set by itself."""
        response = self._get_response(request)
        if response.get("Content-Disposition", "").startswith("attachment"):
            response["Content-Security-Policy"] = FILE_POLICY
        for name, value in SECURITY_HEADERS:
            response.setdefault(name, value)
        response.setdefault("Cache-Control", "no-store, private")
        return response


class OriginMiddleware:
    """Notes where a request comes from, for what is recorded while it is answered."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand on. Finished public pages are answered before Django, and never come here."""
        with request_from(client_address(request)):
            return self._get_response(request)


class ErrorMiddleware:
    """Logs what views raise without its message, and names an outage as what it is."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand on; see `process_exception`."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Log what a view raised; an outage gets its own page."""
        if isinstance(exc, ORDINARY):
            return None
        if isinstance(exc, GoneError):  # removed while the view was at work
            return not_found(request)
        if isinstance(exc, QuotaExceededError):
            return too_many(request, exc)
        return error_response(request, exc)
