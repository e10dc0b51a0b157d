"""Who may see what of a paste: the one place that decides.

To a stranger an unknown, expired, burnt and forbidden paste look alike: Http404.

A reveal token arrives once in the address, is exchanged for a cookie and leaves the address bar.
The cookie is sealed by the service key, bound to its paste and purpose, and dies after minutes.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import User
from pastebin.models import Paste
from vault.envelope import DataKey, UnsealError, seal_for_service, unseal_for_service

Purpose = Literal["original", "links"]
LINKS_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """A paste whose original may be opened by this request, with the key to it."""

    paste: Paste
    key: DataKey
    is_owner: bool


def find_paste(pid: str) -> Paste:
    """Return a live paste for anybody. Raises Http404."""
    paste = Paste.objects.live().with_scan().filter(pk=pid).first()
    if paste is None:
        raise Http404
    return paste


def find_own(user: User, pid: str) -> Paste:
    """Return a live paste of this person. Raises Http404."""
    paste = Paste.objects.live().with_scan().filter(pk=pid, owner=user).first()
    if paste is None:
        raise Http404
    return paste


def open_with_token(paste: Paste, token: str) -> Access | None:
    """Return access for a reveal token, or None if it is not this paste's."""
    try:
        return Access(paste, paste.envelope.open_with_token(token), is_owner=False)
    except UnsealError:
        return None


def access_to_original(request: HttpRequest, pid: str) -> Access:
    """Return what this request may open or delete, as owner or by a token's cookie. Http404."""
    # Asked for in any case: an answer for an existing paste must not differ by a header (Vary).
    user_id = request.user.pk
    paste = find_paste(pid)
    if user_id is not None and paste.owner_id == user_id:
        return Access(paste, paste.envelope.open_for_service(), is_owner=True)
    token = token_from_cookie(request, pid, "original")
    access = open_with_token(paste, token) if token else None
    if access is None:
        raise Http404
    return access


def access_of_creator(request: HttpRequest, pid: str) -> Access:
    """Return access for the browser that made a paste, or as `access_to_original`. Http404."""
    token = token_from_cookie(request, pid, "links")
    access = open_with_token(find_paste(pid), token) if token else None
    return access or access_to_original(request, pid)


def access_to_read(request: HttpRequest, pid: str) -> Access:
    """Return access for reading and correcting. Http404, also for what burns when it is read."""
    access = access_to_original(request, pid)
    if access.paste.burn and not access.is_owner:
        raise Http404
    return access


def token_from_cookie(request: HttpRequest, pid: str, purpose: Purpose) -> str | None:
    """Return the token that a cookie of ours carries, or None if there is no valid one."""
    sealed = request.COOKIES.get(_cookie_name(purpose), "")
    try:
        value = json.loads(unseal_for_service(sealed.encode(), _context(pid, purpose)))
    except (UnsealError, ValueError):
        return None
    return str(value["token"]) if value["until"] > time.time() else None


def give_cookie(response: HttpResponse, paste: Paste, token: str, purpose: Purpose) -> None:
    """Put a token into a cookie that only this paste's private pages receive."""
    seconds = LINKS_SECONDS if purpose == "links" else settings.REVEAL_MINUTES * 60
    value = json.dumps({"token": token, "until": time.time() + seconds}).encode()
    response.set_cookie(
        _cookie_name(purpose),
        seal_for_service(value, _context(paste.pid, purpose)).decode("ascii"),
        max_age=int(seconds),
        path=_cookie_path(paste.pid),
        secure=settings.BEHIND_TLS,
        httponly=True,
        samesite="Lax",
    )


def take_cookie_back(response: HttpResponse, pid: str, purpose: Purpose) -> None:
    """Make the browser forget a token."""
    response.delete_cookie(_cookie_name(purpose), path=_cookie_path(pid), samesite="Lax")


def _cookie_name(purpose: Purpose) -> str:
    return f"blackbar_{purpose}"


def _cookie_path(pid: str) -> str:
    # With the slash: the public page /view/<pid> itself never receives the cookie.
    return f"/view/{pid}/"


def _context(pid: str, purpose: Purpose) -> str:
    return f"{purpose} cookie of paste {pid}"
