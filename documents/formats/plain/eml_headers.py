"""Header fields of mails: which are kept, what they say, and how they are written."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.message import Message

from documents.formats.plain.charsets import known_charset

# All others say how a mail travelled, not what it says, and are removed.
KEPT = (
    "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Organization",
    "Resent-From", "Resent-To", "Resent-Cc", "Resent-Date", "Comments", "Keywords",
)  # fmt: skip
_NAMES = {name.lower(): name for name in KEPT}
_LINE_END = re.compile(r"\r?\n[ \t]*|\r")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_ADDRESSES = frozenset(
    {"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-To", "Resent-Cc"}
)
# Words in a row that have to be encoded.
_FOREIGN_WORDS = re.compile(r"\S*[^\x00-\x7f]\S*(?: \S*[^\x00-\x7f]\S*)*")
# The same up to the next sign that gives addresses their form.
_FOREIGN_NAME = re.compile(r'[^\s<>,;:"()@]*[^\x00-\x7f](?:[^<>,;:"()@]*[^\s<>,;:"()@])?')
_LINE_LENGTH = 76
_LONGEST_WORD = 900


def fields_of(message: Message) -> Iterator[tuple[str, str]]:
    """Yield the fields of a mail that are kept: name, and what it says."""
    for name, raw in message.raw_items():
        known = _NAMES.get(name.lower())
        text = meant(str(raw)) if known else ""
        if known and text:
            yield known, text


def meant(raw: str) -> str:
    """Return what a field says: one line, its encoded words resolved."""
    line = _LINE_END.sub(" ", as_text(raw))
    try:
        chunks = decode_header(line)
    except (HeaderParseError, ValueError):
        chunks = [(line, None)]
    return _CONTROL.sub(" ", "".join(_decoded(*chunk) for chunk in chunks)).strip()


def as_text(raw: str) -> str:
    """Return a text whose bytes beyond ASCII the parser kept as lone surrogates."""
    if raw.isascii():
        return raw
    return bytes_as_text(raw.encode("utf-8", "surrogateescape"))


def bytes_as_text(content: bytes, charset: str | None = None) -> str:
    """Return bytes as text: UTF-8 where they are, else in the encoding that is named."""
    try:
        return content.decode("utf-8") if charset is None else content.decode(charset)
    except UnicodeDecodeError:
        return content.decode(charset or "cp1252", "replace")


def _decoded(chunk: bytes | str, charset: str | None) -> str:
    if isinstance(chunk, str):
        return chunk
    if charset is None:
        # Where one word is encoded, the library gives the others in this form.
        return chunk.decode("raw-unicode-escape", "replace")
    return bytes_as_text(chunk, known_charset(charset))


def field_as_bytes(name: str, text: str) -> bytes:
    """Return a field as lines of ASCII. What is not ASCII becomes encoded words."""
    plain = " ".join(_CONTROL.sub(" ", text).split())
    lines = [f"{name}:"]
    for word in _coded(plain, name).split():
        if len(lines[-1]) + len(word) + 1 > _LINE_LENGTH and lines[-1].strip():
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines).encode("ascii", "replace") + b"\r\n"


def _coded(plain: str, name: str) -> str:
    """Return a field's words with those encoded that are not ASCII or too long for a line."""
    foreign = _FOREIGN_NAME if name in _ADDRESSES else _FOREIGN_WORDS
    coded = []
    for is_long, words in itertools.groupby(plain.split(), lambda word: len(word) > _LONGEST_WORD):
        if is_long:
            coded += [_encoded(word, name) for word in words]
        else:
            coded.append(foreign.sub(lambda match: _encoded(match[0], name), " ".join(words)))
    return " ".join(coded)


def _encoded(text: str, name: str) -> str:
    return Header(text, "utf-8", header_name=name).encode(linesep=" ")
