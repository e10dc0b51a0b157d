"""The lines of a page in reading order: columns one after the other, tables row by row.

A page is cut into runs of rows that share a gutter (a strip without text from the first row of
the run to the last). Where both sides of the gutters hold prose they are columns; else a table.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from documents.formats.pdf.lines import Line
from documents.formats.pdf.paragraphs import MARKER, Row

Gap = tuple[float, float]

# What makes two sides of a gutter columns of prose rather than cells.
PROSE_ROWS = 3
PROSE_CHARACTERS = 18
PROSE_FILL = 0.5
# What makes a few lines beside a text notes in its margin: lines that fill its width and are
# longer than a cell's, most of them, and fewer notes than lines.
MOST_NOTES = 0.7
FULL = 0.85
LONG_LINE = 45
MOST_DEPTH = 6
# A column that counts fewer rows than this is a table's; a longer one numbers lines.
MOST_UNNUMBERED = 12

INFINITY = float("inf")


@dataclass(frozen=True, slots=True)
class Flow:
    """Rows of one column, from top to bottom."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row and column; a cell is rows of lines, and may be empty."""

    cells: tuple[tuple[tuple[Row, ...], ...], ...]


Part = Flow | Table


def arranged(lines: Sequence[Line], depth: int = 0) -> list[Part]:
    """Return the parts of an area in reading order."""
    parts: list[Part] = []
    plain: list[Row] = []
    for run, gaps in _runs(rows_of(lines)):
        if not gaps or depth >= MOST_DEPTH:
            plain += run
            continue
        columns = _columns(run, gaps)
        down = _read_down(columns)
        if down:
            _flush(plain, parts)
            for column in down:
                parts += arranged(column, depth + 1)
        elif _is_list(columns):
            plain += run
        elif sum(len(_occupied(row, gaps)) > 1 for row in run) > 1:
            _flush(plain, parts)
            parts.append(_table(run, gaps))
        else:
            plain += run
    _flush(plain, parts)
    return parts


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """Return lines in rows from top to bottom, each from left to right."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: (line.base, line.x0, line.number)):
        if rows and _is_beside(line, rows[-1][0]):
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        row.sort(key=lambda line: (line.x0, line.number))
    return rows


def _is_beside(line: Line, first: Line) -> bool:
    larger = max(line.size, first.size)
    smaller = min(line.size, first.size)
    # A raised or lowered sign is small; two lines of one size stand on one base.
    share = 0.45 if smaller < 0.8 * larger else 0.35
    return line.base - first.base < share * larger


def _flush(rows: list[Row], parts: list[Part]) -> None:
    if rows:
        parts.append(Flow(tuple(rows)))
        rows.clear()


def _runs(rows: Sequence[Row]) -> Iterable[tuple[list[Row], list[Gap]]]:
    """Yield stretches of rows with the gutters they share; none for rows by themselves."""
    run: list[Row] = []
    free: list[Gap] = [(-INFINITY, INFINITY)]
    for row in rows:
        own = _gaps_of(row)
        width = _narrowest(row)
        shared = _shared(free, own, width)
        if run and _breaks(run, row, free, shared):
            yield from _ended(run, free)
            run, shared = [], own
        run.append(row)
        free = shared
    if run:
        yield from _ended(run, free)


def _breaks(run: list[Row], row: Row, free: list[Gap], shared: list[Gap]) -> bool:
    was, now = len(_inner(free)), len(_inner(shared))
    if was == 0:
        # Rows without a gutter go no further: one with a gutter begins a run of its own.
        return len(row) > 1 or len(run[-1]) > 1
    if now == 0 or (2 * now < was and len(run) > 1):
        return True
    step = row[0].base - run[-1][0].base
    return len(row) == 1 and step > 2.5 * max(row[0].size, run[-1][0].size)


def _ended(run: list[Row], free: list[Gap]) -> Iterable[tuple[list[Row], list[Gap]]]:
    """Yield a run, its last rows apart where they stand on one side of a table only."""
    gaps = _inner(free)
    if not gaps or len(run) < 2:
        yield run, []
        return
    both = [index for index, row in enumerate(run) if len(_occupied(row, gaps)) > 1]
    if not both:
        yield run, []
        return
    if _read_down(_columns(run, gaps)):
        yield run, gaps
        return
    first, last = both[0], both[-1] + 1
    while last < len(run) and _is_rest_of_cell(run[last - 1], run[last], gaps):
        last += 1
    if first:
        yield run[:first], []
    yield run[first:last], gaps
    if last < len(run):
        yield run[last:], []


def _gaps_of(row: Row) -> list[Gap]:
    gaps: list[Gap] = []
    edge = -INFINITY
    for line in row:
        if line.x0 > edge:
            gaps.append((edge, line.x0))
        edge = max(edge, line.x1)
    gaps.append((edge, INFINITY))
    return gaps


def _narrowest(row: Row) -> float:
    return max(4.0, 0.7 * statistics.median_low(line.size for line in row))


def _shared(some: list[Gap], others: list[Gap], width: float) -> list[Gap]:
    """Return where gaps of both lists overlap by a width or more; both ascend."""
    both: list[Gap] = []
    one = two = 0
    while one < len(some) and two < len(others):
        left, right = max(some[one][0], others[two][0]), min(some[one][1], others[two][1])
        if right - left >= width:
            both.append((left, right))
        if some[one][1] < others[two][1]:
            one += 1
        else:
            two += 1
    return both


def _inner(gaps: list[Gap]) -> list[Gap]:
    return [gap for gap in gaps if gap[0] > -INFINITY and gap[1] < INFINITY]


def _column_of(line: Line, gaps: list[Gap]) -> int:
    return sum(gap[0] + gap[1] < line.x0 + line.x1 for gap in gaps)


def _occupied(row: Row, gaps: list[Gap]) -> set[int]:
    return {_column_of(line, gaps) for line in row}


def _columns(run: list[Row], gaps: list[Gap]) -> list[list[Line]]:
    columns: list[list[Line]] = [[] for _ in range(len(gaps) + 1)]
    for row in run:
        for line in row:
            columns[_column_of(line, gaps)].append(line)
    return columns


def _read_down(columns: list[list[Line]]) -> list[list[Line]]:
    """Return columns that are read one after the other, in that order; none of a table."""
    if _is_prose(columns):
        return columns
    if len(columns) == 2:
        left, right = columns
        if _has_line_numbers(columns) or _is_margin_of(left, right):
            return [right, left]
        if _is_margin_of(right, left):
            return columns
    return []


def _is_margin_of(notes: list[Line], text: list[Line]) -> bool:
    """Say whether some lines stand beside running text, as notes in its margin do."""
    rows = rows_of(text)
    if len(rows) < PROSE_ROWS or len(rows_of(notes)) > MOST_NOTES * len(rows):
        return False
    width = max(line.x1 for line in text) - min(line.x0 for line in text)
    full = sum(row[-1].x1 - row[0].x0 > FULL * width for row in rows)
    lengths = [sum(len(line.text) for line in row) for row in rows]
    beside = max(line.x1 for line in notes) - min(line.x0 for line in notes)
    is_narrow = beside < 0.5 * width
    return is_narrow and full > 0.5 * len(rows) and statistics.median(lengths) > LONG_LINE


def _is_prose(columns: list[list[Line]]) -> bool:
    """Say whether all columns hold lines of running text, and more than a few."""
    if len(columns) > 4:
        return False
    for column in columns:
        if len(column) < PROSE_ROWS:
            return False
        width = max(line.x1 for line in column) - min(line.x0 for line in column)
        rows = rows_of(column)
        lengths = [sum(len(line.text) for line in row) for row in rows]
        fills = [(row[-1].x1 - row[0].x0) / max(width, 1.0) for row in rows]
        if len(rows) < PROSE_ROWS or statistics.median(lengths) < PROSE_CHARACTERS:
            return False
        if statistics.median(fills) < PROSE_FILL:
            return False
    return True


def _is_list(columns: list[list[Line]]) -> bool:
    """Say whether the first of two columns holds nothing but the marks of a list."""
    return len(columns) == 2 and all(MARKER.fullmatch(line.text) for line in columns[0])


def _has_line_numbers(columns: list[list[Line]]) -> bool:
    """Say whether the first of two columns counts the lines of the second."""
    if len(columns) != 2 or len(columns[0]) < MOST_UNNUMBERED:
        return False
    texts = [line.text for line in columns[0]]
    if not all(text.isdecimal() and len(text) < 5 for text in texts):
        return False
    numbers = list(map(int, texts))
    steps = {after - before for before, after in pairwise(numbers)}
    return len(steps) == 1 and steps <= {1, 5, 10}


def _table(run: list[Row], gaps: list[Gap]) -> Table:
    """Return the rows' cells, with rows that only carry on the cells above joined to these."""
    cells: list[list[list[Row]]] = []
    before: Row | None = None
    for row in run:
        split: list[Row] = [[] for _ in range(len(gaps) + 1)]
        for line in row:
            split[_column_of(line, gaps)].append(line)
        if before is not None and _is_rest_of_cell(before, row, gaps):
            for column, part in enumerate(split):
                if part:
                    cells[-1][column].append(part)
        else:
            cells.append([[part] if part else [] for part in split])
        before = row
    return Table(tuple(tuple(tuple(rows) for rows in row) for row in cells))


def _is_rest_of_cell(upper: Row, lower: Row, gaps: list[Gap]) -> bool:
    """Say whether a row only carries on cells of the row above it: close by, first one empty."""
    columns = _occupied(lower, gaps)
    step = lower[0].base - upper[0].base
    is_close = step < 1.3 * max(lower[0].size, upper[0].size)
    return is_close and 0 not in columns and columns <= _occupied(upper, gaps)
