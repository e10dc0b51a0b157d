"""Somebody who took everything: all rows, the sealed files, Valkey, and every secret of the server.

AES-GCM is counter mode with a tag. Leaving the tag unchecked, a key can be tried on a sealed value
without knowing for which place it was sealed: the right key gives the text, whatever the place.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection

from tests.stored import everything_stored

# version, nonce, a key of 32 bytes, tag
WRAP_BYTES = 1 + 12 + 32 + 16
PURPOSES = ("blackbar service wrap", "blackbar service value", "blackbar token wrap")


def rows() -> Iterator[Any]:
    """Yield every value of every column of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield from row


def sealed_values(folder: Path) -> list[bytes]:
    """Return whatever in the database and in the sealed files could be sealed."""
    found: list[bytes] = []
    for value in rows():
        raw = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
        found.append(raw)
        found += _encoded(raw)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found += _segments(path.read_bytes())
    return [value for value in found if len(value) >= 1 + 12 + 16 and value[:1] == b"\x01"]


def keys_left(values: Iterable[bytes]) -> set[bytes]:
    """Return every key that the server's secrets are or give, and all that those open."""
    secrets = [settings.SECRET_KEY.encode(), *settings.SERVICE_KEYS.values()]
    first = {_derived(secret, purpose) for secret in secrets for purpose in PURPOSES}
    first |= {secret for secret in secrets if len(secret) == 32}
    wraps = [value for value in values if len(value) == WRAP_BYTES]
    return first | {opened(key, wrap) for key in first for wrap in wraps}


def opened(key: bytes, sealed: bytes) -> bytes:
    """Return what a key makes of a sealed value; nonsense if it is not the right one."""
    counter = sealed[1:13] + struct.pack(">I", 2)
    decryptor = Cipher(algorithms.AES(key), modes.CTR(counter)).decryptor()
    return decryptor.update(sealed[13:-16])


def what_opens(folder: Path, secrets: Iterable[bytes]) -> set[bytes]:
    """Return which of some private texts can be had of all that is stored."""
    wanted = set(secrets)
    stored = everything_stored()
    found = {secret for secret in wanted if secret in stored or secret.hex().encode() in stored}
    values = sealed_values(folder)
    for key in keys_left(values):
        for value in values:
            plain = opened(key, value)
            found |= {secret for secret in wanted if secret in plain}
            if plain[:1] == b"\x78":
                found |= {secret for secret in wanted if secret in _unpacked(plain)}
    return found


def _unpacked(plain: bytes) -> bytes:
    try:
        return zlib.decompress(plain)
    except zlib.error:
        return b""


def _encoded(raw: bytes) -> list[bytes]:
    """Return a value that the service sealed for itself: key id, colon, base64."""
    head, colon, rest = raw.partition(b":")
    if not colon or len(head) > 40:
        return []
    try:
        return [base64.urlsafe_b64decode(rest)]
    except binascii.Error:
        return []


def _segments(content: bytes) -> list[bytes]:
    found, at = [], 0
    while at + 4 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        found.append(content[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret)
