"""Text files: paragraphs, as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from documents.formats.model import (
    Block,
    Check,
    Cleaned,
    Extracted,
    Hidden,
    Kind,
    ReadOptions,
    Role,
)
from documents.formats.plain.checking import bytes_check
from documents.formats.plain.decoding import Source, notes_on, source_of
from documents.formats.survivors import HiddenValues

# A longer paragraph (a log has no empty lines) ends after the next line.
LONG_PARAGRAPH = 4_000
_LINES = re.compile(r"[^\n]+")


def read(content: bytes, options: ReadOptions) -> Extracted:
    """Return the text of a file, its paragraphs as blocks."""
    source = source_of(content, options.limits)
    blocks = tuple(Block(Role.PARAGRAPH, *place) for place in paragraphs(source.text))
    return Extracted(Kind.TEXT, source.text, blocks, notes=notes_on(source))


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
) -> Cleaned:
    """Return the file with each span replaced, in UTF-8, with the line ends that it had."""
    return Cleaned(replaced(source_of(content, options.limits), hidden))


def verify(clean: bytes, values: HiddenValues, *, options: ReadOptions) -> tuple[Check, ...]:
    """Return whether a hidden value still stands in the bytes, in any encoding."""
    return (bytes_check(clean, values),)


def replaced(source: Source, hidden: Sequence[Hidden]) -> bytes:
    """Return a text's original with each span replaced, in UTF-8."""
    clean = source.edited((span.start, span.end, span.replacement) for span in hidden)
    return clean.encode("utf-8", "replace")


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the paragraphs stand: lines in a row without an empty one between."""
    start = end = -2
    for line in _LINES.finditer(text):
        if line.start() != end + 1 or end - start > LONG_PARAGRAPH:
            if start >= 0:
                yield start, end
            start = line.start()
        end = line.end()
    if start >= 0:
        yield start, end
