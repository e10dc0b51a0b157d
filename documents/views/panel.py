"""A certificate in words, for the shared page and the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anonymizer.categories import Category, counted
from documents.models import Document

_CHECKS = {
    "text": ("Text extracted again", "stretch", "stretches"),
    "streams": ("Streams unpacked and searched", "stream", "streams"),
    "pages": ("Pages drawn and read by OCR", "page", "pages"),
    "metadata": ("Metadata listed", "entry", "entries"),
    "parts": ("Parts of the package searched", "part", "parts"),
    "pictures": ("Pictures read by OCR", "picture", "pictures"),
    "chunks": ("Chunks of the PNG listed", "chunk", "chunks"),
    "bars": ("Bars looked at, pixel by pixel", "bar", "bars"),
    "bytes": ("Bytes searched", "file", "files"),
    "objects": ("Objects of the file searched", "object", "objects"),
    "revisions": ("No older revision inside", "revision", "revisions"),
    "elements": ("Elements of the page listed", "element", "elements"),
    "field names": ("Fields of the header listed", "field", "fields"),
    "attachments": ("Attachments listed", "attachment", "attachments"),
}
# Counts what was not looked at: no check, but worth saying.
_LEFT_OUT = "pictures left out"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check: what was done, and over how many things."""

    name: str
    looked_at: str


@dataclass(frozen=True, slots=True)
class CertificatePanel:
    """A certificate as people read it. left_out: pages whose pictures were not read."""

    made_at: datetime | None
    checkpoint: str
    checks: tuple[CheckLine, ...]
    left_out: int
    counts: tuple[Category, ...]
    removed: tuple[str, ...]
    clean_sha256: str
    source_sha256: str
    key_id: str


def certificate_panel(document: Document) -> CertificatePanel | None:
    """Return a document's certificate in words, or None while there is no clean file."""
    if not document.has_clean_file or document.certificate is None:
        return None
    held: Mapping[str, Any] = document.certificate
    checks = held.get("checks", ())
    return CertificatePanel(
        made_at=_time(held.get("made_at")),
        checkpoint=str(held.get("checkpoint", "")).partition("@")[0],
        checks=tuple(_check(check) for check in checks if _is_shown(check)),
        left_out=sum(int(check["looked_at"]) for check in checks if check["name"] == _LEFT_OUT),
        counts=_counts(held.get("counts", {})),
        removed=tuple(held.get("removed", ())),
        clean_sha256=str(held.get("clean_sha256", "")),
        source_sha256=str(held.get("source_sha256", "")),
        key_id=str(held.get("key_id", "")),
    )


def _check(check: Mapping[str, Any]) -> CheckLine:
    name, count = str(check["name"]), int(check["looked_at"])
    sentence, one, many = _CHECKS.get(name, (name.replace("_", " ").capitalize(), "", ""))
    return CheckLine(sentence, f"{count:,} {one if count == 1 else many}".rstrip())


def _is_shown(check: Mapping[str, Any]) -> bool:
    # Nothing of a kind in the file, nothing to say about it.
    return check["name"] != _LEFT_OUT and int(check["looked_at"]) > 0


def _counts(counts: Mapping[str, Any]) -> tuple[Category, ...]:
    labels = [label for label, count in counts.items() for _ in range(int(count))]
    return tuple(category for category in counted(labels) if category.count)


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
