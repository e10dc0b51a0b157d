"""Search a clean Office file again, by other means than those that wrote it.

Plain zipfile, the standard library's XML parser, and the bytes of the zip format itself; nothing
here knows how a kind of file is walked. Every part is searched by its texts, by its attributes and
names, and as bytes where it is no XML; packages within the package likewise; pictures by OCR.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
from io import BytesIO
from typing import Final
from xml.parsers import expat

from anonymizer.ocr import NoLanguageError, OcrError, read_words
from anonymizer.pictures import PictureError, open_picture
from documents.formats.model import Check, Progress, ReadOptions
from documents.formats.office.xml_search import DeclaresTypeError, XmlSearch, is_of_the_format
from documents.formats.survivors import HiddenValues

_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_ZIP: Final = b"PK\x03\x04"
_DEEPEST: Final = 4
# What no clean file has: each is taken out, or never written.
_FORBIDDEN: Final = re.compile(
    r"vbaProject|activeX|embeddings/|oleObject|customXml/|printerSettings|externalLinks/"
    r"|pivotCache|threadedComments/|persons/|people\.xml|docProps/(app|custom)|thumbnail"
    r"|glossary/|/fonts/|Basic/|Thumbnails/|Configurations2/|\.bin$|\.(emf|wmf|svg)$",
    re.IGNORECASE,
)
# Parts whose numbers stand side by side and make others when joined.
_UNJOINED: Final = re.compile(r"(^|/)xl/|/charts/")
_METADATA_OF_JPEG: Final = (b"Exif\0", b"http://ns.adobe", b"Photoshop", b"ICC_PROFILE")
_CHUNKS_OF_PNG: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"})
_NAMES: Final = ("text", "attributes", "bytes", "container", "parts", "pictures")


def verify(clean: bytes, values: HiddenValues, *, options: ReadOptions) -> tuple[Check, ...]:
    """Return what each way of looking found in a clean file."""
    search = _Search(values, options)
    search.package(clean, "", 0)
    return search.checks()


class _Search:
    def __init__(self, values: HiddenValues, options: ReadOptions) -> None:
        self._values = values
        self._options = options
        self._looked = dict.fromkeys(_NAMES, 0)
        self._found: dict[str, list[str]] = {name: [] for name in _NAMES}
        self._seen_pictures: set[bytes] = set()

    def checks(self) -> tuple[Check, ...]:
        """Return the checks, each with where it found something."""
        return tuple(
            Check(name, looked, tuple(dict.fromkeys(self._found[name])))
            for name, looked in self._looked.items()
        )

    def package(self, content: bytes, inside: str, depth: int) -> None:
        """Search a zip file and what lies between its entries."""
        self._looked["container"] += 1
        if depth > _DEEPEST:
            self._found["container"].append(f"{inside}package in too many others")
            return
        try:
            archive = zipfile.ZipFile(BytesIO(content))
            entries = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            self._found["container"].append(f"{inside}unreadable package")
            return
        if not _holds_entries_only(content, [entry.orig_filename for entry in entries]):
            self._found["container"].append(f"{inside}bytes outside of the parts")
        for number, entry in enumerate(entries, 1):
            self._options.report(Progress("checking", number, len(entries)))
            where = self._named(entry.filename, number, inside)
            try:
                part = archive.read(entry)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
                self._found["container"].append(f"part {where}, unreadable")
                continue
            self._part(part, where, depth)

    def _named(self, name: str, number: int, inside: str) -> str:
        """Look at the name of a part; return what to call it, which quotes no hidden value."""
        self._looked["parts"] += 1
        is_private = not is_of_the_format(name) and self._values.are_in(name)
        if is_private or _FORBIDDEN.search(name):
            self._found["parts"].append(f"{inside}part number {number}")
        return f"{inside}part number {number}" if is_private else f"{inside}{name}"

    def _part(self, part: bytes, where: str, depth: int) -> None:
        if part.startswith(_ZIP):
            self.package(part, f"{where}/", depth + 1)
        elif part.startswith(_PICTURES):
            self._picture(part, where)
        elif part.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            self._xml(part, where)
        else:
            self._looked["bytes"] += 1
            if self._values.are_in_bytes(part):
                self._found["bytes"].append(f"part {where}")

    def _xml(self, part: bytes, where: str) -> None:
        try:
            read = XmlSearch(part)
        except (expat.ExpatError, DeclaresTypeError, ValueError):
            self._found["text"].append(f"part {where}, unreadable")
            return
        self._looked["text"] += len(read.blocks)
        self._looked["attributes"] += read.looked_at
        is_found = any(map(self._values.are_in, read.texts()))
        if not is_found and not _UNJOINED.search(where):
            is_found = self._values.are_in("".join(read.all))
        if is_found:
            self._found["text"].append(f"part {where}")
        if any(map(self._values.are_in, read.values())):
            self._found["attributes"].append(f"part {where}")

    def _picture(self, part: bytes, where: str) -> None:
        self._looked["pictures"] += 1
        if _has_metadata(part):
            self._found["pictures"].append(f"part {where}, by its metadata")
        digest = hashlib.sha256(part).digest()
        if not len(self._values) or digest in self._seen_pictures:
            return
        self._seen_pictures.add(digest)
        try:
            image = open_picture(part, max_pixels=self._options.limits.picture_pixels)
            words = read_words(image, languages=self._options.languages)
        except (PictureError, OcrError, NoLanguageError):
            self._found["pictures"].append(f"part {where}, unreadable")
            return
        if self._values.are_in(" ".join(word.text for word in words)):
            self._found["pictures"].append(f"part {where}")


def _holds_entries_only(content: bytes, names: list[str]) -> bool:
    """Say whether a zip file holds its entries and its directory and not a byte besides.

    Read from the format itself: entries one after the other from the first byte, then the
    directory, then its end, with no comment and no extra field anywhere, under the same names.
    """
    at = 0
    local = []
    while content[at : at + 4] == _ZIP and at + 30 <= len(content):
        flags = struct.unpack_from("<H", content, at + 6)[0]
        packed, _, name, extra = struct.unpack_from("<IIHH", content, at + 18)
        if extra or flags & 8:
            return False
        local.append(content[at + 30 : at + 30 + name])
        at += 30 + name + packed
    listed = []
    while content[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(content):
        name, extra, comment = struct.unpack_from("<HHH", content, at + 28)
        if extra or comment:
            return False
        listed.append(content[at + 46 : at + 46 + name])
        at += 46 + name
    is_end: bool = content[at : at + 4] == b"PK\x05\x06" and content[at + 20 :] == b"\0\0"
    return bool(is_end and local == listed == [name.encode() for name in names])


def _has_metadata(part: bytes) -> bool:
    """Say whether a picture has anything beside its pixels."""
    if part.startswith(b"\x89PNG"):
        return _png_has_more(part)
    if part.startswith(b"\xff\xd8"):
        head = part[:65_536]
        is_whole = part.endswith(b"\xff\xd9")
        return not is_whole or any(mark in head for mark in _METADATA_OF_JPEG)
    # Only these two kinds are written.
    return True


def _png_has_more(part: bytes) -> bool:
    at = 8
    while at + 12 <= len(part):
        length, kind = struct.unpack_from(">I4s", part, at)
        if kind not in _CHUNKS_OF_PNG:
            return True
        at += 12 + int(length)
        if kind == b"IEND":
            return at != len(part)
    return True
