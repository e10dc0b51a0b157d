"""The public page of an item: the same bytes for everybody, kept for the next reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from sharing import public_cache
from sharing.access import find
from sharing.models import Item


def public_page(
    kind: type[Item], pid: str, path: str, render: Callable[[Item], HttpResponse]
) -> HttpResponse:
    """Render an item's public side and keep its bytes once it is finished. Raises Http404.

    render: without the request, since the answer is kept; only answers of status 200 are
    """
    seen = public_cache.generation(pid)
    item = find(kind, pid)
    response = render(item)
    as_public(response)
    if item.is_public and response.status_code == 200:
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        expires = item.expires_at.timestamp() if item.expires_at else 0
        public_cache.store(pid, path, seen, response, expires)
    return response


def as_public(response: HttpResponseBase) -> None:
    """Say that a browser asks again each time, and that search engines leave it out."""
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = public_cache.PUBLIC_CACHE_CONTROL
