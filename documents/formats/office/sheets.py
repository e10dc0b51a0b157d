"""The rows of a sheet and the strings they share. One pass; a sheet may have a million cells."""

from __future__ import annotations

from typing import Final

from lxml import etree

from documents.formats.model import Role
from documents.formats.office.cells import (
    CellText,
    Formats,
    RichCell,
    RichRun,
    clean_cell,
    column_of,
    plain_value,
    runs_of,
    unescaped,
    without_formula,
)
from documents.formats.office.ooxml import Session
from documents.formats.office.xml import drop, q, remove_all, tags

_ROW: Final = q("x:row")
_CELL: Final = q("x:c")
_VALUE: Final = q("x:v")
_FORMULA: Final = q("x:f")
_INLINE: Final = q("x:is")
_STRING: Final = q("x:t")
_ROW_ATTRIBUTES: Final = frozenset(
    {
        "r",
        "spans",
        "s",
        "customFormat",
        "ht",
        "hidden",
        "customHeight",
        "outlineLevel",
        "collapsed",
        "thickTop",
        "thickBot",
    }
)
_PLAIN: Final = frozenset("0123456789.:truefals-eE+")


class SheetStrings:
    """The strings of a workbook, and which of them are still used."""

    def __init__(self, root: etree._Element | None) -> None:
        self._items = [] if root is None else [item for item in root if item.tag == q("x:si")]
        self._plain: list[str | None] = [plain_text(item) for item in self._items]
        self._uses = [0] * len(self._items)

    def plain(self, index: int) -> str | None:
        """Return a string without runs; None for one with runs or that is not there."""
        return self._plain[index] if index < len(self._plain) else None

    def item(self, index: int) -> etree._Element | None:
        """Return the element of a string."""
        return self._items[index] if index < len(self._items) else None

    def use(self, index: int) -> None:
        """Count a cell that points to a string."""
        if index < len(self._uses):
            self._uses[index] += 1

    def release(self, index: int) -> None:
        """Count a cell that no longer points to it."""
        if index < len(self._uses):
            self._uses[index] -= 1

    def keep_used(self, root: etree._Element) -> None:
        """Empty the strings in a copy of the part that no cell uses; their numbers stay."""
        self._items = []
        index = -1
        for item in list(root):
            if item.tag != q("x:si"):
                root.remove(item)
                continue
            index += 1
            item.attrib.clear()
            if self._uses[index] > 0:
                remove_all(item, tags("x:rPh x:phoneticPr"))
                continue
            for child in list(item):
                item.remove(child)
            etree.SubElement(item, _STRING)


class SharedText:
    """A cell that points to a shared string."""

    __slots__ = ("_cell", "_index", "_strings")

    def __init__(self, cell: etree._Element, strings: SheetStrings, index: int) -> None:
        self._cell = cell
        self._strings = strings
        self._index = index

    def put(self, text: str) -> None:
        """Make the cell hold a text of its own."""
        self._strings.release(self._index)
        CellText(self._cell).put(text)


class SheetRows:
    """The walk over the rows of one sheet."""

    def __init__(
        self, session: Session, strings: SheetStrings, formats: Formats, sheet: int
    ) -> None:
        self._session = session
        self._flow = session.flow
        self._strings = strings
        self._formats = formats
        self._sheet = sheet
        self._columns: dict[str, int] = {}
        self._formulas = 0

    def walk(self, data: etree._Element) -> None:
        """Add every cell that shows something, and in writing leave nothing else in any."""
        is_writing = self._session.is_writing
        number = -1
        if is_writing:
            data.text = data.tail = None
            for other in [child for child in data if child.tag != _ROW]:
                data.remove(other)
        for row in data.iterchildren(_ROW):
            given = row.get("r", "")
            number = int(given) - 1 if given.isdecimal() else number + 1
            if is_writing:
                _clean_row(row)
            column = -1
            for cell in row:
                if cell.tag != _CELL:
                    continue
                column = column_of(cell.get("r"), column, self._columns)
                self._cell(cell, number, column, is_writing)
        self._session.losses.add("formula", self._formulas)

    def _cell(self, cell: etree._Element, row: int, column: int, is_writing: bool) -> None:
        formula = next(cell.iterchildren(_FORMULA), None)
        if formula is not None:
            self._formulas += 1
            without_formula(cell, formula)
        if is_writing:
            clean_cell(cell)
        held = next(cell.iterchildren(_VALUE, _INLINE), None)
        if held is None:
            return
        kind = cell.get("t")
        if kind == "inlineStr":
            if held.tag == _INLINE:
                self._inline(cell, held, row, column)
            else:
                _empty(cell)
        elif held.tag == _INLINE or not held.text:
            _empty(cell)
        elif kind == "s":
            self._shared(cell, held.text, row, column)
        else:
            text = plain_value(held.text, kind, cell.get("s"), self._formats)
            self._line(text, CellText(cell), row, column)

    def _inline(self, cell: etree._Element, held: etree._Element, row: int, column: int) -> None:
        text = plain_text(held)
        if text is None:
            self._rich(cell, held, row, column, -1)
        else:
            self._line(text, CellText(cell), row, column)

    def _shared(self, cell: etree._Element, raw: str, row: int, column: int) -> None:
        if not raw.isdecimal() or self._strings.item(int(raw)) is None:
            _empty(cell)
            return
        index = int(raw)
        self._strings.use(index)
        text = self._strings.plain(index)
        if text is not None:
            self._line(text, SharedText(cell, self._strings, index), row, column)
            return
        item = self._strings.item(index)
        if item is not None:
            self._rich(cell, item, row, column, index)

    def _rich(
        self, cell: etree._Element, item: etree._Element, row: int, column: int, index: int
    ) -> None:
        def release() -> None:
            if index >= 0:
                self._strings.release(index)

        rich = RichCell(cell, item, release)
        self._flow.begin(Role.CELL, table=self._sheet, row=row, column=column)
        for number, (_, text) in enumerate(runs_of(item)):
            self._flow.piece(text, RichRun(rich, number))
        self._flow.end()

    def _line(self, text: str, place: CellText | SharedText, row: int, column: int) -> None:
        if text:
            self._flow.line(Role.CELL, text, place, table=self._sheet, row=row, column=column)


def plain_text(item: etree._Element) -> str | None:
    """Return the text of a string without runs, None for one with runs."""
    if len(item) == 1 and item[0].tag == _STRING:
        return unescaped(item[0].text or "")
    return None


def _empty(cell: etree._Element) -> None:
    """Leave a cell its place and its style; what it held is of no kind that is read."""
    drop(cell, "t")
    for child in list(cell):
        cell.remove(child)


def _clean_row(row: etree._Element) -> None:
    attributes = row.attrib
    for raw, value in attributes.items():
        if raw not in _ROW_ATTRIBUTES or not _PLAIN.issuperset(str(value).replace(" ", "")):
            del attributes[raw]
    row.text = row.tail = None
    for child in [child for child in row if child.tag != _CELL]:
        row.remove(child)
