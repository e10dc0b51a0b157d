"""Everything a person owns as one ZIP file, written while it is sent.

Every app says which files it has for the person; no more than one piece of one file is in memory.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User

# Names of the archive's folders come from ids; this is for what people have named themselves.
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Exported:
    """A file of the export: its path in the archive, and its bytes, opened piece by piece."""

    path: str
    chunks: Iterable[bytes]


Exporter = Callable[[User], Iterable[Exported]]
_exporters: list[Exporter] = []
_before: list[Callable[[User], None]] = []


def register_exporter(exporter: Exporter, *, before: Callable[[User], None] | None = None) -> None:
    """Make known what an app has of a person; apps do this once when loaded.

    before: what is done as soon as somebody asks for it, such as to record it
    """
    _exporters.append(exporter)
    if before is not None:
        _before.append(before)


@transaction.atomic
def begin_export(user: User) -> Iterator[bytes]:
    """Note that a person exports everything, and return the archive as it comes."""
    for step in _before:
        step(user)
    return _archive(user)


def as_json(path: str, value: Any) -> Exported:
    """Return a file of JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=str)
    # surrogatepass: what somebody pasted may hold halves of characters, and is theirs as it is.
    return Exported(path, (text.encode("utf-8", "surrogatepass"),))


def as_text(path: str, text: str) -> Exported:
    """Return a file of text."""
    return Exported(path, (text.encode("utf-8", "surrogatepass"),))


def safe_name(name: str, fallback: str) -> str:
    """Return a name that can stand in an archive: no folders, no control characters, bearable."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in last if char.isprintable() and char not in '<>:"|?*').strip(
        ". "
    )
    # Cut in bytes of a file system, from the left: the ending stays.
    return kept.encode("utf-8", "replace")[-_LONGEST_NAME:].decode("utf-8", "ignore") or fallback


def export_account(user: User) -> Iterator[Exported]:
    """Yield what the accounts app itself has: the account, and its keys without their secrets."""
    keys = user.api_keys.order_by("created_at")
    yield as_json(
        "account.json",
        {
            "name": user.username,
            "email": user.email,
            "joined_at": user.date_joined,
            "last_signed_in_at": user.last_login,
            "api_keys": [
                {
                    "name": key.name,
                    "begins_with": key.prefix,
                    "may": key.scopes,
                    "created_at": key.created_at,
                    "used_at": key.used_at,
                    "expires_at": key.expires_at,
                    "revoked_at": key.revoked_at,
                }
                for key in keys
            ],
            "devices": [
                {
                    "device": device.summary,
                    "address": device.address,
                    "first_seen": device.created_at,
                    "last_seen": device.seen_at,
                }
                for device in user.devices.order_by("created_at")
            ],
        },
    )


class _Sink(io.RawIOBase):
    """Where the archive is written; what was written is taken away again and again."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def _archive(user: User) -> Iterator[bytes]:
    sink, taken = _Sink(), set[str]()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for exported in _files(user):
            info = zipfile.ZipInfo(_unused(exported.path, taken), _now())
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as file:
                for chunk in exported.chunks:
                    file.write(chunk)
                    if written := sink.take():
                        yield written
    yield sink.take()


def _files(user: User) -> Iterator[Exported]:
    for exporter in (export_account, *_exporters):
        yield from exporter(user)


def _unused(path: str, taken: set[str]) -> str:
    stem, dot, ending = path.rpartition(".")
    candidate, number = path, 2
    while candidate in taken:
        candidate = f"{stem or path}-{number}{dot}{ending if stem else ''}"
        number += 1
    taken.add(candidate)
    return candidate


def _now() -> tuple[int, int, int, int, int, int]:
    now = timezone.now()
    return (now.year, now.month, now.day, now.hour, now.minute, now.second)
