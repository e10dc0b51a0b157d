"""What stands in a PDF file outside of its streams: one revision, and no hidden value."""

from __future__ import annotations

import re

import pikepdf
from pikepdf import Array

from documents.formats.model import Check
from documents.formats.pdf.vocabulary import is_standard
from documents.formats.survivors import HiddenValues

_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_OBJECT = re.compile(rb"\d+ \d+ obj\b.*?endobj", re.DOTALL)
_FRAME = re.compile(
    rb"%PDF-[\d.]+|%%EOF|xref[\s\dnf]*|trailer\s*<<.*?>>(?=\s*startxref)|startxref\s+\d+",
    re.DOTALL,
)
_BINARY_MARK = re.compile(rb"%[\x80-\xff]{4,8}\s")
_TEXT = re.compile(rb"\((?:\\.|[^()\\])*\)|%[^\r\n]*", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]+)>")
_NAME = re.compile(rb"/[^\s/<>\[\]()%]+")
_PRINTABLE = re.compile(rb"[\x20-\x7e]{6,}")
_WIDE_PRINTABLE = re.compile(rb"(?:[\x20-\x7e]\x00){6,}|(?:\x00[\x20-\x7e]){6,}")
_DIGESTS = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]{32})>\s*<([0-9A-Fa-f]{32})>\s*\]")
_BEGINNING_OR_END = re.compile(rb"\A%PDF-\d\.\d(?=[\r\n])|%%EOF\s*\Z")
_SHORTEST_TOKEN = 6
_DIGEST_LENGTH = 16


def revisions_check(clean: bytes, values: HiddenValues) -> Check:
    """Search the bytes outside of streams; more than one end of file is an old revision."""
    survivors = []
    if clean.count(b"%%EOF") != 1 or clean.count(b"startxref") != 1:
        survivors.append("more than one revision")
    if clean[clean.rfind(b"%%EOF") + 5 :].strip():
        survivors.append("bytes after the end")
    if not clean.startswith(b"%PDF-"):
        survivors.append("bytes before the beginning")
    bare = _STREAM.sub(b"\n", clean)
    if _FRAME.sub(b"", _BINARY_MARK.sub(b"", _OBJECT.sub(b"", bare))).strip():
        survivors.append("bytes between objects")
    if any(values.are_in_bytes(text) for text in _texts_of(_without_digests(bare))) or any(
        values.are_in(long_tokens(bytes.fromhex(digest.decode("ascii"))))
        for pair in _DIGESTS.findall(bare)
        for digest in pair
    ):
        survivors.append("an object's text")
    return Check("revisions", 1, tuple(survivors))


def digests_in(value: object) -> bytes:
    """Return the two digests that identify a file, b"" where a value is something else.

    In 16 bytes of chance a short value stands often and says nothing; a long one is looked for.
    """
    if not isinstance(value, Array) or len(value) != 2:
        return b""
    both = [bytes(item) for item in value.as_list() if isinstance(item, pikepdf.String)]
    return b"\0".join(both) if [len(one) for one in both] == [_DIGEST_LENGTH] * 2 else b""


def _without_digests(content: bytes) -> bytes:
    return _DIGESTS.sub(b" ", _BEGINNING_OR_END.sub(b"", content))


def _texts_of(content: bytes) -> list[bytes]:
    hexed = (b"".join(digits.split()) for digits in _HEX.findall(content))
    names = {name for name in _NAME.findall(content) if not is_standard(name.decode("latin-1"))}
    return [
        b"\n".join(_TEXT.findall(content)),
        b"\n".join(bytes.fromhex(d[: len(d) // 2 * 2].decode("ascii")) for d in hexed),
        b"\n".join(names),
    ]


def long_tokens(content: bytes) -> str:
    """Return the stretches of a binary that could be text, each as one word.

    Short values are found in any binary by chance, so no word here is as short as they are.
    """
    stretches = [match[0] for match in _PRINTABLE.finditer(content)]
    stretches += [match[0].replace(b"\0", b"") for match in _WIDE_PRINTABLE.finditer(content)]
    words = (re.sub(rb"[^0-9A-Za-z]", b"", stretch) for stretch in stretches)
    return b" ".join(word for word in words if len(word) >= _SHORTEST_TOKEN).decode("ascii")
