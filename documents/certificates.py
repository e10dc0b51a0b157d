"""Certificates of clean files: what was done and checked, signed, without any private text.

A certificate is a JSON object. Its signature (Ed25519) goes over all other fields as JSON with
sorted keys, no spaces, in UTF-8.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from documents.formats.model import Check, Kind
from vault import signing

VERSION = 1
LARGEST_BYTES = 1_000_000


class NotACertificateError(ValueError):
    """Raised for bytes that are no certificate of a clean file."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of a file and a certificate; sentence is for people."""

    is_good: bool
    sentence: str


def issue(
    *,
    kind: Kind,
    source_sha256: str,
    clean_sha256: str,
    checkpoint: str,
    labels: Sequence[str],
    checks: Sequence[Check],
    removed: Sequence[str],
) -> dict[str, Any]:
    """Return a signed certificate.

    checkpoint: name and revision of the detector
    labels:     one for each hidden span
    removed:    sentences about parts that were taken out whole
    """
    public = signing.public_key()
    certificate = {
        "version": VERSION,
        "kind": str(kind),
        "source_sha256": source_sha256,
        "clean_sha256": clean_sha256,
        "checkpoint": checkpoint,
        "counts": dict(sorted(Counter(labels).items())),
        "checks": [{"name": check.name, "looked_at": check.looked_at} for check in checks],
        "removed": list(removed),
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "public_key": public,
        "key_id": signing.key_id(public),
    }
    return {**certificate, "signature": signing.sign(signed_bytes(certificate))}


def signed_bytes(certificate: Mapping[str, Any]) -> bytes:
    """Return the bytes that are signed."""
    fields = {name: value for name, value in certificate.items() if name != "signature"}
    return json.dumps(
        fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode("utf-8", "surrogatepass")


def parse(content: bytes) -> dict[str, Any]:
    """Return a certificate's fields. Raises NotACertificateError."""
    if len(content) > LARGEST_BYTES:
        raise NotACertificateError("too large")
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise NotACertificateError("not JSON") from exc
    wanted = ("clean_sha256", "signature", "public_key", "made_at")
    if not isinstance(fields, dict) or not all(isinstance(fields.get(n), str) for n in wanted):
        raise NotACertificateError("fields are missing")
    return fields


def check(content: bytes, certificate: Mapping[str, Any], public: str | None = None) -> Verdict:
    """Say whether a file is the clean one of which a certificate speaks.

    public: the key of the server that should have signed; None: this server's
    """
    expected = public or signing.public_key()
    if not hmac.compare_digest(str(certificate["public_key"]).encode(), expected.encode()):
        return Verdict(
            False, "This certificate was made by another server, or its key has changed."
        )
    try:
        message = signed_bytes(certificate)
    except (ValueError, RecursionError):
        return Verdict(False, "This certificate was changed after it was signed.")
    if not signing.is_signed(message, str(certificate["signature"]), expected):
        return Verdict(False, "This certificate was changed after it was signed.")
    digest = hashlib.sha256(content).hexdigest()
    if not hmac.compare_digest(digest, str(certificate["clean_sha256"])):
        return Verdict(
            False, "The certificate is genuine, but it speaks of another file, or this one changed."
        )
    return Verdict(True, "This is the file that was checked, unchanged since.")
