"""Who may see what of a shared item: the one place that decides.

To a stranger an unknown, expired, burnt and forbidden item look alike: Http404.

A reveal token arrives once in the address, is exchanged for a cookie and leaves the address bar.
The cookie is sealed by the service key, bound to its item and purpose, and dies after minutes.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any, Generic, Literal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import User
from sharing.models import Item, Shared
from vault.envelope import DataKey, UnsealError, seal_for_service, unseal_for_service

Purpose = Literal["original", "links"]
PURPOSES: tuple[Purpose, ...] = ("original", "links")
LINKS_SECONDS = 3600.0
# How a program that holds a private link shows its token.
REVEAL_HEADER = "Reveal-Token"
# Programs that open links to show a preview of them, and search engines.
_PREVIEW_ROBOT = re.compile(
    r"(?<!cu)bot\b|crawler|spider|preview|facebookexternalhit|whatsapp/|embedly|iframely|vkshare"
    r"|mastodon/|pinterest/",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, repr=False)
class Access(Generic[Item]):
    """An item whose original may be opened by this request, with the key to it."""

    item: Item
    key: DataKey
    is_owner: bool


def find(kind: type[Item], pid: str) -> Item:
    """Return a live item for anybody. Raises Http404."""
    item: Item | None = _items(kind).live().with_scan().filter(pk=pid).first()
    if item is None:
        raise Http404
    return item


def find_own(kind: type[Item], user: User, pid: str) -> Item:
    """Return a live item of this person. Raises Http404."""
    item: Item | None = _items(kind).live().with_scan().filter(pk=pid, owner=user).first()
    if item is None:
        raise Http404
    return item


def open_with_token(item: Item, token: str) -> Access[Item] | None:
    """Return access for a reveal token, or None if it is not this item's."""
    try:
        return Access(item, item.envelope.open_with_token(token), is_owner=False)
    except UnsealError:
        return None


def access_to_original(request: HttpRequest, kind: type[Item], pid: str) -> Access[Item]:
    """Return what this request may open or delete, as owner or by a token's cookie. Http404."""
    item, user_id = _find_for(request, kind, pid)
    if user_id is not None and item.owner_id == user_id:
        return Access(item, item.envelope.open_for_service(), is_owner=True)
    token = token_from_cookie(request, item, "original")
    access = open_with_token(item, token) if token else None
    if access is None:
        raise Http404
    return access


def access_of_creator(request: HttpRequest, kind: type[Item], pid: str) -> Access[Item]:
    """Return access for the browser that made an item, or as `access_to_original`. Http404."""
    item, _ = _find_for(request, kind, pid)
    token = token_from_cookie(request, item, "links")
    access = open_with_token(item, token) if token else None
    return access or access_to_original(request, kind, pid)


def access_to_read(request: HttpRequest, kind: type[Item], pid: str) -> Access[Item]:
    """Return access for reading and correcting. Http404, also for what burns when it is read."""
    access = access_to_original(request, kind, pid)
    if access.item.burns and not access.is_owner:
        raise Http404
    return access


def access_of_program(
    request: HttpRequest, kind: type[Item], pid: str, *, owner: User | None
) -> Access[Item]:
    """Return access for a program: by the reveal token in its header, or as the owner.

    owner: who calls, if the caller may open originals at all
    Cookies of private links do not count here. Raises Http404.
    """
    item, _ = _find_for(request, kind, pid)
    token = request.headers.get(REVEAL_HEADER, "").strip()
    if token and (access := open_with_token(item, token)):
        return access
    if owner is not None and item.owner_id == owner.pk:
        return Access(item, item.envelope.open_for_service(), is_owner=True)
    raise Http404


def find_for_links(request: HttpRequest, kind: type[Item], pid: str) -> tuple[Item, str | None]:
    """Return an item and, while it may still be shown, its token. Raises Http404.

    The pages of links are for the browser that made the item, for its owner, and (without a
    token) for whoever reloads them later.
    """
    item, user_id = _find_for(request, kind, pid)
    token = token_from_cookie(request, item, "links")
    if token is not None and item.envelope.accepts_token(token):
        return item, token
    token = token_from_cookie(request, item, "original")
    if token is not None and item.envelope.accepts_token(token):
        return item, None
    if user_id is not None and item.owner_id == user_id:
        return item, None
    if not item.is_public:
        raise Http404
    return item, None


def is_preview_robot(request: HttpRequest) -> bool:
    """Say whether a program asks that opens links to preview or index them."""
    return _PREVIEW_ROBOT.search(request.headers.get("User-Agent", "")) is not None


def answer_for_robots() -> HttpResponse:
    """Return what such programs get for a private link: no content, and nothing is opened."""
    answer = "Open this link in a browser.\n"
    headers = {"X-Robots-Tag": "noindex"}
    return HttpResponse(answer, content_type="text/plain; charset=utf-8", headers=headers)


def _find_for(request: HttpRequest, kind: type[Item], pid: str) -> tuple[Item, int | None]:
    """Return a live item and who asks. Raises Http404.

    Who asks is read in any case: it adds a header (Vary), by which an answer for an item that
    exists must not differ from one for an item that does not.
    """
    user_id = request.user.pk
    return find(kind, pid), user_id


def token_from_cookie(request: HttpRequest, item: Shared, purpose: Purpose) -> str | None:
    """Return the token that a cookie of ours carries, or None if there is no valid one."""
    sealed = request.COOKIES.get(_cookie_name(purpose), "")
    try:
        value = json.loads(unseal_for_service(sealed.encode(), _context(item, purpose)))
    except (UnsealError, ValueError):
        return None
    return str(value["token"]) if value["until"] > time.time() else None


def give_cookie(response: HttpResponse, item: Shared, token: str, purpose: Purpose) -> None:
    """Put a token into a cookie that only this item's private pages receive."""
    seconds = LINKS_SECONDS if purpose == "links" else settings.REVEAL_MINUTES * 60
    value = json.dumps({"token": token, "until": time.time() + seconds}).encode()
    response.set_cookie(
        _cookie_name(purpose),
        seal_for_service(value, _context(item, purpose)).decode("ascii"),
        max_age=int(seconds),
        path=_cookie_path(item),
        secure=settings.BEHIND_TLS,
        httponly=True,
        samesite="Lax",
    )


def take_cookie_back(response: HttpResponse, item: Shared, purpose: Purpose) -> None:
    """Make the browser forget a token."""
    response.delete_cookie(_cookie_name(purpose), path=_cookie_path(item), samesite="Lax")


def _items(kind: type[Item]) -> Any:
    return kind._default_manager


def _cookie_name(purpose: Purpose) -> str:
    return f"blackbar_{purpose}"


def _cookie_path(item: Shared) -> str:
    # With the slash: the public page itself never receives the cookie.
    return f"{item.address}{item.pid}/"


def _context(item: Shared, purpose: Purpose) -> str:
    return f"{purpose} cookie of {item.address}{item.pid}"
