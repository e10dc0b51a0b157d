"""Envelope encryption: data keys, their wraps, and what they seal.

Pure functions over bytes, no database. AES-256-GCM throughout; a sealed value is
version (1 byte) | nonce (12) | ciphertext and tag. The *context* names what is sealed and is
authenticated, so a value moved to another row or column does not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32
TOKEN_BYTES = 24
_VERSION = b"\x01"
_NONCE_BYTES = 12


class VaultError(Exception):
    """Base of everything the vault raises."""


class UnsealError(VaultError):
    """Raised when a sealed value does not open: wrong key, wrong place, or changed bytes."""


class ServiceKeyMissingError(UnsealError):
    """Raised when the service key that sealed a value is not configured in this process."""


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """The key of one object. It lives in memory only for as long as a request needs it."""

    secret: bytes

    @classmethod
    def generate(cls) -> DataKey:
        """Return a fresh random key."""
        return cls(AESGCM.generate_key(KEY_BYTES * 8))

    def __repr__(self) -> str:
        return "DataKey(...)"

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt and authenticate a value for one place."""
        return _seal(self.secret, plaintext, context)

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """Return the value sealed for this place. Raises UnsealError."""
        return _unseal(self.secret, sealed, context)

    def derive(self, purpose: str) -> bytes:
        """Return a secret of 32 bytes that follows from this key and tells nothing of it."""
        return _derive(self.secret, f"blackbar derived {purpose}")


@dataclass(frozen=True, slots=True)
class ServiceWrap:
    """A data key wrapped for the service, with the id of the service key that did it."""

    key_id: str
    sealed: bytes


def new_token() -> str:
    """Return a reveal token of 192 random bits, safe in URLs."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> bytes:
    """Return the digest by which a token is recognised; it does not open anything."""
    return hashlib.sha256(b"blackbar token digest\0" + _token_bytes(token)).digest()


def token_matches(token: str, digest: bytes) -> bool:
    """Compare a token with a stored digest in constant time."""
    return hmac.compare_digest(token_digest(token), digest)


def wrap_for_token(key: DataKey, token: str, context: str) -> bytes:
    """Wrap a data key so that only the token opens it."""
    return _seal(_token_key(token), key.secret, context)


def unwrap_with_token(wrap: bytes, token: str, context: str) -> DataKey:
    """Return the data key that a token opens. Raises UnsealError."""
    return DataKey(_unseal(_token_key(token), wrap, context))


def wrap_for_service(key: DataKey, context: str) -> ServiceWrap:
    """Wrap a data key with the current service key."""
    key_id = current_service_key_id()
    return ServiceWrap(key_id, _seal(_service_key(key_id, "wrap"), key.secret, context))


def unwrap_for_service(wrap: ServiceWrap, context: str) -> DataKey:
    """Return the data key that the service keeps. Raises UnsealError."""
    return DataKey(_unseal(_service_key(wrap.key_id, "wrap"), wrap.sealed, context))


def current_service_key_id() -> str:
    """Return the id of the service key that new wraps use."""
    return next(iter(settings.SERVICE_KEYS))


def seal_for_service(plaintext: bytes, context: str) -> bytes:
    """Seal a small value that the service itself must read, such as a TOTP secret or a cookie."""
    key_id = current_service_key_id()
    sealed = _seal(_service_key(key_id, "value"), plaintext, context)
    return key_id.encode() + b":" + base64.urlsafe_b64encode(sealed)


def unseal_for_service(sealed: bytes, context: str) -> bytes:
    """Return a value sealed by `seal_for_service`. Raises UnsealError."""
    key_id, _, encoded = sealed.partition(b":")
    try:
        raw = base64.urlsafe_b64decode(encoded)
        key = _service_key(key_id.decode("ascii"), "value")
    except ValueError as exc:
        raise UnsealError("The sealed value is not well formed.") from exc
    return _unseal(key, raw, context)


def _service_key(key_id: str, purpose: str) -> bytes:
    try:
        secret = settings.SERVICE_KEYS[key_id]
    except KeyError as exc:
        raise ServiceKeyMissingError("The service key of this value is not configured.") from exc
    return _derive(secret, f"blackbar service {purpose}")


def _token_key(token: str) -> bytes:
    return _derive(_token_bytes(token), "blackbar token wrap")


def _token_bytes(token: str) -> bytes:
    # Tokens come from strangers' URLs: any str must be hashable, lone surrogates included.
    return token.encode("utf-8", "surrogatepass")


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


def _seal(key: bytes, plaintext: bytes, context: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, context.encode())


def _unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    if sealed[:1] != _VERSION:
        raise UnsealError("The sealed value has an unknown version.")
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, context.encode())
    except (InvalidTag, ValueError) as exc:
        raise UnsealError("The sealed value does not open with this key.") from exc
