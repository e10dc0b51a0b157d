"""What the dialects share: bodies of any content type, errors of their own, open to browsers."""

from __future__ import annotations

import json
from typing import Any

import redis
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from psycopg_pool import PoolTimeout

from api.rendering import ExactJSONRenderer
from inference.room import QueueFullError

# A part of the server is out of reach, or so much waits that nothing more is taken.
OUTAGES = (OperationalError, InterfaceError, PoolTimeout, redis.RedisError, QueueFullError)
# Any site may call: keys travel in the body or in a header, and cookies count for nothing here.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


class UnreadableError(Exception):
    """Raised when a body is no JSON object."""


class TooLargeError(Exception):
    """Raised when a body is larger than this server takes."""


class DialectView(View):
    """A view without sessions, and so without form tokens."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view; exempt here, where no subclass overrides it by accident."""
        return csrf_exempt(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer, so that a browser on any site may read it."""
        response: Any = super().dispatch(request, *args, **kwargs)
        return self.open_to_browsers(response)

    def open_to_browsers(self, response: HttpResponse) -> HttpResponse:
        """Let a browser on any site read an answer."""
        for name, value in _CORS.items():
            response[name] = value
        return response

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer what a browser asks before it sends a request."""
        return HttpResponse(status=204, headers=_PREFLIGHT)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return a request's JSON object. Raises UnreadableError, TooLargeError."""
    try:
        body = json.loads(request.body)
    except RequestDataTooBig as exc:
        raise TooLargeError("The body is too large.") from exc
    except (ValueError, RecursionError) as exc:
        raise UnreadableError("The body must be a JSON object.") from exc
    if not isinstance(body, dict):
        raise UnreadableError("The body must be a JSON object.")
    return body


def answer(body: dict[str, Any], status: int = 200, **headers: str) -> HttpResponse:
    """Return a JSON response that no cache keeps."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(
        ExactJSONRenderer().render(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"} | named,
    )
