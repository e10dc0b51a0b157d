"""Cells of a sheet: what each shows, and how one is made to hold a text instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Final

from lxml import etree

from documents.formats.office.guard import guard
from documents.formats.office.number_format import BUILT_IN, BUILT_IN_DATES, displayed
from documents.formats.office.xml import TextOf, q, remove_all, tags

_VALUE: Final = q("x:v")
_FORMULA: Final = q("x:f")
_INLINE: Final = q("x:is")
_STRING: Final = q("x:t")
_READING: Final = tags("x:rPh x:phoneticPr")
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_CELL_ATTRIBUTES: Final = frozenset({"r", "s", "t"})
_TYPES: Final = frozenset({"b", "d", "e", "inlineStr", "n", "s", "str"})


def unescaped(text: str) -> str:
    """Return a text of a sheet with the signs that it writes as _x0041_."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda match: _sign(match[0], int(match[1], 16)), text)


def escaped(text: str) -> str:
    """Return a text as a sheet writes it, so that nothing in it reads as an escaped sign."""
    return _ESCAPE.sub(lambda match: "_x005F" + match[0], text)


def _sign(written: str, code: int) -> str:
    return written if 0xD800 <= code < 0xE000 or code == 0 else chr(code)


class EscapedTextOf:
    """The text of an element of a sheet."""

    __slots__ = ("_node",)

    def __init__(self, node: etree._Element) -> None:
        self._node = node

    def put(self, text: str) -> None:
        """Let the element hold this text."""
        TextOf(self._node).put(escaped(text))


class CellText:
    """A whole cell, shown as one piece."""

    __slots__ = ("_cell",)

    def __init__(self, cell: etree._Element) -> None:
        self._cell = cell

    def put(self, text: str) -> None:
        """Make the cell hold a text, whatever it held."""
        held = _emptied(self._cell)
        EscapedTextOf(etree.SubElement(held, _STRING)).put(text)


class RichCell:
    """A cell whose text has runs, of which it gets a copy of its own when one changes."""

    __slots__ = ("_cell", "_copies", "_source", "release")

    def __init__(
        self, cell: etree._Element, source: etree._Element, release: Callable[[], None]
    ) -> None:
        self._cell = cell
        self._source = source
        self._copies: list[etree._Element] = []
        self.release = release

    def put(self, index: int, text: str) -> None:
        """Change one run."""
        if not self._copies:
            copy = deepcopy(self._source)
            remove_all(copy, _READING)
            held = _emptied(self._cell)
            held.extend(list(copy))
            self._copies = text_nodes(held)
            self.release()
        EscapedTextOf(self._copies[index]).put(text)


class RichRun:
    """One run of such a cell."""

    __slots__ = ("_index", "_rich")

    def __init__(self, rich: RichCell, index: int) -> None:
        self._rich = rich
        self._index = index

    def put(self, text: str) -> None:
        """Change this run."""
        self._rich.put(self._index, text)


def _emptied(cell: etree._Element) -> etree._Element:
    for child in list(cell):
        cell.remove(child)
    cell.set("t", "inlineStr")
    return etree.SubElement(cell, _INLINE)


def text_nodes(item: etree._Element) -> list[etree._Element]:
    """Return the nodes of a string's text, without the readings of its signs."""
    if len(item) == 1 and item[0].tag == _STRING:
        return [item[0]]
    return [
        node for node in item.iter(_STRING) if next(node.iterancestors(q("x:rPh")), None) is None
    ]


class Formats:
    """Number formats by the index of a cell's style."""

    def __init__(self, styles: etree._Element | None, *, is_1904: bool) -> None:
        self._is_1904 = is_1904
        codes = dict(BUILT_IN)
        self._codes: list[str] = []
        if styles is None:
            return
        for node in styles.iter(q("x:numFmt")):
            number = node.get("numFmtId", "")
            if number.isdecimal():
                codes[int(number)] = node.get("formatCode", "General")
        codes |= {number: "yyyy-mm-dd" for number in BUILT_IN_DATES if number not in codes}
        for node in styles.iterfind(f"{q('x:cellXfs')}/{q('x:xf')}"):
            number = node.get("numFmtId", "0")
            self._codes.append(codes.get(int(number), "General") if number.isdecimal() else "")

    def shown(self, raw: str, style: str | None) -> str:
        """Return a number as a cell of a style shows it."""
        index = int(style) if style is not None and style.isdecimal() else 0
        code = self._codes[index] if index < len(self._codes) else "General"
        return displayed(raw, code, is_1904=self._is_1904)


def column_of(reference: str | None, previous: int, known: dict[str, int]) -> int:
    """Return a cell's column from 0; a cell without a reference follows the previous one."""
    match = _REFERENCE.fullmatch(reference) if reference else None
    if match is None:
        return previous + 1
    letters = match[1]
    found = known.get(letters)
    if found is None:
        found = 0
        for letter in letters.upper():
            found = found * 26 + ord(letter) - 64
        known[letters] = found
    return found - 1


def without_formula(cell: etree._Element, formula: etree._Element) -> None:
    """Take a cell's formula out. One whose value was never calculated stays as text."""
    value = cell.find(_VALUE)
    text = formula.text or ""
    cell.remove(formula)
    if text and (value is None or not value.text) and cell.find(_INLINE) is None:
        CellText(cell).put(f"={text}")


def plain_value(raw: str, kind: str | None, style: str | None, formats: Formats) -> str:
    """Return what a cell without a shared or inline string shows. raw: its value as written."""
    if kind is None or kind == "n":
        return formats.shown(raw, style)
    if kind == "b":
        return {"1": "TRUE", "0": "FALSE"}.get(raw, raw)
    return unescaped(raw)


def clean_cell(cell: etree._Element) -> None:
    """Leave nothing in a cell but its place, its style, its type and its value."""
    attributes = cell.attrib
    for raw in list(attributes) if len(attributes) > 3 else attributes.keys():
        if raw not in _CELL_ATTRIBUTES:
            del attributes[raw]
    reference, style, kind = cell.get("r"), cell.get("s"), cell.get("t")
    if reference is not None and not _REFERENCE.fullmatch(reference):
        del attributes["r"]
    if style is not None and not style.isdecimal():
        del attributes["s"]
    if kind is not None and kind not in _TYPES:
        attributes["t"] = "str"
    # The walk reads one of the two, the same that stays here.
    held = next(cell.iterchildren(_VALUE, _INLINE), None)
    for child in list(cell):
        if child is not held:
            cell.remove(child)
        elif child.tag == _INLINE:
            _clean_inline(child)
        elif len(child) or child.attrib:
            _clean_value(child)
        child.tail = None
    cell.text = cell.tail = None


def _clean_inline(held: etree._Element) -> None:
    remove_all(held, _READING)
    is_plain = len(held) == 1 and held[0].tag == _STRING and not len(held[0])
    if not is_plain or held.text or held.attrib:
        guard(held)


def _clean_value(value: etree._Element) -> None:
    for child in list(value):
        value.remove(child)
    value.attrib.clear()


def runs_of(item: etree._Element) -> Sequence[tuple[etree._Element, str]]:
    """Return a string's nodes, each with its text."""
    return [(node, unescaped(node.text or "")) for node in text_nodes(item)]
