"""A page's lines as blocks in reading order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from documents.formats.model import Role
from documents.formats.pdf.columns import Table, arranged
from documents.formats.pdf.grids import Grid, grids_of
from documents.formats.pdf.lines import Line, Vector
from documents.formats.pdf.paragraphs import Draft, Row, joined, paragraphs

OUTSIDE = "Outside the page"
INVISIBLE = "Invisible text"


def layout(
    lines: Sequence[Line], vectors: Sequence[Vector], width: float, height: float
) -> list[Draft]:
    """Return the blocks of a page that is `width` by `height` points, body first.

    Text that runs in other directions follows the upright text, then what cannot be seen.
    """
    inside = [line for line in lines if _is_inside(line, width, height)]
    outside = [line for line in lines if not _is_inside(line, width, height)]
    seen = [line for line in inside if not line.is_invisible]
    unseen = [line for line in inside if line.is_invisible]
    area = width * height
    drafts = _directed(seen or unseen, vectors, area)
    if seen and unseen:
        drafts += _titled(_directed(unseen, (), area), INVISIBLE)
    if outside:
        drafts += _titled(_directed(outside, (), area), OUTSIDE)
    return _numbered(drafts)


def _is_inside(line: Line, width: float, height: float) -> bool:
    left, top, right, bottom = line.box
    return right > 0 and bottom > 0 and left < width and top < height


def _titled(drafts: list[Draft], title: str) -> list[Draft]:
    if drafts:
        drafts[0].title = title
    return drafts


def _directed(lines: Sequence[Line], vectors: Sequence[Vector], area: float) -> list[Draft]:
    """Return the blocks of lines that run in several directions, the most frequent one first."""
    by_turn: dict[tuple[bool, bool, int], list[Line]] = {}
    for line in lines:
        key = (line.is_vertical, line.is_mirrored, line.turn)
        by_turn.setdefault(key, []).append(line)
    drafts: list[Draft] = []
    order = sorted(by_turn, key=lambda key: (-sum(len(x.text) for x in by_turn[key]), key))
    for is_vertical, is_mirrored, turn in order:
        group = by_turn[is_vertical, is_mirrored, turn]
        if is_vertical:
            drafts += _vertical(group)
        else:
            drafts += _upright(group, vectors if turn == 0 and not is_mirrored else (), area)
    return drafts


def _vertical(lines: Sequence[Line]) -> list[Draft]:
    """Return lines written from top to bottom, from right to left, each as a block."""
    drafts = []
    for line in sorted(lines, key=lambda line: (-line.box[2], line.box[1], line.number)):
        draft = Draft()
        draft.add(line, "")
        drafts.append(draft)
    return drafts


def _upright(lines: Sequence[Line], vectors: Sequence[Vector], area: float) -> list[Draft]:
    """Return the blocks of lines of one direction; ruled tables stand where they stand."""
    grids = grids_of(vectors, lines, area)
    inside = {id(line): grid for grid in grids for line in grid.lines}
    free = [line for line in lines if id(line) not in inside]
    drafts: list[Draft] = []
    for part in arranged([*free, *grids]):
        if isinstance(part, Table):
            drafts += _cells(part)
        else:
            drafts += _flow(part.rows)
    return drafts


def _flow(rows: Sequence[Row]) -> list[Draft]:
    drafts: list[Draft] = []
    run: list[Row] = []
    for row in rows:
        plain = [line for line in row if not isinstance(line, Grid)]
        if plain:
            run.append(plain)
        for line in row:
            if isinstance(line, Grid):
                drafts += paragraphs(run)
                run = []
                drafts += _cells(Table(line.cells))
    return drafts + paragraphs(run)


def _cells(table: Table) -> list[Draft]:
    drafts = []
    for number, row in enumerate(table.cells):
        for column, rows in enumerate(row):
            lines = [[line for line in part if not isinstance(line, Grid)] for part in rows]
            grids = [line for part in rows for line in part if isinstance(line, Grid)]
            if any(lines):
                draft = Draft(role=Role.CELL, table=1, row=number, column=column)
                drafts.append(joined([part for part in lines if part], draft))
            for grid in grids:
                drafts += _cells(Table(grid.cells))
    return drafts


def _numbered(drafts: Iterable[Draft]) -> list[Draft]:
    """Return blocks with the tables numbered: one begins where the cells begin anew."""
    numbered = list(drafts)
    table = 0
    before: Draft | None = None
    for draft in numbered:
        if draft.role is Role.CELL:
            is_next = before is not None and (draft.row, draft.column) > (before.row, before.column)
            table += 0 if is_next else 1
            draft.table = table
            before = draft
        else:
            before = None
    return numbered
