"""Signatures that others can check: Ed25519, with a key that follows from the server's secret."""

from __future__ import annotations

import base64
import functools
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


def public_key() -> str:
    """Return this server's public key, base64."""
    raw = _private_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode("ascii")


def key_id(public: str) -> str:
    """Return the short name of a public key."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()[:16]


def sign(message: bytes) -> str:
    """Return this server's signature of a message, base64."""
    return base64.b64encode(_private_key().sign(message)).decode("ascii")


def is_signed(message: bytes, signature: str, public: str) -> bool:
    """Say whether a signature of a message was made with the private half of a public key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private_key() -> Ed25519PrivateKey:
    return _derived(settings.SECRET_KEY)


@functools.lru_cache(maxsize=4)
def _derived(secret: str) -> Ed25519PrivateKey:
    derivation = HKDF(SHA256(), 32, salt=None, info=b"blackbar certificates")
    return Ed25519PrivateKey.from_private_bytes(derivation.derive(secret.encode()))
