"""API keys, and what the caller used of its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from blackbar.answers import Fields
from blackbar.steps import Request, Steps, address, encoded

Scope = Literal["redact", "read", "reveal", "admin"]


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key.

    prefix:         its first digits, by which its owner tells it from others
    previous_until: when the secret before a rotation ends
    """

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    plan: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    previous_until: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class NewKey:
    """A key and its secret, which the server never shows again.

    secret:      for BLACKBAR_API_KEY
    license_key: the same, as the privacyfilter.run dialect writes it
    """

    key: Key
    secret: str
    license_key: str

    def __repr__(self) -> str:
        return f"<NewKey {self.key.id}>"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit, and what is left of it. window_seconds: None for one that never starts anew"""

    name: str
    requests: int
    used: int
    left: int
    window_seconds: int | None
    resets_in_seconds: int | None


@dataclass(frozen=True, slots=True)
class Usage:
    """All limits of the caller; there may be none."""

    plan: str | None
    limits: tuple[Limit, ...]


def list_keys() -> Steps[list[Key]]:
    """Return the active keys, newest first; takes the scope admin, as all here does.

    Raises ProblemError, TransportError.
    """
    answer = yield Request("GET", address("keys"), is_repeatable=True)
    return [_key_from(one) for one in Fields(answer.json()).objects("keys")]


def get(key_id: int) -> Steps[Key]:
    """Return a key. Raises NotFoundError, ProblemError, TransportError."""
    answer = yield Request("GET", address("keys", key_id), is_repeatable=True)
    return _key_from(Fields(answer.json()))


def create(
    name: str, scopes: Sequence[Scope], *, expires_at: datetime | None = None
) -> Steps[NewKey]:
    """Make a key that may no more than the present one.

    expires_at: with its zone; never if not given
    Raises InvalidError, ForbiddenError, ProblemError, TransportError.
    """
    body: dict[str, Any] = {"name": name, "scopes": list(scopes)}
    if expires_at is not None:
        body["expires_at"] = expires_at.isoformat()
    answer = yield Request("POST", address("keys"), body=encoded(body))
    return _new_key_from(Fields(answer.json()))


def rotate(key_id: int, *, overlap_seconds: int | None = None) -> Steps[NewKey]:
    """Make a new secret for a key.

    overlap_seconds: for which the old one goes on; a day if not given
    Raises NotFoundError, ProblemError, TransportError.
    """
    body = {} if overlap_seconds is None else {"overlap_seconds": overlap_seconds}
    answer = yield Request("POST", address("keys", key_id, "rotation"), body=encoded(body))
    return _new_key_from(Fields(answer.json()))


def revoke(key_id: int) -> Steps[None]:
    """End a key at once. Raises NotFoundError, ProblemError, TransportError."""
    yield Request("DELETE", address("keys", key_id), is_repeatable=True)


def usage() -> Steps[Usage]:
    """Return what the caller used of its limits; takes the scope read.

    Raises ProblemError, TransportError.
    """
    answer = yield Request("GET", address("usage"), is_repeatable=True)
    told = Fields(answer.json())
    limits = [
        Limit(
            name=one.text("name"),
            requests=one.whole("requests"),
            used=one.whole("used"),
            left=one.whole("left"),
            window_seconds=one.whole_or_none("window_seconds"),
            resets_in_seconds=one.whole_or_none("resets_in_seconds"),
        )
        for one in told.objects("limits")
    ]
    return Usage(told.text_or_none("plan"), tuple(limits))


def _key_from(told: Fields) -> Key:
    return Key(
        id=told.whole("id"),
        name=told.text("name"),
        prefix=told.text("prefix"),
        scopes=told.texts("scopes"),
        plan=told.text("plan"),
        created_at=told.time("created_at"),
        used_at=told.time_or_none("used_at"),
        expires_at=told.time_or_none("expires_at"),
        previous_until=told.time_or_none("previous_until"),
    )


def _new_key_from(told: Fields) -> NewKey:
    return NewKey(_key_from(told), told.text("secret"), told.text("license_key"))
