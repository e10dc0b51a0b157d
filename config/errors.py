"""Error pages that need nothing but templates: no database, no session, no user."""

from __future__ import annotations

import logging
import sys
import traceback

import redis
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from psycopg_pool import PoolTimeout

from accounts.pace import too_often
from accounts.quotas import QuotaExceededError
from inference.room import QueueFullError
from inference.status import note_outage
from sharing.public_cache import CacheUnreachableError
from vault.files import is_full

logger = logging.getLogger("blackbar.web")
_FOR_PROGRAMS = "/api/v1/"
# Seconds of limits that do not tell theirs: those of passwords and codes, counted by allauth.
_PAUSE = 300
OUTAGES = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    CacheUnreachableError,
    redis.RedisError,
)


def error_response(request: HttpRequest, exc: BaseException) -> HttpResponse:
    """Log an unexpected error and return its page: 503 for an outage, else 500.

    A driver's message may quote a row, so only the error's type and the places in the code are
    written to the log, never its text and never the address, which may hold a token.
    """
    route = request.resolver_match.route if request.resolver_match else "?"
    frames = traceback.extract_tb(exc.__traceback__)[-6:]
    places = " < ".join(f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in reversed(frames))
    logger.error("%s %s: %s at %s", request.method, route, type(exc).__name__, places)
    if isinstance(exc, QueueFullError):
        return busy()
    if isinstance(exc, OUTAGES):
        note_outage()
        return unavailable(request)
    if is_full(exc):
        return full()
    if request.path.startswith(_FOR_PROGRAMS):
        # Imported here: pages of errors need nothing of the API.
        from api.v1.problems import unforeseen

        return unforeseen()
    return _page("500.html", 500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that a part of the server is out of reach (503)."""
    response = _page("503.html", 503)
    response["Retry-After"] = "10"
    if request.method == "GET":
        # What was asked for comes by itself; a form that was sent is not sent again.
        response["Refresh"] = "10"
    return response


def full() -> HttpResponse:
    """Say that the disk takes nothing more (503)."""
    response = _page("full.html", 503)
    response["Retry-After"] = "60"
    return response


def busy() -> HttpResponse:
    """Say that nothing more is taken in just now (503)."""
    response = _page("busy.html", 503)
    response["Retry-After"] = "30"
    return response


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that something was done too often, and when it can be done again (429)."""
    if isinstance(exception, QuotaExceededError):
        seconds, said = exception.limit.seconds_left or _PAUSE, too_often(exception.limit)
    else:
        seconds, said = _PAUSE, ""
    response = _page("429.html", 429, said=said)
    response["Retry-After"] = str(seconds)
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say the same for unknown, expired, burnt and forbidden (404)."""
    return _page("404.html", 404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request could not be understood (400) or was too large (413)."""
    if isinstance(exception, RequestDataTooBig):
        return _page("413.html", 413)
    return _page("400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that this is not allowed (403)."""
    return _page("403.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was too old or came from elsewhere (403)."""
    return _page("403.html", 403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for what was raised outside of views, by a middleware or the template engine."""
    return error_response(request, sys.exc_info()[1] or RuntimeError())


def _page(template: str, status: int, **said: str) -> HttpResponse:
    return HttpResponse(loader.get_template(template).render(said), status=status)
