"""What stands above a document: how much was found, where it is dense, what is repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from anonymizer.categories import Category, counted
from anonymizer.reading import Marked, OriginalSpan
from anonymizer.storable import storable
from documents.reading import Part

MOST_BARS = 52
# With fewer pages, places along the text say more than pages.
LEAST_PAGES = 2
MOST_REPEATED = 8
MOST_PAGES_NAMED = 60
LONGEST_VALUE = 60
CHART_WIDTH, CHART_HEIGHT = 208.0, 38.0
STACK_WIDTH = 160.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the density chart; numbers are of SVG, as text.

    leaf, page: where a click leads; page is 0 where there are none
    """

    leaf: int
    page: int
    x: str
    y: str
    width: str
    height: str
    title: str


@dataclass(frozen=True, slots=True)
class Share:
    """One category's part of the line above the chart."""

    label: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A value that stands more than once; start: of its first mark."""

    value: str
    label: str
    name: str
    count: int
    start: int


@dataclass(frozen=True, slots=True)
class EmptyPage:
    """A page on which nothing private was found, and the leaf where it begins."""

    number: int
    leaf: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a document.

    empty_pages: the first ones; empty_count says how many there are
    """

    total: int
    unsure: int
    categories: list[Category]
    bars: tuple[Bar, ...]
    by_page: bool
    shares: tuple[Share, ...]
    repeated: tuple[Repeated, ...]
    empty_pages: tuple[EmptyPage, ...]
    empty_count: int
    page_count: int


def summarise(
    text: str,
    marked: Sequence[Marked],
    parts: Sequence[Part],
    text_start: int,
    page_count: int,
    own: Collection[str] = (),
) -> Summary:
    """Return the figures of a document whose places are marked.

    own: labels of the categories that its policy has of its own
    """
    spans = [span for _, _, span in marked if isinstance(span, OriginalSpan)]
    places = [start - text_start for start, _, _ in marked if start >= text_start]
    categories = counted((span.label for span in spans), own)
    by_page = page_count > LEAST_PAGES
    pages = _pages(places, parts, page_count) if by_page else []
    empty = [EmptyPage(page.page, page.leaf) for page in pages if not page.count]
    stops = pages or _positions(places, parts)
    return Summary(
        total=len(spans),
        unsure=sum(span.is_unsure for span in spans),
        categories=categories,
        bars=_bars(stops),
        by_page=by_page,
        shares=_shares(categories, len(spans)),
        repeated=_repeated(text, spans),
        empty_pages=tuple(empty[:MOST_PAGES_NAMED]),
        empty_count=len(empty),
        page_count=page_count,
    )


def _counts(places: Sequence[int], parts: Sequence[Part]) -> list[int]:
    """Return how many marks each part holds; both are in order."""
    counts, index = [], 0
    for part in parts:
        before = index
        while index < len(places) and places[index] < part.end:
            index += 1
        counts.append(index - before)
    return counts


def _bars(stops: Sequence[_Stop]) -> tuple[Bar, ...]:
    if not stops:
        return ()
    at_once = -(-len(stops) // MOST_BARS)
    groups = [stops[first : first + at_once] for first in range(0, len(stops), at_once)]
    totals = [sum(stop.count for stop in group) for group in groups]
    most = max(1, *totals)
    step = CHART_WIDTH / max(len(groups), 12)
    bars = []
    for index, (group, total) in enumerate(zip(groups, totals, strict=True)):
        height = max(0.8, (CHART_HEIGHT - 3) * total / most)
        bars.append(
            Bar(
                leaf=group[0].leaf,
                page=group[0].page,
                x=f"{index * step:.1f}",
                y=f"{CHART_HEIGHT - height:.1f}",
                width=f"{step * 0.74:.1f}",
                height=f"{height:.1f}",
                title=_title(group, total),
            )
        )
    return tuple(bars)


@dataclass(frozen=True, slots=True)
class _Stop:
    """A page or a stretch of the text: what it is called, where it begins, what was found."""

    name: str
    leaf: int
    page: int
    count: int


def _pages(places: Sequence[int], parts: Sequence[Part], page_count: int) -> list[_Stop]:
    """Return all pages, also those without text; what belongs to no page is left out."""
    held: Counter[int] = Counter()
    first: dict[int, int] = {}
    for part, count in zip(parts, _counts(places, parts), strict=True):
        held[part.page] += count
        first.setdefault(part.page, part.number)
    stops, leaf = [], 1
    for page in range(1, page_count + 1):
        leaf = first.get(page, leaf)
        stops.append(_Stop(f"page {page}", leaf, page, held[page]))
    return stops


def _positions(places: Sequence[int], parts: Sequence[Part]) -> list[_Stop]:
    """Return equal stretches of the text."""
    if not parts:
        return []
    length = max(1, parts[-1].end)
    stretches = min(MOST_BARS, max(12, length // 400))
    counts = Counter(min(stretches - 1, place * stretches // length) for place in places)
    found, index = [], 0
    for number in range(stretches):
        start = number * length // stretches
        while index + 1 < len(parts) and parts[index].end <= start:
            index += 1
        name = f"{100 * number // stretches} % of the text"
        found.append(_Stop(name, parts[index].number, 0, counts[number]))
    return found


def _title(stops: Sequence[_Stop], total: int) -> str:
    where = stops[0].name
    if len(stops) > 1:
        where += f" to {stops[-1].name.removeprefix('page ')}"
    return f"{where}: {total} found"


def _shares(categories: Sequence[Category], total: int) -> tuple[Share, ...]:
    shares, x = [], 0.0
    for category in categories:
        width = STACK_WIDTH * category.count / total if total else 0.0
        if width:
            shares.append(Share(category.label, f"{x:.2f}", f"{width:.2f}"))
        x += width
    return tuple(shares)


def _repeated(text: str, spans: Sequence[OriginalSpan]) -> tuple[Repeated, ...]:
    firsts = [span for span in spans if span.value == span.start and span.mentions > 1]
    firsts.sort(key=lambda span: (-span.mentions, span.start))
    return tuple(
        Repeated(
            _short(storable(text[span.start : span.end])),
            span.label,
            span.name,
            span.mentions,
            span.start,
        )
        for span in firsts[:MOST_REPEATED]
    )


def _short(value: str) -> str:
    plain = " ".join(value.split())
    return plain if len(plain) <= LONGEST_VALUE else plain[: LONGEST_VALUE - 1] + "…"
