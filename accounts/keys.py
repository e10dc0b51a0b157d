"""API keys: made, recognised, rotated, revoked. A key is 122 random bits, written in two ways.

    blackbar_5f0c...   32 hex digits, for Authorization: Bearer
    5f0c....-....      the same digits as a UUID, for the dialect that sends a license_key

Only a digest of it is stored, and the first digits by which its owner tells it from others.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiKey, Plan, Scope, User
from vault.planned import Planned

WRITTEN_PREFIX = "blackbar_"
PREFIX_DIGITS = 8
MAX_KEYS = 100
# The old secret goes on for this long after a rotation, unless told otherwise.
OVERLAP = timedelta(days=1)
_USE_NOTED_EVERY = timedelta(minutes=1)
# The active key of a digest, with its owner and the limits of both.
_KEY = Planned(
    lambda digest, now: (
        ApiKey.objects.active(now)
        .filter(Q(digest=digest) | Q(previous_digest=digest, previous_until__gt=now))
        .filter(owner__is_active=True)
        .select_related("owner__request_limits", "request_limits")
    )
)
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
    key = _KEY.first(digest=digest, now=timezone.now())
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


def _note_use(key: ApiKey) -> None:
    """Write when a key was used, once a minute at most."""
    now = timezone.now()
    if key.used_at is None or key.used_at < now - _USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(used_at=now)


def _digest(secret: uuid.UUID) -> bytes:
    # Plain SHA-256: 122 random bits need no slow hash.
    return hashlib.sha256(b"blackbar api key\0" + secret.bytes).digest()
