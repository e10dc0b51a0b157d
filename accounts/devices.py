"""The devices in which a person is signed in: noted when they sign in, seen while they are used.

A device's row hangs on its session and goes with it. Of what a browser says of itself two words
are kept, no more.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from psycopg_pool import PoolTimeout

from accounts.client_address import client_address
from accounts.models import Device, User

# What a session remembers of its own device: {"key": of the session, "first": and "seen": when}.
MARK = "device"
SEEN_EVERY_SECONDS = 300.0
# The first that is found wins: Edge and Opera call themselves Chrome, Chrome calls itself Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def summary_of(user_agent: str) -> str:
    """Return what people call a device: "Firefox on Linux", without versions."""
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    if browser or system:
        return browser or f"A browser on {system}"
    return "A program" if re.match(r"[\w.-]+/", user_agent) else "An unknown device"


def begin(request: HttpRequest) -> None:
    """Have the session that was just signed in noted as a device."""
    request.session[MARK] = {"first": time.time()}


def note(request: HttpRequest) -> None:
    """Write down the device of a signed-in session: once, and then at most every five minutes."""
    session: Any = request.session
    if not session.accessed or not isinstance(request.user, User):
        return
    mark, now = session.get(MARK), time.time()
    if mark is None:
        return
    if mark.get("key") == session.session_key and now - mark.get("seen", 0) < SEEN_EVERY_SECONDS:
        return
    if session.session_key is None:
        session.save()  # gives it a key
    first = float(mark.get("first", now))
    session[MARK] = {"key": session.session_key, "first": first, "seen": now}
    _write(session.session_key, request, request.user, first)


def end(user: User, device_id: int) -> bool:
    """Sign one of a person's devices out; False if it was not signed in any more."""
    return bool(Session.objects.filter(device__pk=device_id, device__user=user).delete()[0])


def end_others(user: User, but: str | None) -> None:
    """End the sessions of all of a person's devices but one."""
    Session.objects.filter(device__user=user).exclude(session_key=but or "").delete()


class DeviceMiddleware:
    """Notes from which devices people are signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand on, then note the device, in the session that is about to be saved."""
        response = self._get_response(request)
        # A page that says the database is away must not fail for this.
        with contextlib.suppress(DatabaseError, PoolTimeout):
            note(request)
        return response


def _write(session_key: str, request: HttpRequest, user: User, first: float) -> None:
    seen = {
        "summary": summary_of(request.headers.get("User-Agent", "")),
        "address": client_address(request),
        "seen_at": timezone.now(),
    }
    if Device.objects.filter(session=session_key).update(**seen):
        return
    # Another request of the same browser was faster, or the session has just ended.
    with contextlib.suppress(IntegrityError), transaction.atomic():
        if Session.objects.filter(pk=session_key).exists():
            Device.objects.create(
                session_id=session_key,
                user=user,
                created_at=datetime.fromtimestamp(first, tz=UTC),
                **seen,
            )


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for part, name in names if part in user_agent), "")
