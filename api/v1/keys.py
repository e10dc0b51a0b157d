"""Keys and what they used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import keys
from accounts.models import ApiKey, Scope, User
from accounts.quotas import Use, used_of
from api.callers import Caller, caller_of
from api.plans import limits_of
from api.schema import keys as schema
from api.schema.describe import described
from api.v1.base import NativeView, fields_of
from api.v1.problems import Problem

_MAX_NAME = 60
_MAX_OVERLAP_SECONDS = 30 * 86_400


@described(get=schema.list_keys, post=schema.create)
class Keys(NativeView):
    """The caller's keys."""

    needs_account = True
    scopes: ClassVar = {"GET": "admin", "POST": "admin"}

    def get(self, request: Request) -> Response:
        """List the active keys, newest first."""
        rows = ApiKey.objects.active().filter(owner=_owner(request)).order_by("-created_at", "-pk")
        return Response({"keys": [_as_json(key) for key in rows]})

    def post(self, request: Request) -> Response:
        """Make a key from `name`, `scopes` and `expires_at`; its secret is in this answer only."""
        data = fields_of(request, ("name", "scopes", "expires_at"))
        errors: dict[str, list[str]] = {}
        name, scopes = data.get("name"), data.get("scopes")
        if not isinstance(name, str) or not 0 < len(name.strip()) <= _MAX_NAME or "\0" in name:
            errors["name"] = [f"It must have 1 to {_MAX_NAME} characters."]
        known = set(Scope.values)
        if not isinstance(scopes, list) or not scopes or any(s not in known for s in scopes):
            errors["scopes"] = [f"It must be a list of {', '.join(Scope.values)}."]
        expires_at = _read_expiry(data.get("expires_at"), errors)
        if errors:
            raise Problem(422, "invalid", errors=errors)
        caller = caller_of(request)
        if caller.key is not None and not set(scopes or []) <= set(caller.key.scopes):
            raise Problem(403, "scope_needed", "A key can only make keys that may no more than it.")
        try:
            made = keys.create_key(
                owner=_owner(request),
                name=str(name).strip(),
                scopes=[Scope(scope) for scope in set(scopes or [])],
                expires_at=expires_at,
            )
        except keys.TooManyKeysError as exc:
            raise Problem(409, "too_many_keys", str(exc)) from exc
        return Response(_with_secret(made), 201, headers={"Cache-Control": "no-store"})


@described(get=schema.get, delete=schema.revoke)
class OneKey(NativeView):
    """One of the caller's keys."""

    needs_account = True
    scopes: ClassVar = {"GET": "admin", "DELETE": "admin"}

    def get(self, request: Request, key_id: int) -> Response:
        """Return what is known of a key; never its secret."""
        return Response(_as_json(_find(request, key_id)))

    def delete(self, request: Request, key_id: int) -> Response:
        """Revoke it."""
        keys.revoke_key(_find(request, key_id))
        return Response(status=204)


@described(post=schema.rotate)
class KeyRotation(NativeView):
    """A key's secret."""

    needs_account = True
    scopes: ClassVar = {"POST": "admin"}

    def post(self, request: Request, key_id: int) -> Response:
        """Make a new secret; the old one goes on for `overlap_seconds`, a day if not said."""
        data = fields_of(request, ("overlap_seconds",))
        seconds = data.get("overlap_seconds", int(keys.OVERLAP.total_seconds()))
        if type(seconds) is not int or not 0 <= seconds <= _MAX_OVERLAP_SECONDS:
            sentence = f"It must be a number from 0 to {_MAX_OVERLAP_SECONDS}."
            raise Problem(422, "invalid", errors={"overlap_seconds": [sentence]})
        made = keys.rotate_key(_find(request, key_id), overlap=timedelta(seconds=seconds))
        return Response(_with_secret(made), headers={"Cache-Control": "no-store"})


@described(get=schema.usage)
class Usage(NativeView):
    """What the caller used of its limits."""

    scopes: ClassVar = {"GET": "read"}

    def get(self, request: Request) -> Response:
        """Return each limit with what is left of it; no limits is an empty list."""
        caller = caller_of(request)
        uses = used_of([*caller.limits(), *_plan_limits(caller)])
        plan = caller.key.plan if caller.key else None
        return Response({"plan": plan, "limits": [_use_as_json(use) for use in uses]})


def _plan_limits(caller: Caller) -> Any:
    return limits_of(caller) if caller.key is not None else []


def _use_as_json(use: Use) -> dict[str, Any]:
    return {
        "name": use.limit.name,
        "requests": use.limit.requests,
        "used": use.used,
        "left": use.left,
        "window_seconds": use.limit.window_seconds,
        "resets_in_seconds": use.limit.seconds_left,
    }


def _read_expiry(value: Any, errors: dict[str, list[str]]) -> datetime | None:
    if value is None:
        return None
    try:
        parsed = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        parsed = None
    if parsed is None or timezone.is_naive(parsed) or parsed <= timezone.now():
        errors["expires_at"] = ["It must be a time to come, with its zone (RFC 3339)."]
    return parsed


def _find(request: Request, key_id: int) -> ApiKey:
    key = ApiKey.objects.active().filter(owner=_owner(request), pk=key_id).first()
    if key is None:
        raise Problem(404, "not_found")
    return key


def _owner(request: Request) -> User:
    # Behind needs_account: says so to the type checker.
    if not isinstance(request.user, User):
        raise Problem(401, "key_needed")
    return request.user


def _as_json(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.pk,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "plan": key.plan,
        "created_at": key.created_at.isoformat(),
        "used_at": key.used_at.isoformat() if key.used_at else None,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "previous_until": key.previous_until.isoformat() if key.previous_until else None,
    }


def _with_secret(made: keys.NewKey) -> dict[str, Any]:
    return _as_json(made.key) | {"secret": made.bearer, "license_key": made.license_key}
