"""A page's tree as blocks and pieces: what stands where, in the order of reading.

White space is collapsed in the tree itself, so that a piece is exactly the text of a node.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from urllib.parse import unquote

import lxml.html

from documents.formats.model import Role
from documents.formats.plain.html_tree import LINK, TEXT_ATTRIBUTES, as_xml, names
from documents.formats.plain.pieces import Builder, Setter

_SPACE = re.compile(r"[ \t\n\r\f]+")
_INLINE = names(
    "span a b strong i em u s del ins mark small sub sup code kbd samp var q cite abbr dfn "
    "time bdi bdo ruby rt rp wbr font img label input"
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True, slots=True)
class _Place:
    """What a text is, by the elements around it."""

    role: Role = Role.PARAGRAPH
    level: int = 0
    lists: int = 0
    table: int = 0
    row: int = 0
    column: int = 0
    keeps_space: bool = False


class Walk:
    """Adds a page's blocks to a builder: the body, then its title, links and descriptions."""

    def __init__(self, root: lxml.html.HtmlElement, builder: Builder) -> None:
        self._root = root
        self._builder = builder
        self._open: _Place | None = None
        self._has_space = False
        self._has_line_end = False
        self._rows: dict[int, int] = {}
        self.title = ""

    def body(self) -> None:
        """Add what a reader is shown."""
        self._element(self._root, _Place())
        self._break(None)

    def rest(self) -> None:
        """Add the titles, the targets of links and the texts of attributes."""
        for index, title in enumerate(self._root.iter("title")):
            if index == 0:
                self.title = " ".join(str(title.text_content()).split())
                self._builder.part("Title of the page")
            self._element(title, _Place(Role.PROPERTY))
            self._break(None)
        self._links()
        self._descriptions()

    def _element(self, element: lxml.html.HtmlElement, place: _Place) -> None:
        """Add what is in an element. The depth of the tree was checked, so this may recurse."""
        place = self._place_in(element, place)
        is_block = element.tag not in _INLINE
        if is_block:
            self._break(place)
        self._text(element.text, _text_setter(element), place)
        column = 0
        for child in element:
            if child.tag == "br":
                self._line_end(place)
            elif child.tag in {"td", "th"}:
                self._element(child, replace(place, column=column))
                column += int(child.get("colspan") or 1)
            elif child.tag != "title":
                self._element(child, place)
            self._text(child.tail, _tail_setter(child), place)
        if is_block:
            self._break(place)

    def _place_in(self, element: lxml.html.HtmlElement, place: _Place) -> _Place:
        tag = element.tag
        if tag in {"pre", "textarea"}:
            # A line end right after the tag is none of the text.
            element.text = (element.text or "").removeprefix("\n")
            place = replace(place, keeps_space=True)
        if tag == "table":
            return replace(place, table=self._table_number(element))
        if tag == "tr" and place.table:
            self._rows[place.table] += 1
            return replace(place, row=self._rows[place.table])
        if tag in {"td", "th"} and place.table:
            return replace(place, role=Role.CELL, level=0)
        if place.role is Role.CELL:
            return place
        if tag in _HEADINGS:
            return replace(place, role=Role.HEADING, level=_HEADINGS[tag])
        if tag in {"ul", "ol"}:
            return replace(place, lists=place.lists + 1)
        if tag == "li":
            return replace(place, role=Role.ITEM, level=max(place.lists, 1))
        return replace(place, role=Role.CODE, level=0) if place.keeps_space else place

    def _table_number(self, table: lxml.html.HtmlElement) -> int:
        """Return a new number for a table of data, 0 for one that only lays out a page."""
        if next(table.iterdescendants("table"), None) is not None:
            return 0
        if not any(len(row.findall("td") + row.findall("th")) > 1 for row in table.iter("tr")):
            return 0
        number = self._builder.next_table()
        self._rows[number] = -1
        return number

    def _text(self, text: str | None, put: Setter, place: _Place) -> None:
        if not text:
            return
        if place.keeps_space:
            put(text.replace("\r", "\n"))
            self._add(text.replace("\r", "\n"), put, place)
            return
        spaced = _SPACE.sub(" ", text)
        words = spaced.strip(" ")
        is_apart = self._has_space or spaced.startswith(" ")
        if not words:
            put("")
            self._has_space = self._has_space or bool(spaced)
            return
        if is_apart and self._open is not None and not self._has_line_end:
            words = f" {words}"
        put(words)
        self._add(words, put, place)
        self._has_space = spaced.endswith(" ")

    def _add(self, text: str, put: Setter, place: _Place) -> None:
        if self._open is None:
            at = (place.table, place.row, place.column) if place.role is Role.CELL else (0, 0, 0)
            self._builder.open(place.role, level=place.level, table=at[0], row=at[1], column=at[2])
            self._open = place
        elif self._has_line_end:
            self._builder.add("\n")
        self._has_line_end = self._has_space = False
        self._builder.add(text, put)

    def _line_end(self, place: _Place) -> None:
        """Begin a line; after an empty line a block."""
        if self._has_line_end:
            self._break(place)
        self._has_line_end = self._open is not None

    def _break(self, place: _Place | None) -> None:
        """End the block, or within a cell the line."""
        self._has_space = False
        is_same_cell = (
            self._open is not None
            and place is not None
            and self._open.role is place.role is Role.CELL
            and (self._open.table, self._open.row, self._open.column)
            == (place.table, place.row, place.column)
        )
        if is_same_cell:
            self._has_line_end = True
            return
        self._builder.close()
        self._open = None
        self._has_line_end = False

    def _links(self) -> None:
        holders: dict[str, list[lxml.html.HtmlElement]] = defaultdict(list)
        for element in self._root.iter("a"):
            if target := as_xml(element.get(LINK) or "").strip():
                holders[_readable(target)].append(element)
        self._builder.part("Links")
        for target, elements in holders.items():
            self._builder.block(Role.FIELD, target, _Remover(elements))
        self._builder.part("")

    def _descriptions(self) -> None:
        holders: dict[str, list[tuple[lxml.html.HtmlElement, str]]] = defaultdict(list)
        for element in self._root.iter():
            for name in element.attrib:
                if name in TEXT_ATTRIBUTES and (value := element.get(name)):
                    holders[value].append((element, name))
        self._builder.part("Descriptions")
        for value, places in holders.items():
            self._builder.block(Role.FIELD, value, _AttributeSetter(places))
        self._builder.part("")


@dataclass(frozen=True, slots=True)
class _Remover:
    """Takes a link's target away: half of an address is none."""

    elements: list[lxml.html.HtmlElement]

    def __call__(self, new: str) -> None:
        for element in self.elements:
            element.attrib.pop(LINK, None)


@dataclass(frozen=True, slots=True)
class _AttributeSetter:
    places: list[tuple[lxml.html.HtmlElement, str]]

    def __call__(self, new: str) -> None:
        for element, name in self.places:
            element.set(name, as_xml(new))


def _text_setter(element: lxml.html.HtmlElement) -> Setter:
    def put(new: str) -> None:
        element.text = as_xml(new)

    return put


def _tail_setter(element: lxml.html.HtmlElement) -> Setter:
    def put(new: str) -> None:
        element.tail = as_xml(new)

    return put


def _readable(target: str) -> str:
    """Return a link's target with its escapes resolved, where that gives plain characters."""
    plain = unquote(target)
    return plain if plain.isprintable() and "\ufffd" not in plain else target
