"""Patterns that people wrote, by RE2: whatever they are, a text is searched in linear time.

One search is linear in what it looks at. So that many searches are, too, each looks at no more
than a window: a match longer than half of it may be found in pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import re2

from anonymizer.rules.problems import FieldError

LONGEST_PATTERN = 500
# Bytes of UTF-8 at which one search looks.
WINDOW = 1024
# A pattern that needs more is refused: it could hold up everybody's scans.
_MEMORY = 4 << 20
_LARGEST_PROGRAM = 4000
# In these, a pattern that can match nothing does.
_SAMPLES = (b"", b"a", b" ", b"a b", b"\n", b"1\n2", b"A.b", "ß".encode())
_SURROGATES = re.compile("[\ud800-\udfff]")


def compiled(pattern: str) -> re2._Regexp:
    """Return a pattern ready to be searched for. Raises FieldError with a sentence."""
    if len(pattern) > LONGEST_PATTERN:
        raise FieldError(f"is longer than {LONGEST_PATTERN} signs.")
    if _SURROGATES.search(pattern):
        raise FieldError("holds half of a sign.")
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MEMORY
    try:
        found = re2.compile(pattern.encode(), options)
    except re2.error as exc:
        raise FieldError(f"cannot be read: {_why(exc)}.") from exc
    if found.programsize > _LARGEST_PROGRAM:
        raise FieldError("is too large: repeat less of it.")
    if any(m.start() == m.end() for one in _SAMPLES for m in found.finditer(one)):
        raise FieldError("also finds nothing at all: it has to hold at least one sign.")
    return found


def _why(exc: Exception) -> str:
    """Return what RE2 says of a pattern, without the pattern."""
    said = exc.args[0] if exc.args else b""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return words.partition(":")[0].strip() or "it is not an expression"


class Patterns:
    """Patterns to be searched for in texts."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._compiled = [compiled(pattern) for pattern in patterns]

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield (start, end) in code points of what any pattern finds, pattern by pattern."""
        if not self._compiled:
            return
        # Halves of signs are no UTF-8; another sign stands for each, so that offsets hold.
        content = _SURROGATES.sub("\ufffd", text).encode()
        to_offset = _identity if len(content) == len(text) else _Offsets(content)
        for pattern in self._compiled:
            for start, end in _matches(pattern, content):
                yield to_offset(start), to_offset(end)


def _matches(pattern: re2._Regexp, content: bytes) -> Iterator[tuple[int, int]]:
    """Yield where a pattern matches, in bytes, from left to right, not overlapping."""
    position = 0
    while position < len(content):
        limit = min(position + WINDOW, len(content))
        while limit < len(content) and _is_inside_sign(content, limit):
            limit += 1
        match = pattern.search(content, position, limit)
        if match is None:
            if limit == len(content):
                return
            position = _at_sign(content, position + WINDOW // 2)
            continue
        start, end = match.span()
        is_cut = end == limit or start - position > WINDOW // 2
        if limit < len(content) and is_cut and start > position:
            position = start  # once more, with a whole window in front
            continue
        if end > start:
            yield start, end
        position = end if end > start else _at_sign(content, start + 1)


def _is_inside_sign(content: bytes, index: int) -> bool:
    return content[index] & 0xC0 == 0x80


def _at_sign(content: bytes, index: int) -> int:
    """Return the first begin of a sign from here on."""
    while index < len(content) and _is_inside_sign(content, index):
        index += 1
    return index


def _identity(offset: int) -> int:
    return offset


class _Offsets:
    """Code points for offsets in UTF-8, quick where they ascend."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._byte = self._point = 0

    def __call__(self, offset: int) -> int:
        if offset < self._byte:
            self._byte = self._point = 0
        self._point += len(self._content[self._byte : offset].decode())
        self._byte = offset
        return self._point
