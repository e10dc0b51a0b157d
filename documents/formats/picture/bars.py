"""From hidden spans to bars, and from bars to pixels."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw

from anonymizer.pixels import boxes_of, padded
from documents.formats.model import Extracted, Hidden, Page, Role, SolidBar, Word
from documents.formats.picture.tags import ink_on, runs_on

# Edges of letters are where OCR thinks; so much of a letter's mean width is added at a cut.
_OVER = 0.35
# Boxes of Chinese signs and of what stands beside them are off by most of a sign; so much of the
# height is added where a stretch ends among them.
_OVER_WIDE = 0.8


def bars_of(extracted: Extracted, hidden: Sequence[Hidden]) -> tuple[SolidBar, ...]:
    """Return black bars over the hidden spans and over all barcodes."""
    page = extracted.pages[0]
    ranges = [(span.start, span.end) for span in hidden]
    ranges += [(b.start, b.end) for b in extracted.blocks if b.role is Role.BARCODE]
    bars = (bar for start, end in ranges for bar in bars_over(page, extracted.text, start, end))
    return tuple(dict.fromkeys(bars))


def bars_over(page: Page, text: str, start: int, end: int) -> list[SolidBar]:
    """Return the bars over a stretch of the text: one for each line, with their padding.

    text: of the file. Signs of a word that touch the stretch ("Oliver!") are covered with it, and
    where it ends in the middle of a word the bar goes a little over the next letter.
    """
    words = [
        _loosened(word, text, start, end)
        for word in page.words
        if word.start < end and start < word.end
    ]
    words = _widened(words, text)
    first = min((word.start for word in words), default=start)
    boxes = boxes_of(min(start, first), max([end, *(word.end for word in words)]), words)
    found = (padded(box, (int(page.width), int(page.height))) for box in boxes)
    return [SolidBar(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in filter(None, found)]


def _loosened(word: Word, text: str, start: int, end: int) -> Word:
    """Return the part of a word that is covered for a stretch of the text, as a word."""
    first, last = max(start, word.start), min(end, word.end)
    while first > word.start and not text[first - 1].isalnum():
        first -= 1
    while last < word.end and not text[last].isalnum():
        last += 1
    if not word.edges or (first, last) == (word.start, word.end):
        return Word(first, last, word.box)
    x0, y0, x1, y1 = word.box
    over = _OVER * (x1 - x0) / (word.end - word.start)
    if first > word.start:
        x0 = max(x0, word.edges[first - word.start] - over)
    if last < word.end:
        x1 = min(x1, word.edges[last - word.start] + over)
    return Word(first, last, (x0, y0, x1, y1))


def _widened(words: list[Word], text: str) -> list[Word]:
    """Return a stretch's words, its ends further out where signs without spaces go on."""
    if not words:
        return words
    first, last = words[0], words[-1]
    if _is_among_wide(text[max(0, first.start - 2) : first.start], text[first.start]):
        x0, y0, x1, y1 = first.box
        box = (x0 - _OVER_WIDE * (y1 - y0), y0, x1, y1)
        words[0] = Word(first.start, first.end, box)
        last = words[-1]
    if _is_among_wide(text[last.end : last.end + 2], text[last.end - 1]):
        x0, y0, x1, y1 = last.box
        words[-1] = Word(last.start, last.end, (x0, y0, x1 + _OVER_WIDE * (y1 - y0), y1))
    return words


def _is_among_wide(beside: str, sign: str) -> bool:
    """Say whether a sign or what stands beside it in the line is of a script without spaces."""
    if not beside.strip() or "\n" in beside or "\t" in beside:
        return False
    return any(unicodedata.east_asian_width(one) in "WF" for one in (*beside, sign))


def painted(image: Image.Image, bars: Iterable[SolidBar]) -> Image.Image:
    """Return a copy with the bars painted, later ones over earlier ones."""
    covered = image.copy()
    draw = ImageDraw.Draw(covered)
    for bar in bars:
        if bar.width < 1 or bar.height < 1:
            continue
        draw.rectangle(
            (bar.x, bar.y, bar.x + bar.width - 1, bar.y + bar.height - 1), fill=bar.colour
        )
        ink = ink_on(bar.colour)
        for y, x, length in runs_on(bar):
            draw.line((x, y, x + length - 1, y), fill=ink)
    return covered
