"""Zip packages: looked at before they are unpacked, and written with nothing but their parts."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from documents.formats.model import (
    DamagedError,
    Limits,
    PasswordError,
    TooLargeError,
    UnknownKindError,
)

ENTRIES: Final = 20_000
NAME_LENGTH: Final = 500
# Office's own XML packs to a twentieth; beyond this it is no document.
RATIO: Final = 200
FREE_OF_RATIO_BYTES: Final = 20_000_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BAD_NAME = re.compile(r'(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|[\x00-\x1f\\<>|"*?]')
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class Archive:
    """The entries of a zip file, whose names and sizes were found to be in order."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        _refuse_ole(content)
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise DamagedError("The file is no Office file, or not all of it.") from None
        self._entries = _checked(self._zip.infolist(), len(content), limits)

    def names(self) -> list[str]:
        """Return the names of the entries as they are written."""
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """Return what an entry unpacks to."""
        try:
            return self._zip.read(self._entries[name])
        except KeyError:
            raise DamagedError("The file names a part that it does not hold.") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
            raise DamagedError("A part of the file cannot be unpacked.") from None
        except RuntimeError:
            raise PasswordError("This file is encrypted with a password.") from None


def write_archive(parts: Mapping[str, bytes], *, stored: frozenset[str] = frozenset()) -> bytes:
    """Return a zip of these parts in this order: no dates, no extra fields, no comments.

    stored: the parts that are not compressed
    """
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, content, compresslevel=6)
    return out.getvalue()


def _refuse_ole(content: bytes) -> None:
    """Refuse what Office wraps into its old container, with the reason."""
    if not content.startswith(_OLE):
        return
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise PasswordError(
            "This Office file is encrypted with a password. Save it without one and try again."
        )
    raise UnknownKindError(
        "This is a file of Office 97-2003. Save it as DOCX, XLSX or PPTX and try again."
    )


def _checked(
    entries: list[zipfile.ZipInfo], packed_bytes: int, limits: Limits
) -> dict[str, zipfile.ZipInfo]:
    if len(entries) > ENTRIES:
        raise TooLargeError(f"The file has more than {ENTRIES:,} parts.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        raise TooLargeError("The file unpacks to more than is taken here.")
    if unpacked > max(FREE_OF_RATIO_BYTES, RATIO * packed_bytes):
        raise TooLargeError("The file unpacks to so much more than it is that it is refused.")
    checked: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if len(name) > NAME_LENGTH or _BAD_NAME.search(name):
            raise DamagedError("A part of the file has a name that no Office file gives.")
        if name.casefold() in seen:
            raise DamagedError("The file holds two parts of one name.")
        seen.add(name.casefold())
        if entry.flag_bits & 1:
            raise PasswordError("This file is encrypted with a password.")
        if entry.compress_type not in _METHODS:
            raise DamagedError("A part of the file is packed in a way that no Office file is.")
        if not name.endswith("/"):
            checked[name] = entry
    return checked
