"""What the API can do with any shared item: its private link, its end. Only owners may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import proof
from accounts.models import User
from api.callers import caller_of
from api.v1.base import NativeView, fields_of
from api.v1.problems import Problem
from sharing import services
from sharing.access import Access, access_of_program, find, find_in_workspace
from sharing.expiry import EXPIRY_CHOICES, LATEST_EXPIRY, expiry_time
from sharing.links import absolute
from sharing.models import Item, Shared
from vault.envelope import UnsealError
from workspaces.roles import May

EXPIRES = tuple(choice for choice, _ in EXPIRY_CHOICES if choice != "custom")
_DEFAULT_EXPIRY = "7d"
_NO_STORE = {"Cache-Control": "no-store"}


class ItemLink(NativeView):
    """The private link of an item."""

    needs_account = True
    kind: ClassVar[type[Shared]]
    scopes: ClassVar[Mapping[str, str]] = {"POST": "reveal", "DELETE": "reveal"}

    def post(self, request: Request, pid: str) -> Response:
        """Make a new private link; the old one stops. The token is in this answer only."""
        item = own(request, self.kind, pid)
        try:
            token = services.rotate_link(item, by=_person(request))
        except UnsealError as exc:
            detail = "The server holds no key to this, so it cannot make another link."
            raise Problem(409, "no_key", detail) from exc
        body = {"reveal_token": token, "private_url": private_url(request, item, token)}
        return Response(body, headers=_NO_STORE)

    def delete(self, request: Request, pid: str) -> Response:
        """Make the private link stop; the owner still opens the original."""
        services.revoke_link(own(request, self.kind, pid), by=_person(request))
        return Response(status=204)


class ItemExpiry(NativeView):
    """When an item ends."""

    needs_account = True
    kind: ClassVar[type[Shared]]
    scopes: ClassVar[Mapping[str, str]] = {"PUT": "reveal"}

    def put(self, request: Request, pid: str) -> Response:
        """Set when the item ends: `expires` (1h, 7d, never) or `expires_at` (RFC 3339)."""
        item = own(request, self.kind, pid)
        data = fields_of(request, ("expires", "expires_at"))
        errors: dict[str, list[str]] = {}
        if len(data) != 1:
            errors["expires"] = ["Send either `expires` or `expires_at`."]
        expires_at = read_expiry(data, errors)
        if errors:
            raise Problem(422, "invalid", errors=errors)
        services.set_expiry(item, expires_at, by=_person(request))
        return Response({"expires_at": expires_at.isoformat() if expires_at else None})


def own(request: Request, kind: type[Item], pid: str) -> Item:
    """Return an item that the caller may share and change. Raises Http404."""
    if not isinstance(request.user, User):
        raise Problem(401, "key_needed")
    return find_in_workspace(kind, request.user, pid, May.EDIT)


def access_of(request: Request, kind: type[Item], pid: str, may: May = May.OPEN) -> Access[Item]:
    """Return what a caller may open: by Reveal-Token, or as member with the scope reveal. Http404.

    sharing.access decides; a key without that scope counts as nobody's.
    """
    caller = caller_of(request)
    owner = caller.user if caller.allows("reveal") else None
    return access_of_program(request._request, kind, pid, owner=owner, may=may)


def take_proof(request: Request) -> None:
    """Take the proof of work of a caller who has to show one. Raises ProofError, RedisError."""
    if proof.is_needed(request.user):
        proof.take(request.headers.get(proof.HEADER, ""))


def shown(request: Request, kind: type[Item], pid: str) -> Item:
    """Return an item of which the caller may be told what is public. Raises Http404."""
    return find(kind, pid, request.user if isinstance(request.user, User) else None)


def removable(request: Request, kind: type[Item], pid: str) -> Access[Item]:
    """Return access to an item that the caller may delete. Raises Http404."""
    access = access_of(request, kind, pid, May.EDIT)
    if not access.may(May.EDIT):
        raise Http404
    return access


def correctable(access: Access[Item]) -> Access[Item]:
    """Return an access that allows to change marks. Raises Http404."""
    if not access.may(May.OPEN):
        raise Http404
    return access


def private_url(request: Request, item: Shared, token: str) -> str:
    """Return the private link of an item."""
    return f"{absolute(request._request, item.address + item.pid)}?token={token}"


def read_expiry(data: Mapping[str, Any], errors: dict[str, list[str]]) -> datetime | None:
    """Return when something is to end, None for never; a week from now if nothing is said."""
    written = data.get("expires_at")
    if written is not None:
        return _read_moment(written, errors)
    choice = data.get("expires") or _DEFAULT_EXPIRY
    if not isinstance(choice, str) or choice not in EXPIRES:
        errors["expires"] = [f"It must be one of {', '.join(EXPIRES)}."]
        return None
    return expiry_time(choice)


def _person(request: Request) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _read_moment(written: Any, errors: dict[str, list[str]]) -> datetime | None:
    try:
        parsed = parse_datetime(written) if isinstance(written, str) else None
    except ValueError:
        parsed = None
    now = timezone.now()
    latest = now + LATEST_EXPIRY - timedelta(minutes=1)
    if parsed is None or timezone.is_naive(parsed) or not now < parsed <= latest:
        errors["expires_at"] = ["It must be a time within ten years, with its zone (RFC 3339)."]
        return None
    return parsed
