"""The key under which a person's hashes and surrogates stay the same from request to request."""

from __future__ import annotations

import secrets

from django.db import transaction

from accounts.models import User
from vault.envelope import current_service_key_id, seal_for_service, unseal_for_service

_BYTES = 32


def hash_key_of(user: User) -> bytes:
    """Return the key of a person as loaded, made when it is first asked for. Raises UnsealError."""
    sealed = user.sealed_hash_key
    if sealed is None:
        fresh = seal_for_service(secrets.token_bytes(_BYTES), _context(user.pk))
        User.objects.filter(pk=user.pk, sealed_hash_key=None).update(sealed_hash_key=fresh)
        # Whoever was faster has made the one that counts.
        sealed = User.objects.values_list("sealed_hash_key", flat=True).get(pk=user.pk)
        user.sealed_hash_key = sealed
    return unseal_for_service(bytes(sealed or b""), _context(user.pk))


def opened_hash_key(user: User) -> bytes:
    """Return the key of a person as loaded, who has one. Raises UnsealError."""
    return unseal_for_service(bytes(user.sealed_hash_key or b""), _context(user.pk))


def reseal_hash_keys() -> int:
    """Seal all of them with the current service key; returns how many.

    Raises UnsealError if a key that is still in use is not configured.
    """
    current, resealed = f"{current_service_key_id()}:".encode(), 0
    for pk in User.objects.exclude(sealed_hash_key=None).values_list("pk", flat=True):
        with transaction.atomic():
            user = User.objects.select_for_update().filter(pk=pk).first()
            sealed = bytes(user.sealed_hash_key or b"") if user else b""
            if user is None or not sealed or sealed.startswith(current):
                continue
            value = unseal_for_service(sealed, _context(pk))
            user.sealed_hash_key = seal_for_service(value, _context(pk))
            user.save(update_fields=["sealed_hash_key"])
            resealed += 1
    return resealed


def _context(user_id: int) -> str:
    return f"hash key of user {user_id}"
