"""API keys: made, recognised, rotated, revoked. A key is 122 random bits, written in two ways.

    blackbar_5f0c...   32 hex digits, for Authorization: Bearer
    5f0c....-....      the same digits as a UUID, for the dialect that sends a license_key

Only a digest of it is stored, and the first digits by which its owner tells it from others.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import ApiKey, Plan, RequestLimits, Scope, User
from vault.rows import prepared_cursor

WRITTEN_PREFIX = "blackbar_"
PREFIX_DIGITS = 8
MAX_KEYS = 100
# The old secret goes on for this long after a rotation, unless told otherwise.
OVERLAP = timedelta(days=1)
_USE_NOTED_EVERY = timedelta(minutes=1)
_FOUND: tuple[Any, ...] = (ApiKey, User, RequestLimits, RequestLimits)
_FIND = """
SELECT {columns}
FROM accounts_apikey key
JOIN accounts_user owner ON owner.id = key.owner_id
LEFT JOIN accounts_requestlimits own ON own.key_id = key.id
LEFT JOIN accounts_requestlimits owners ON owners.owner_id = owner.id
WHERE (key.digest = %(digest)s
       OR (key.previous_digest = %(digest)s AND key.previous_until > %(now)s))
  AND key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > %(now)s)
  AND owner.is_active
"""
_SECRET = re.compile(
    rf"(?:{WRITTEN_PREFIX})?([0-9a-f]{{8}})-?([0-9a-f]{{4}})-?([0-9a-f]{{4}})-?([0-9a-f]{{4}})"
    r"-?([0-9a-f]{12})",
    re.IGNORECASE,
)


class TooManyKeysError(Exception):
    """Raised when a person has as many keys as one may; revoked ones do not count."""


@dataclass(frozen=True, slots=True, repr=False)
class NewKey:
    """A key and its secret, which exists nowhere else."""

    key: ApiKey
    secret: uuid.UUID

    @property
    def bearer(self) -> str:
        """The secret for an Authorization header."""
        return WRITTEN_PREFIX + self.secret.hex

    @property
    def license_key(self) -> str:
        """The secret as a UUID."""
        return str(self.secret)


@transaction.atomic
def create_key(
    *,
    owner: User,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime | None = None,
    plan: Plan = Plan.OWN,
) -> NewKey:
    """Make a key. Raises TooManyKeysError."""
    User.objects.select_for_update().get(pk=owner.pk)
    if ApiKey.objects.active().filter(owner=owner).count() >= MAX_KEYS:
        raise TooManyKeysError("There are too many keys. Revoke one first.")
    secret = uuid.uuid4()
    key = ApiKey.objects.create(
        owner=owner,
        name=name,
        prefix=secret.hex[:PREFIX_DIGITS],
        digest=_digest(secret),
        scopes=sorted(scopes),
        expires_at=expires_at,
        plan=plan,
    )
    return NewKey(key, secret)


def find_key(written: str) -> ApiKey | None:
    """Return the active key that somebody presents, in either way of writing, or None."""
    match = _SECRET.fullmatch(written.strip())
    if match is None:
        return None
    digest = _digest(uuid.UUID("".join(match.groups())))
    key = _stored_under(digest)
    if key is None:
        return None
    known = (bytes(key.digest), bytes(key.previous_digest or b""))
    if not any(hmac.compare_digest(digest, one) for one in known):
        return None
    _note_use(key)
    return key


@transaction.atomic
def rotate_key(key: ApiKey, *, overlap: timedelta = OVERLAP) -> NewKey:
    """Give a key a new secret; the old one goes on for the overlap. Raises ApiKey.DoesNotExist."""
    locked = ApiKey.objects.active().select_for_update().get(pk=key.pk)
    secret = uuid.uuid4()
    locked.previous_digest, locked.previous_until = locked.digest, timezone.now() + overlap
    locked.digest, locked.prefix = _digest(secret), secret.hex[:PREFIX_DIGITS]
    locked.save(update_fields=["digest", "prefix", "previous_digest", "previous_until"])
    return NewKey(locked, secret)


def revoke_key(key: ApiKey) -> None:
    """Make a key stop at once, its earlier secret too."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(
        revoked_at=timezone.now(), previous_digest=None, previous_until=None
    )


def _stored_under(digest: bytes) -> ApiKey | None:
    """Return the active key of a digest with its owner and the limits of both.

    Written out: every request of a program asks, and building the query would take longer than
    the query.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_find_statement(), {"digest": digest, "now": timezone.now()})
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    key: ApiKey
    key, owner, own, owners = (
        model.from_db(connection.alias, names, list(islice(values, len(names))))
        for model, names in ((model, _columns(model)) for model in _FOUND)
    )
    key.owner, key.scopes = owner, json.loads(key.scopes)
    # A rule that is not there is remembered as such, or it would be asked for.
    key._state.fields_cache["request_limits"] = own if own.pk else None
    owner._state.fields_cache["request_limits"] = owners if owners.pk else None
    return key


@functools.cache
def _find_statement() -> str:
    tables = zip(("key", "owner", "own", "owners"), _FOUND, strict=True)
    names = [f"{table}.{name}" for table, model in tables for name in _columns(model)]
    return _FIND.format(columns=", ".join(names))


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _note_use(key: ApiKey) -> None:
    """Write when a key was used, once a minute at most."""
    now = timezone.now()
    if key.used_at is None or key.used_at < now - _USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(used_at=now)


def _digest(secret: uuid.UUID) -> bytes:
    # Plain SHA-256: 122 random bits need no slow hash.
    return hashlib.sha256(b"blackbar api key\0" + secret.bytes).digest()
