"""A mail as it is written again: fields, texts, pages, mails within it, and cleaned files.

It is built from what was read, never from what was sent: no preamble, no path of travel, no
boundary of the sender's.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Sequence
from dataclasses import dataclass, field

import lxml.html

from documents.formats.model import Extracted
from documents.formats.plain.decoding import Source
from documents.formats.plain.eml_headers import field_as_bytes
from documents.formats.plain.html_tree import page_of

_BASE64_LINE = 57


@dataclass(slots=True)
class Text:
    """A text, and what changes in it."""

    source: Source
    edits: list[tuple[int, int, str]] = field(default_factory=list)

    def written(self, path: str) -> list[bytes]:
        """Return the part with its fields."""
        return [_text_part("plain", self.source.edited(sorted(self.edits)))]


@dataclass(slots=True)
class Page:
    """A page of HTML."""

    root: lxml.html.HtmlElement

    def written(self, path: str) -> list[bytes]:
        """Return the part with its fields."""
        return [_text_part("html", page_of(self.root))]


@dataclass(slots=True)
class Attachment:
    """A file. It stays where it could be read and cleaned; else a line says that it was removed.

    line:      its name and type
    suffix:    of the name that the clean file gets; a name of the sender's is in the line only
    content:   as it was sent
    extracted: as it was read, None where it could not be
    at:        where its text begins in the mail's
    clean:     the clean file, None where it is removed
    """

    line: str
    suffix: str
    content: bytes
    extracted: Extracted | None = None
    at: int = 0
    clean: bytes | None = None

    def written(self, path: str) -> list[bytes]:
        """Return the line and, where it stays, the file, each with its fields."""
        if self.clean is None:
            return [_text_part("plain", f"[Removed attachment: {self.line}]")]
        lines = (
            base64.b64encode(self.clean[at : at + _BASE64_LINE]) + b"\r\n"
            for at in range(0, len(self.clean), _BASE64_LINE)
        )
        head = (
            "Content-Type: application/octet-stream\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            f'Content-Disposition: attachment; filename="attachment{self.suffix}"\r\n\r\n'
        )
        line = _text_part("plain", f"[Attachment: {self.line}]")
        return [line, head.encode() + b"".join(lines)]


@dataclass(slots=True)
class Parts:
    """Several parts. subtype: "alternative" or "mixed"."""

    subtype: str
    parts: list[Part] = field(default_factory=list)

    def written(self, path: str) -> list[bytes]:
        """Return the parts as one.

        path: numbers of the parts around it; a boundary made of it is the beginning of no other,
              and stands in no coded text, where "=" is followed by hexadecimal digits
        """
        boundary = f"=_{path}_"
        head = f'Content-Type: multipart/{self.subtype}; boundary="{boundary}"\r\n\r\n'
        pieces = [head.encode()]
        for number, part in enumerate(self.parts, 1):
            for inner in part.written(f"{path}.{number}"):
                # The line end before a boundary is the boundary's, not the part's.
                pieces += [f"--{boundary}\r\n".encode(), inner, b"\r\n"]
        return [b"".join([*pieces, f"--{boundary}--\r\n".encode()])]


@dataclass(slots=True)
class Mail:
    """A mail: its fields, each a name and what it says, and its body."""

    fields: list[list[str]] = field(default_factory=list)
    body: Parts = field(default_factory=lambda: Parts("mixed"))

    def as_bytes(self, path: str = "1") -> bytes:
        """Return the mail."""
        fields = b"".join(field_as_bytes(name, text) for name, text in self.fields)
        return fields + b"MIME-Version: 1.0\r\n" + b"".join(self.body.written(path))


@dataclass(slots=True)
class Enclosed:
    """A mail within a mail."""

    mail: Mail

    def written(self, path: str) -> list[bytes]:
        """Return the part with its fields."""
        return [b"Content-Type: message/rfc822\r\n\r\n" + self.mail.as_bytes(path)]


Part = Text | Page | Attachment | Parts | Enclosed


def attachments_in(parts: Sequence[Part]) -> list[Attachment]:
    """Return the attachments among parts and below them."""
    found: list[Attachment] = []
    for part in parts:
        if isinstance(part, Attachment):
            found.append(part)
        elif isinstance(part, Parts):
            found += attachments_in(part.parts)
        elif isinstance(part, Enclosed):
            found += attachments_in(part.mail.body.parts)
    return found


def _text_part(subtype: str, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    coded = quopri.encodestring(lines)
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'.encode()
        + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        + coded.replace(b"\n", b"\r\n")
    )
