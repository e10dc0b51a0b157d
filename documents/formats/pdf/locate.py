"""Where on the pages the hidden spans stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pymupdf

from documents.formats.model import Box, DamagedError, Extracted, Hidden, Page, Word
from documents.formats.pdf.lines import Line, around
from documents.formats.pdf.page import LaidOut, laid_out
from documents.formats.pdf.pagetext import piece_ranges

# Of the font size: the band in the middle of letters, which no line above or below reaches into.
CORE_ABOVE_BASE = 0.48
CORE_BELOW_BASE = -0.08


@dataclass(frozen=True, slots=True)
class Region:
    """A piece of a hidden span on one line of a page.

    All quads are in the page's unrotated coordinates, as Page.add_redact_annot takes them.

    page:     index from 0
    quad:     around the characters, as high as letters get: what a bar has to cover
    core:     a thin strip through the characters' middle, a little narrower than they are: it
              meets the glyphs of the span and no neighbour's, beside, above or below. Equal to
              the quad where the words were read from pixels
    hidden:   index of the span among those given
    part:     0 for the first region of its span: the replacement is written there and nowhere else
    from_ocr: whether the words were read from pixels
    """

    page: int
    quad: pymupdf.Quad
    core: pymupdf.Quad
    label: str
    replacement: str
    hidden: int
    part: int
    from_ocr: bool = False

    @property
    def rect(self) -> pymupdf.Rect:
        """The upright rectangle around it."""
        return self.quad.rect


@dataclass(frozen=True, slots=True)
class _Place:
    """A piece of a span, as displayed."""

    start: int
    quad: pymupdf.Quad
    core: pymupdf.Quad
    from_ocr: bool = False


def locate(
    document: pymupdf.Document, extracted: Extracted, hidden: Sequence[Hidden]
) -> dict[int, list[Region]]:
    """Return the regions of the hidden spans, by index of the page, in the order of the text.

    document: as open_document gives it, its pages not changed since
    hidden:   sorted and disjoint; spans in comments have no region
    Raises DamagedError where a page shows another text than extracted.text.
    """
    if len(document) != len(extracted.pages):
        raise DamagedError("The PDF does not have the pages that were read.")
    starts = [span.start for span in hidden]
    parts = [0] * len(hidden)
    found: dict[int, list[Region]] = {}
    for index, page in enumerate(extracted.pages):
        first = max(0, bisect_right(starts, page.start) - 1)
        last = bisect_left(starts, page.end)
        wanted = [number for number in range(first, last) if hidden[number].end > page.start]
        if wanted:
            found[index] = _on_page(document[index], page, extracted, hidden, wanted, parts)
    return found


def _on_page(
    live: pymupdf.Page,
    page: Page,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    wanted: Sequence[int],
    parts: list[int],
) -> list[Region]:
    laid = laid_out(live)
    start = _start_of_layer(laid, page, extracted)
    end = start + len(laid.text)
    read_words = [word for word in page.words if not start <= word.start < end]
    turned = live.derotation_matrix if live.rotation else None
    regions: list[Region] = []
    for number in wanted:
        span = hidden[number]
        places = [*_layer_places(laid, start, span), *_read_places(read_words, span)]
        for place in sorted(places, key=lambda place: place.start):
            quad, core = place.quad, place.core
            if turned is not None:
                quad, core = quad * turned, core * turned
            regions.append(
                Region(
                    page.number - 1,
                    quad,
                    core,
                    span.label,
                    span.replacement,
                    number,
                    parts[number],
                    place.from_ocr,
                )
            )
            parts[number] += 1
    return regions


def _start_of_layer(laid: LaidOut, page: Page, extracted: Extracted) -> int:
    """Return where the text layer's part of a page begins in the text."""
    start = page.end - len(laid.text) if laid.comes_last else page.start
    end = start + len(laid.text)
    is_same = page.start <= start <= end <= page.end and extracted.text[start:end] == laid.text
    if not is_same or (not page.was_read_by_ocr and (start, end) != (page.start, page.end)):
        raise DamagedError(f"Page {page.number} of the PDF shows another text than was read.")
    return start


def _layer_places(laid: LaidOut, start: int, span: Hidden) -> Iterable[_Place]:
    """Yield the places of a span in the text layer, one for each stretch of a line."""
    first_block = max(0, bisect_right(laid.starts, span.start - start) - 1)
    for index in range(first_block, len(laid.drafts)):
        draft, offset = laid.drafts[index], laid.starts[index]
        if offset >= span.end - start:
            return
        low = max(span.start - start - offset, 0)
        high = min(span.end - start - offset, len(draft.text))
        if low >= high:
            continue
        for piece, first, last in piece_ranges(draft, low, high):
            for one, end in _stretches(piece.line, first, last):
                quad, core = _quads(piece.line, one, end)
                yield _Place(start + offset + piece.start + one - piece.first, quad, core)


def _stretches(line: Line, first: int, last: int) -> Iterable[tuple[int, int]]:
    """Yield the ranges of characters that stand side by side, without spaces at their ends.

    Characters in a row may stand apart where directions of writing mix.
    """
    while first < last and line.text[first].isspace():
        first += 1
    while last > first and line.text[last - 1].isspace():
        last -= 1
    if first >= last:
        return
    # A mark or a ligature's rest has no width of its own: its glyph begins before it.
    while first and line.width(first) < 0.02 * line.size:
        first -= 1
    if line.text.isascii() or line.is_oblique:
        yield first, last
        return
    start, sense = first, 0
    for index in range(first + 1, last):
        step = _middle(line, index) - _middle(line, index - 1)
        if abs(step) < 0.3 * line.size and abs(step) < line.width(index):
            continue
        now = 1 if step > 0 else -1
        if abs(step) > 3 * line.size or now == -sense:
            yield start, index
            start, sense = index, 0
        else:
            sense = now
    yield start, last


def _middle(line: Line, index: int) -> float:
    x0, y0, x1, y1 = line.boxes[index]
    return (y0 + y1) / 2 if line.turn % 2 else (x0 + x1) / 2


def _quads(line: Line, first: int, last: int) -> tuple[pymupdf.Quad, pymupdf.Quad]:
    """Return the quad around characters, as displayed, and the strip through their middle."""
    if line.is_oblique:
        return _oblique_quads(line, first, last)
    boxes = line.boxes[first:last]
    left, top, right, bottom = around(boxes)
    if line.is_vertical:
        inset = min(0.12 * line.size, 0.15 * (bottom - top) / (last - first))
        wide = 0.3 * (right - left)
        core = pymupdf.Rect(left + wide, top + inset, right - wide, bottom - inset)
        return pymupdf.Rect(left, top, right, bottom).quad, core.quad
    # Upright: along the line first, then across it.
    low, high = ((left, right), (top, bottom), (-right, -left), (-bottom, -top))[line.turn]
    inset = 0.15 * min(line.width(first) or high - low, line.width(last - 1) or high - low)
    inset = min(inset, 0.45 * (high - low))
    base, size = line.base, line.y1 - line.y0
    upper = max(line.y0, base - CORE_ABOVE_BASE * size)
    lower = min(line.y1, base - CORE_BELOW_BASE * size)
    head, foot = line.y0, line.y1
    if line.is_mirrored:
        head, foot, upper, lower = -foot, -head, -lower, -upper
    quad = _displayed(line.turn, low, head, high, foot)
    return quad, _displayed(line.turn, low + inset, upper, high - inset, lower)


def _displayed(turn: int, x0: float, y0: float, x1: float, y1: float) -> pymupdf.Quad:
    """Return an upright rectangle's quad after so many quarter turns clockwise."""
    corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)]
    for _ in range(turn):
        corners = [(-y, x) for x, y in corners]
    return pymupdf.Quad(*corners)


def _oblique_quads(line: Line, first: int, last: int) -> tuple[pymupdf.Quad, pymupdf.Quad]:
    """Return quads along a line that runs along neither edge of the page."""
    dx, dy = line.direction
    x, y = line.origins[first]
    if last < len(line.origins):
        end_x, end_y = line.origins[last]
    else:
        # The last pen advance is not known; its box has room for it.
        x0, y0, x1, y1 = line.boxes[last - 1]
        own_x, own_y = line.origins[last - 1]
        reach = max(0.5 * line.size, abs(dx) * (x1 - x0) + abs(dy) * (y1 - y0) - 0.5 * line.size)
        end_x, end_y = own_x + reach * dx, own_y + reach * dy
    length = (end_x - x) * dx + (end_y - y) * dy
    inset = min(0.1 * line.size, 0.15 * length / (last - first))

    def quad(low: float, high: float, upper: float, lower: float) -> pymupdf.Quad:
        return pymupdf.Quad(
            *(
                (x + along * dx + above * dy, y + along * dy - above * dx)
                for above in (upper, lower)
                for along in (low, high)
            )
        )

    size = line.size
    return (
        quad(0.0, length, 0.95 * size, -0.25 * size),
        quad(inset, length - inset, CORE_ABOVE_BASE * size, CORE_BELOW_BASE * -size),
    )


def _read_places(words: Sequence[Word], span: Hidden) -> Iterable[_Place]:
    """Yield the places of a span among words that were read from pixels, one for each line."""
    start, box = 0, None
    for word in words:
        low, high = max(span.start, word.start), min(span.end, word.end)
        if low >= high:
            continue
        own = _part_of(word, low, high)
        if box is not None and _is_same_line(box, own):
            box = around((box, own))
            continue
        if box is not None:
            yield _read_place(start, box)
        start, box = low, own
    if box is not None:
        yield _read_place(start, box)


def _read_place(start: int, box: Box) -> _Place:
    quad = pymupdf.Rect(box).quad
    return _Place(start, quad, quad, from_ocr=True)


def _part_of(word: Word, low: int, high: int) -> Box:
    x0, y0, x1, y1 = word.box
    if word.edges:
        return word.edges[low - word.start], y0, word.edges[high - word.start], y1
    return x0, y0, x1, y1


def _is_same_line(one: Box, two: Box) -> bool:
    """Say whether a box follows another on the same line, a space away."""
    height = min(one[3] - one[1], two[3] - two[1])
    shared = min(one[3], two[3]) - max(one[1], two[1])
    return shared > 0.5 * height and two[0] - one[0] >= 0 and two[0] - one[2] < 1.5 * height
