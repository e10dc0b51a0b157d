"""Which characters lie under bars: what the text of a picture hides follows from its bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from documents.formats.model import Box as WordBox
from documents.formats.model import Page, Word
from images.bars import PlacedBar
from inference.engine.spans import Span
from sharing.corrections import Box

# A character is hidden if so much of its width and height is.
_WIDTH = 0.5
_HEIGHT = 0.4


def spans_under(page: Page, text: str, bars: Sequence[PlacedBar]) -> list[Span]:
    """Return the stretches of the file's text that lie under bars which are on.

    A bar that lies where it was made hides of the text what it was made for, and no more.
    """
    owner: dict[int, PlacedBar] = {}
    for bar in bars:
        if bar.is_on:
            for place, box in _characters(page.words, bar):
                if _is_under(box, bar):
                    owner.setdefault(place, bar)
    spans: list[Span] = []
    last: PlacedBar | None = None
    for place in sorted(owner):
        bar = owner[place]
        joins = last is not None and _is_one(last, bar)
        if joins and not text[spans[-1].end : place].strip():
            spans[-1] = _span(bar, spans[-1].start, place + 1)
        else:
            spans.append(_span(bar, place, place + 1))
        last = bar
    return spans


def boxes_without_text(page: Page, bars: Sequence[PlacedBar]) -> list[Box]:
    """Return where bars hide a part of the picture in which nothing was read."""
    return [
        Box(bar.label, *bar.place)
        for bar in bars
        if bar.is_on and not any(_is_under(box, bar) for _, box in _characters(page.words, bar))
    ]


def _characters(words: Sequence[Word], bar: PlacedBar) -> Iterator[tuple[int, WordBox]]:
    """Yield the places and boxes of the characters that a bar may hide."""
    was_made_for = bar.start < bar.end and not bar.is_moved
    for word in words:
        if word.box[2] <= bar.x or word.box[0] >= bar.x + bar.width:
            continue
        if word.box[3] <= bar.y or word.box[1] >= bar.y + bar.height:
            continue
        for place in range(word.start, word.end):
            if not was_made_for or bar.start <= place < bar.end:
                yield place, _box_of(word, place - word.start)


def _box_of(word: Word, index: int) -> WordBox:
    x0, y0, x1, y1 = word.box
    if word.edges:
        left, right = sorted((word.edges[index], word.edges[index + 1]))
        return (left, y0, right, y1)
    count = word.end - word.start
    if y1 - y0 > x1 - x0:
        # A word that runs up or down, or a code: shares of its height.
        step = (y1 - y0) / count
        return (x0, y0 + index * step, x1, y0 + (index + 1) * step)
    step = (x1 - x0) / count
    return (x0 + index * step, y0, x0 + (index + 1) * step, y1)


def _is_under(box: WordBox, bar: PlacedBar) -> bool:
    width = min(box[2], bar.x + bar.width) - max(box[0], bar.x)
    height = min(box[3], bar.y + bar.height) - max(box[1], bar.y)
    return width >= _WIDTH * (box[2] - box[0]) and height >= _HEIGHT * (box[3] - box[1])


def _is_one(last: PlacedBar, bar: PlacedBar) -> bool:
    """Say whether two bars hide parts of one thing."""
    if last.id == bar.id:
        return True
    return last.start < last.end and (last.start, last.end) == (bar.start, bar.end)


def _span(bar: PlacedBar, start: int, end: int) -> Span:
    return Span(start, end, bar.label, bar.score, bar.detector, bar.reason, bar.subtype)
