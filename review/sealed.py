"""What of decisions and comments is sealed: it tells where private text stands."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inference.engine.spans import Span
from sharing.corrections import Box
from vault.envelope import DataKey
from vault.models import Envelope

_DECISION, _COMMENT = "decision", "comment"
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """The sealed part of a decision.

    start, end:     the place in the original, in code points; equal for a part of a picture
    why:            in the reviewer's words
    removed, added: what it changed, for whoever takes it back
    box:            the part of a picture, where nothing was read in it
    """

    start: int
    end: int
    why: str = ""
    removed: tuple[Span, ...] = ()
    added: tuple[Span, ...] = ()
    box: Box | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what `said_from` reads."""
        return {
            "start": self.start,
            "end": self.end,
            "why": self.why,
            "removed": [span.as_json() for span in self.removed],
            "added": [span.as_json() for span in self.added],
            "box": asdict(self.box) if self.box else None,
        }

    def touches(self, start: int, end: int) -> bool:
        """Say whether it is about a part of this place."""
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True, repr=False)
class Remark:
    """The sealed part of a comment; start and end are equal for one about the whole item."""

    start: int
    end: int
    text: str


def seal_said(envelope: Envelope, key: DataKey, said: Said) -> bytes:
    """Seal a decision's private part."""
    return envelope.seal_json(key, said.as_json(), _DECISION)


def open_said(envelope: Envelope, key: DataKey, sealed: bytes | memoryview) -> Said:
    """Open a decision's private part. Raises UnsealError."""
    stored = envelope.unseal_json(key, sealed, _DECISION)
    return Said(
        stored["start"],
        stored["end"],
        stored["why"],
        _spans(stored["removed"]),
        _spans(stored["added"]),
        Box(**stored["box"]) if stored["box"] else None,
    )


def seal_remark(envelope: Envelope, key: DataKey, remark: Remark) -> bytes:
    """Seal a comment."""
    return envelope.seal_json(key, asdict(remark), _COMMENT)


def open_remark(envelope: Envelope, key: DataKey, sealed: bytes | memoryview) -> Remark:
    """Open a comment. Raises UnsealError."""
    return Remark(**envelope.unseal_json(key, sealed, _COMMENT))


class Places:
    """Digests of an item's places."""

    def __init__(self, key: DataKey) -> None:
        """Take the item's key; the digests tell nothing without it."""
        self._secret = key.derive("places of decisions")

    def of(self, start: int, end: int, box: Box | None = None) -> bytes:
        """Return the digest of a place of the original, or of a part of a picture."""
        place = f"{start}:{end}" if box is None else f"{box.x},{box.y},{box.width},{box.height}"
        return hmac.digest(self._secret, place.encode("ascii"), hashlib.sha256)[:_DIGEST_BYTES]


def _spans(stored: list[Mapping[str, Any]]) -> tuple[Span, ...]:
    return tuple(Span(**span) for span in stored)
