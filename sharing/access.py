"""Who may see what of a shared item: the one place that decides.

To a stranger an unknown, expired, burnt and forbidden item look alike: Http404.

A reveal token arrives once in the address, is exchanged for a cookie and leaves the address bar.
The cookie is sealed by the service key, bound to its item and purpose, and dies after minutes.
"""

from __future__ import annotations

import functools
import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Literal

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User
from accounts.pace import count_wrong_link
from entries.models import Entry
from sharing.models import Item, Shared
from vault.envelope import DataKey, UnsealError, seal_for_service, unseal_for_service
from vault.planned import Planned
from workspaces.models import Workspace
from workspaces.roles import ALLOWED, May, Role
from workspaces.services import may_in, role_in

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
    """An item whose original may be opened by this request, with the key to it.

    role: what a person is in the item's workspace; None for the holder of a private link
    user: that person
    """

    item: Item
    key: DataKey
    role: Role | None = None
    user: User | None = None

    @property
    def is_member(self) -> bool:
        """Say whether it is opened by somebody's place in its workspace, not by a link."""
        return self.role is not None

    @property
    def home(self) -> Workspace | None:
        """The workspace of the item, for its members; None for the holder of a private link."""
        entry = self.item.entry
        return entry.workspace if entry is not None and self.is_member else None

    def may(self, may: May) -> bool:
        """Say whether this access allows something.

        A private link opens what a team keeps, and changes nothing of it; otherwise it may all.
        """
        if self.role is not None:
            return may in ALLOWED[self.role]
        return self.item.entry is None or self.item.entry.workspace.is_personal


def find(kind: type[Item], pid: str, user: User | None = None) -> Item:
    """Return a live item that anybody may be shown. Raises Http404.

    user: who asks; before an item is approved only members of its workspace are told of it
    """
    item = _find(kind, pid)
    if item.awaits_approval and not _may_see(item, user):
        raise Http404
    return item


def find_in_workspace(kind: type[Item], user: User, pid: str, may: May) -> Item:
    """Return a live item with which a person may do something in its workspace. Http404."""
    mine = Entry.objects.of(user, may).filter(envelope=OuterRef("envelope"))
    item: Item | None = _items(kind).live().with_scan().filter(Exists(mine), pk=pid).first()
    if item is None:
        raise Http404
    return item


def open_with_token(item: Item, token: str) -> Access[Item] | None:
    """Return access for a reveal token, or None if it is not this item's."""
    if item.awaits_approval:
        return None
    try:
        return Access(item, item.envelope.open_with_token(token))
    except UnsealError:
        return None


def open_by_link(request: HttpRequest, item: Item, token: str) -> Access[Item] | None:
    """As `open_with_token`, for a token that a link carries: wrong ones are counted.

    Raises QuotaExceededError; never for a token that opens, whoever else is in that network.
    """
    access = open_with_token(item, token)
    if access is None:
        count_wrong_link(request)
    return access


def access_to_original(
    request: HttpRequest, kind: type[Item], pid: str, may: May = May.OPEN
) -> Access[Item]:
    """Return what this request may open, as a member or by a token's cookie. Http404.

    may: what a member must be allowed to do; what a link allows is asked of the access
    """
    item, user = _find_for(request, kind, pid)
    access = _of_member(item, user, may)
    if access is None:
        token = token_from_cookie(request, item, "original")
        access = open_with_token(item, token) if token else None
    if access is None:
        raise Http404
    return access


def access_to_remove(request: HttpRequest, kind: type[Item], pid: str) -> Access[Item]:
    """Return access for whoever may delete an item. Http404."""
    access = access_of_creator(request, kind, pid, May.EDIT)
    if not access.may(May.EDIT):
        raise Http404
    return access


def access_of_creator(
    request: HttpRequest, kind: type[Item], pid: str, may: May = May.OPEN
) -> Access[Item]:
    """Return access for the browser that made an item, or as `access_to_original`. Http404."""
    item, user = _find_for(request, kind, pid)
    if access := _of_member(item, user, may):
        return access
    token = token_from_cookie(request, item, "links")
    access = open_with_token(item, token) if token else None
    return access or access_to_original(request, kind, pid, may)


def access_to_read(request: HttpRequest, kind: type[Item], pid: str) -> Access[Item]:
    """Return access for reading. Http404, also for what burns when it is read."""
    access = access_to_original(request, kind, pid)
    if access.item.burns and not access.is_member:
        raise Http404
    return access


def access_to_correct(request: HttpRequest, kind: type[Item], pid: str) -> Access[Item]:
    """Return access for changing marks. Http404, also for what burns when it is read."""
    access = access_to_read(request, kind, pid)
    if not access.may(May.OPEN):
        raise Http404
    return access


def access_of_program(
    request: HttpRequest,
    kind: type[Item],
    pid: str,
    *,
    owner: User | None,
    may: May = May.OPEN,
) -> Access[Item]:
    """Return access for a program: by the reveal token in its header, or as a member.

    owner: who calls, if the caller may open originals at all
    may:   what a member must be allowed to do
    Cookies of private links do not count here. A token that opens nothing is counted as a wrong
    link is. Raises Http404, QuotaExceededError; never the latter for who may open the item.
    """
    token = request.headers.get(REVEAL_HEADER, "").strip()
    access: Access[Item] | None = None
    with suppress(Http404):
        item, _ = _find_for(request, kind, pid)
        if token:
            access = open_with_token(item, token)
        if access is None and owner is not None:
            access = _of_member(item, owner, may)
    if access is not None:
        return access
    if token:
        # Also where there is no such item: the limit must not tell which there are.
        count_wrong_link(request)
    raise Http404


def find_for_links(request: HttpRequest, kind: type[Item], pid: str) -> tuple[Item, str | None]:
    """Return an item and, while it may still be shown, its token. Raises Http404.

    The pages of links are for the browser that made the item, for its owner, and (without a
    token) for whoever reloads them later.
    """
    item, user = _find_for(request, kind, pid)
    token = token_from_cookie(request, item, "links")
    if token is not None and item.envelope.accepts_token(token):
        return item, token
    token = token_from_cookie(request, item, "original")
    if token is not None and not item.awaits_approval and item.envelope.accepts_token(token):
        return item, None
    if _may_see(item, user):
        return item, None
    if not item.is_public or item.awaits_approval:
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


def _find(kind: type[Item], pid: str) -> Item:
    """Return a live item, whoever may be shown it. Raises Http404."""
    item: Item | None = _found(kind).first(pid=pid, now=timezone.now())
    if item is None:
        raise Http404
    return item


@functools.cache
def _found(kind: type[Item]) -> Planned[Item]:
    return Planned(lambda pid, now: _items(kind).live(now).with_scan().filter(pk=pid))


def _find_for(request: HttpRequest, kind: type[Item], pid: str) -> tuple[Item, User | None]:
    """Return a live item and who asks. Raises Http404.

    Who asks is read in any case: it adds a header (Vary), by which an answer for an item that
    exists must not differ from one for an item that does not.
    """
    user = request.user if request.user.is_authenticated else None
    return _find(kind, pid), user


def _may_see(item: Item, user: User | None) -> bool:
    entry = item.entry
    return user is not None and entry is not None and may_in(user.pk, entry.workspace_id, May.SEE)


def _of_member(item: Item, user: User | None, may: May) -> Access[Item] | None:
    """Return a member's access, or None for whoever may not do that in the item's workspace."""
    if user is None or item.entry is None:
        return None
    role = role_in(user.pk, item.entry.workspace_id)
    if role is None or may not in ALLOWED[role]:
        return None
    return Access(item, item.envelope.open_for_service(), role, user)


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
