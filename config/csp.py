"""What browsers report when a page tried what our policy forbids.

A report quotes addresses, and those can carry tokens: of the page only its route is written to the
log, of what was blocked only the origin. So many lines a minute, whoever sends them.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

logger = logging.getLogger("blackbar.csp")
MOST_BYTES = 16_384
MOST_LINES_A_MINUTE = 30
_WORD = frozenset("abcdefghijklmnopqrstuvwxyz-")


class _Lines:
    """How many lines may still be written this minute, in this process."""

    def __init__(self) -> None:
        self._lock, self._minute, self._left = threading.Lock(), -1, 0

    def take(self) -> bool:
        """Say whether one more may be written."""
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._left = minute, MOST_LINES_A_MINUTE
            self._left -= 1
            return self._left >= 0


_lines = _Lines()


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Take a report, of either format; the answer is empty whatever was sent."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) <= MOST_BYTES:
        for directive, blocked, page in _reports(request.body):
            if _lines.take():
                logger.warning("blocked by %s: %s on %s", directive, blocked, page)
    return HttpResponse(status=204)


def _reports(body: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield directive, what was blocked and on which route, of every report in a body."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return
    for one in (sent if isinstance(sent, list) else [sent])[:20]:
        if not isinstance(one, Mapping):
            continue
        report = one.get("csp-report") or one.get("body") or {}
        if isinstance(report, Mapping):
            directive = _first(
                report, "effective-directive", "violated-directive", "effectiveDirective"
            )
            blocked = _first(report, "blocked-uri", "blockedURL")
            page = _first(report, "document-uri", "documentURL")
            yield _word(directive), _origin(blocked), _route(page)


def _first(report: Mapping[str, Any], *names: str) -> str:
    found = (report.get(name) for name in names)
    return next((value for value in found if isinstance(value, str) and value), "")


def _word(written: str) -> str:
    """Return a directive's name; anything else is not repeated."""
    name = written.split(" ")[0][:40]
    return name if name and set(name) <= _WORD else "?"


def _origin(address: str) -> str:
    """Return an address's origin, or a keyword such as "inline"; never its path."""
    try:
        parts = urlsplit(address[:2000])
        host, port = parts.hostname, parts.port
    except ValueError:
        return "?"
    if parts.scheme in {"http", "https", "ws", "wss"} and host and host.isascii():
        return f"{parts.scheme}://{host[:100]}{f':{port}' if port else ''}"
    return _word(parts.scheme or address)


def _route(address: str) -> str:
    try:
        return resolve(urlsplit(address[:2000]).path).route
    except (Resolver404, ValueError):
        return "?"
