"""Texts as pages show them: blocks of prose or log, cut into plain and marked segments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from anonymizer.categories import category_of, subtype_name
from anonymizer.storable import storable
from anonymizer.text import Bar, same_value
from inference.engine.spans import Span

# Begins at a line end, so that runs of blanks are looked at once.
_BLOCK_GAP = re.compile(r"\n(?:[ \t]*\n)+")
# A placeholder begins a sentence as well as a line of a log.
_LOG_LINE = re.compile(
    r"\s*(?!\[[A-Z][A-Z_]*_\d+\]|<[A-Z][A-Z_]*(?:_\d+)?>)"
    r"(?:\d{4}-\d\d-\d\d[T ]\d|\d\d:\d\d:\d\d|\[|[{}<>|#$]|//|at \w|[A-Z]+ /"
    r"|\d{1,3}(?:\.\d{1,3}){3}\b)"
    r"|\s{4,}\S|\t|[^\n]*(?:;\s*$|\w=\S|[{}]\s*$|\":|\|)"
)
# A mark of which its detector was less certain is worth a second look.
UNSURE_BELOW = 0.8
_DETECTORS = {
    "model": "model",
    "rule": "rule",
    "repeat": "same value elsewhere",
    "person": "marked by hand",
}


@dataclass(frozen=True, slots=True)
class RedactedSpan:
    """A hidden place as the public sees it."""

    label: str
    name: str
    tag: str
    number: int | None
    placeholder: str


@dataclass(frozen=True, slots=True)
class OriginalSpan:
    """A marked place as the holder of the original sees it.

    detector: "model", "rule", "repeat" or "person"
    value:    where the first mark of the same value under the same label begins
    state:    what reviewers decided on it: "accepted", "rejected"; "" where nobody says
    """

    id: int
    start: int
    end: int
    label: str
    name: str
    tag: str
    score: float | None
    score_text: str
    detector: str
    detector_text: str
    reason: str
    subtype: str
    value: int
    mentions: int
    redacted: str
    state: str = ""

    @property
    def is_unsure(self) -> bool:
        """Say whether the detector itself had a doubt about this place."""
        return self.score is not None and self.score < UNSURE_BELOW


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a block: plain when it has no span."""

    text: str
    span: RedactedSpan | OriginalSpan | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a stretch of log; its segments join to exactly its text."""

    kind: str
    start: int
    segments: tuple[Segment, ...]


Marked = tuple[int, int, RedactedSpan | OriginalSpan]


def redacted_spans(text: str, bars: Sequence[Bar]) -> list[Marked]:
    """Return the hidden places of a redacted text, ready for `blocks`."""
    marked: list[Marked] = []
    for bar in bars:
        category = category_of(bar.label)
        span = RedactedSpan(
            bar.label, category.name, category.tag, bar.number or None, text[bar.start : bar.end]
        )
        marked.append((bar.start, bar.end, span))
    return marked


def original_spans(
    text: str, spans: Sequence[Span], bars: Sequence[Bar], redacted: str, model_name: str
) -> list[Marked]:
    """Return the marked places of an original, ready for `blocks`.

    bars: one for each span, in the same order, as the public sees it in `redacted`
    """
    written = [text[span.start : span.end] for span in spans]
    folded = {words: same_value(words) for words in set(written)}
    values = [(span.label, folded[words]) for span, words in zip(spans, written, strict=True)]
    mentions = Counter(values)
    firsts: dict[tuple[str, str], int] = {}
    marked: list[Marked] = []
    for number, (span, bar, value) in enumerate(zip(spans, bars, values, strict=True)):
        category = category_of(span.label)
        is_guess = span.detector in {"model", "rule"}
        found_by = model_name if span.detector == "model" else _DETECTORS[span.detector]
        shown = OriginalSpan(
            id=number,
            start=span.start,
            end=span.end,
            label=span.label,
            name=category.name,
            tag=category.tag,
            score=span.score if is_guess else None,
            score_text=f"{span.score:.2f}" if is_guess else "",
            detector=span.detector,
            detector_text=found_by,
            reason=span.reason,
            subtype=subtype_name(span.subtype or ""),
            value=firsts.setdefault(value, span.start),
            mentions=mentions[value],
            redacted=redacted[bar.start : bar.end],
        )
        marked.append((span.start, span.end, shown))
    return marked


def blocks(text: str, marked: Sequence[Marked], first: int, last: int) -> list[Block]:
    """Cut text[first:last] into blocks, with their marked places.

    marked: sorted and disjoint, offsets into the whole text. One that crosses a gap between
            blocks is shown in each of them.
    """
    ranges = list(_block_ranges(text, first, last))
    cut = segments(text, marked, ranges)
    return [
        Block(_kind(text[start:end]), start, parts)
        for (start, end), parts in zip(ranges, cut, strict=True)
    ]


def segments(
    text: str, marked: Sequence[Marked], ranges: Iterable[tuple[int, int]]
) -> Iterator[tuple[Segment, ...]]:
    """Yield the plain and marked segments of each range; ranges ascend and are disjoint."""
    index = 0
    for start, end in ranges:
        while index < len(marked) and marked[index][1] <= start:
            index += 1
        yield tuple(_segments(text, marked, index, start, end))


def single_block(text: str, marked: Sequence[Marked], first: int, last: int) -> Block | None:
    """Return text[first:last] as one block of prose, or None if it is empty."""
    if first == last:
        return None
    return Block("prose", first, tuple(_segments(text, marked, 0, first, last)))


def _block_ranges(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    start = first
    for gap in _BLOCK_GAP.finditer(text, first, last):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    if start < last:
        yield start, last


def _segments(
    text: str, marked: Sequence[Marked], index: int, start: int, end: int
) -> Iterator[Segment]:
    read = start
    while index < len(marked) and marked[index][0] < end:
        span_start, span_end, span = marked[index]
        inner_start, inner_end = max(span_start, read), min(span_end, end)
        if inner_end > inner_start:
            if inner_start > read:
                yield Segment(storable(text[read:inner_start]))
            # A mark over several blocks keeps its whole range: a correction goes for all of it.
            yield Segment(storable(text[inner_start:inner_end]), span)
            read = inner_end
        if span_end > end:
            break
        index += 1
    if read < end:
        yield Segment(storable(text[read:end]))


def _kind(text: str) -> str:
    lines = [line for line in text.split("\n", 200)[:200] if line.strip()]
    hits = sum(1 for line in lines if _LOG_LINE.match(line[:400]))
    return "log" if lines and hits * 2 > len(lines) else "prose"
