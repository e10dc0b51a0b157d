"""Failed sign-ins: counted for a name and a network together, and forgotten again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from accounts.models import User


def name_digest(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Return the name under which a failed sign-in is counted: a digest, never what was typed."""
    typed = credentials or {}
    return _digest(str(typed.get("username") or typed.get("email") or ""))


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: Mapping[str, Any] | None
) -> HttpResponse:
    """Answer a sign-in after too many failures, the same for names that exist and that do not."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    page = render(request, "429.html", {"pause_minutes": seconds // 60}, status=429)
    page["Retry-After"] = str(seconds)
    return page


def forget_failures(user: User, network: str | None = None) -> None:
    """Forget the failed sign-ins of a person, from one network or from everywhere."""
    for name in filter(None, (user.username, user.email)):
        reset(ip=network, username=_digest(name))


def _digest(name: str) -> str:
    name = name.strip().lower()
    return salted_hmac("accounts lockout", name, algorithm="sha256").hexdigest()
