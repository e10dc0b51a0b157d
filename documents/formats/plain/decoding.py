"""Bytes as text: which encoding, and where each character stands in the original.

Readers see line ends as LF. Edits are made in the original, so that the file keeps its own.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from documents.formats.model import Limits, TooLargeError, UnknownKindError

# The longer first: a UTF-32 mark begins with a UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first 32 but for tab, line ends, form feed and escape.
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_FEW_CONTROLS = 4
_MOST_CONTROLS = 0.02
# In a Latin script fewer letters have accents; a text with more is in some other encoding.
_MOST_ACCENTS = 0.3
_SAMPLE_BYTES = 100_000

NOT_UTF8 = "The file is not UTF-8; it was read as Windows-1252 and is written as UTF-8."


class UndecodableError(ValueError):
    """Raised when bytes are no text."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text with LF line ends, and the way back to the original.

    crlf: places in the text of the line ends that were CRLF
    """

    original: str
    text: str
    encoding: str = "utf-8"
    crlf: list[int] = field(default_factory=list)

    def edited(self, edits: Iterable[tuple[int, int, str]]) -> str:
        """Return the original with parts of the text replaced, in the line ends that it has.

        edits: (start, end, new), sorted
        """
        line_end = "\r\n" if self.crlf else "\n" if "\n" in self.original else "\r"
        pieces = []
        at = 0
        for start, end, new in edits:
            pieces += [self.original[at : self._place(start)], new.replace("\n", line_end)]
            at = self._place(end)
        return "".join([*pieces, self.original[at:]])

    def _place(self, offset: int) -> int:
        return offset + bisect_left(self.crlf, offset)


def source_of(content: bytes, limits: Limits) -> Source:
    """Return the text of a file; raises a FormatError where it is none or too long."""
    try:
        original, encoding = decoded(content)
    except UndecodableError:
        raise UnknownKindError("This file is not text in a known encoding.") from None
    if len(original) > limits.characters:
        raise TooLargeError(
            f"This file is too long: at most {limits.characters:,} characters are taken."
        )
    return source_from(original, encoding)


def source_from(original: str, encoding: str = "utf-8") -> Source:
    """Return a text as a source."""
    if "\r" not in original:
        return Source(original, original, encoding)
    crlf = [match.start() - index for index, match in enumerate(re.finditer(r"\r\n", original))]
    text = original.replace("\r\n", "\n").replace("\r", "\n")
    return Source(original, text, encoding, crlf)


def notes_on(source: Source) -> tuple[str, ...]:
    """Return what to tell about a text's encoding."""
    return (NOT_UTF8,) if source.encoding == "cp1252" else ()


def decoded(content: bytes) -> tuple[str, str]:
    """Return bytes as text, and the encoding: UTF-8, UTF-16 or, as a last resort, Windows-1252.

    Lone surrogates become U+FFFD. Raises UndecodableError.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace"), encoding
    if wide := _wide_encoding(content):
        return content.decode(wide, "replace"), wide
    sample = content[:_SAMPLE_BYTES]
    if len(_CONTROLS.findall(sample)) > _FEW_CONTROLS + _MOST_CONTROLS * len(sample):
        raise UndecodableError
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _western(content), "cp1252"


def _wide_encoding(content: bytes) -> str | None:
    """Return UTF-16 where every other byte is zero, as in Latin text without a mark."""
    sample = content[:_SAMPLE_BYTES]
    if len(sample) < 4 or len(content) % 2:
        return None
    half = len(sample) // 2
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None


def _western(content: bytes) -> str:
    if _CONTROLS.search(content):
        raise UndecodableError
    accents = sum(byte > 0x7F for byte in content[:_SAMPLE_BYTES])
    if accents > _MOST_ACCENTS * len(content[:_SAMPLE_BYTES]):
        raise UndecodableError
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        raise UndecodableError from None
