"""The walk over the paragraphs of an ODT: text stands in elements and between them."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from lxml import etree

from documents.formats.model import Role
from documents.formats.office.flow import Flow
from documents.formats.office.odt_names import PLAIN_ANCHOR, o, os
from documents.formats.office.xml import AttributeOf, TailOf, TextOf, remove

_PARAGRAPHS: Final = os("text:p text:h")
_SIGNS: Final = {o("text:tab"): "\t", o("text:line-break"): "\n"}
_SPACES: Final = o("text:s")
_LATER: Final = os("text:note office:annotation text:ruby-text")
_DESCRIPTIONS: Final = os("svg:title svg:desc")
_HEADERS: Final = os(
    "style:header style:header-left style:header-first style:footer style:footer-left "
    "style:footer-first"
)
_LINKS: Final = os("text:a draw:a")
_MOST_SPACES: Final = 10_000


class TextWalk:
    """What the two parts of a document share on a walk."""

    def __init__(self, flow: Flow, styles: etree._Element | None) -> None:
        self._flow = flow
        self._tables = 0
        self._comments = 0
        self._headings: dict[str, int] = {}
        for node in styles.iter(o("style:style")) if styles is not None else ():
            level = node.get(o("style:default-outline-level"), "")
            if level.isdecimal():
                self._headings[node.get(o("style:name"), "")] = min(int(level), 6)

    def content(self, root: etree._Element) -> None:
        """Read the body."""
        for body in root.iter(o("office:text")):
            self._blocks(body, Role.PARAGRAPH, 0)

    def page_styles(self, root: etree._Element) -> None:
        """Read the headers and footers of page styles, and texts of lists and numbers."""
        for node in root.iter(*_HEADERS):
            is_header = "header" in node.tag
            self._flow.head("Header" if is_header else "Footer")
            self._blocks(node, Role.HEADER if is_header else Role.FOOTER, 0)

    def links(self, root: etree._Element) -> None:
        """Add the addresses that links lead to."""
        by_target: dict[str, list[etree._Element]] = {}
        for node in root.iter(*_LINKS):
            target = node.get(o("xlink:href"), "")
            if target.startswith("#"):
                if not PLAIN_ANCHOR.fullmatch(target[1:].partition("|")[0]):
                    node.set(o("xlink:href"), "#")
            elif target:
                by_target.setdefault(target, []).append(node)
        self._flow.head("Link targets")
        for target, nodes in by_target.items():
            self._flow.line(Role.FIELD, unquote(target), _Links(nodes))
        self._flow.head("Numbers of paragraphs")
        for node in root.iter():
            for name in ("style:num-prefix", "style:num-suffix"):
                text = node.get(o(name), "")
                if sum(map(str.isalnum, text)) > 2:
                    self._flow.line(Role.FIELD, text, AttributeOf(node, o(name)))
        self._flow.head("")

    def _blocks(self, node: etree._Element, role: Role, depth: int) -> None:
        for child in node:
            if child.tag in _PARAGRAPHS:
                self._paragraph(child, role, depth)
            elif child.tag == o("text:list"):
                self._blocks(child, role, depth + 1)
            elif child.tag == o("table:table"):
                self._table(child)
            elif child.tag in _DESCRIPTIONS:
                self._flow.line(Role.PICTURE, child.text or "", TextOf(child))
            else:
                self._blocks(child, role, depth)

    def _table(self, table: etree._Element) -> None:
        self._tables += 1
        number = self._tables
        rows = table.iter(o("table:table-row"))
        own = (row for row in rows if _table_of(row) is table)
        for index, row in enumerate(own):
            column = 0
            for cell in row.iterchildren(*os("table:table-cell table:covered-table-cell")):
                self._cell(cell, number, index, column)
                repeated = cell.get(o("table:number-columns-repeated"), "1")
                column += int(repeated) if repeated.isdecimal() and len(repeated) < 6 else 1
        for child in table:
            if child.tag in _DESCRIPTIONS:
                self._flow.line(Role.PICTURE, child.text or "", TextOf(child))

    def _cell(self, node: etree._Element, table: int, row: int, column: int) -> None:
        for child in node:
            if child.tag in _PARAGRAPHS:
                self._paragraph(child, Role.CELL, 0, table=table, row=row, column=column)
            elif child.tag == o("table:table"):
                self._table(child)
            else:
                self._cell(child, table, row, column)

    def _paragraph(
        self,
        node: etree._Element,
        role: Role,
        depth: int,
        *,
        table: int = 0,
        row: int = 0,
        column: int = 0,
    ) -> None:
        level = 0
        if role is Role.PARAGRAPH:
            level = self._heading(node)
            role = Role.HEADING if level else Role.PARAGRAPH
            if not level and depth:
                role, level = Role.ITEM, depth
        later: list[etree._Element] = []
        self._flow.begin(role, level=level, table=table, row=row, column=column)
        self._inline(node, later)
        self._flow.end()
        for found in later:
            self._hanging(found)

    def _heading(self, node: etree._Element) -> int:
        if node.tag == o("text:h"):
            level = node.get(o("text:outline-level"), "1")
            return min(int(level), 6) if level.isdecimal() and level != "0" else 1
        style = node.get(o("text:style-name"), "")
        if style in {"Title", "Subtitle"}:
            return 1 if style == "Title" else 2
        return self._headings.get(style, 0)

    def _inline(self, node: etree._Element, later: list[etree._Element]) -> None:
        if node.text:
            self._flow.piece(node.text, TextOf(node))
        for child in node:
            tag = child.tag
            if tag in _SIGNS:
                self._flow.piece(_SIGNS[tag], _Sign(child))
            elif tag == _SPACES:
                count = child.get(o("text:c"), "1")
                wide = int(count) if count.isdecimal() and len(count) < 6 else 1
                self._flow.piece(" " * min(wide, _MOST_SPACES), _Sign(child))
            elif tag in _LATER or _is_drawing(child):
                later.append(child)
            elif tag in _PARAGRAPHS:
                self._flow.piece("\n", None)
                self._inline(child, later)
            else:
                self._inline(child, later)
            if child.tail:
                self._flow.piece(child.tail, TailOf(child))

    def _hanging(self, node: etree._Element) -> None:
        """Add what hangs on a paragraph: a note, a comment, a reading, a frame."""
        if node.tag == o("text:note"):
            self._flow.head("Note")
            self._blocks(node, Role.NOTE, 0)
        elif node.tag == o("office:annotation"):
            self._comments += 1
            for child in list(node):
                if child.tag.rpartition("}")[2] in _WHO:
                    remove(child)
            self._flow.head(f"Comment {self._comments}")
            self._blocks(node, Role.COMMENT, 0)
        elif node.tag == o("text:ruby-text"):
            later: list[etree._Element] = []
            self._flow.begin(Role.NOTE)
            self._inline(node, later)
            self._flow.end()
        else:
            self._blocks(node, Role.PARAGRAPH, 0)


_WHO: Final = frozenset({"creator", "date", "date-string", "creator-initials", "sender-initials"})


def _is_drawing(node: etree._Element) -> bool:
    return node.tag.startswith((o("draw:a")[:-1], o("dr3d:x")[:-1]))


def _table_of(row: etree._Element) -> etree._Element | None:
    return next(row.iterancestors(o("table:table")), None)


class _Sign:
    """An element that stands for spaces, a tab or a line end."""

    __slots__ = ("_node",)

    def __init__(self, node: etree._Element) -> None:
        self._node = node

    def put(self, text: str) -> None:
        """Become a stretch of text, which may be empty."""
        self._node.tag = o("text:span")
        self._node.attrib.clear()
        self._node.text = text


class _Links:
    """Links to one address: if anything of it is hidden, they lead nowhere."""

    __slots__ = ("_nodes",)

    def __init__(self, nodes: list[etree._Element]) -> None:
        self._nodes = nodes

    def put(self, text: str) -> None:
        """Let them lead to the top of the document."""
        for node in self._nodes:
            node.set(o("xlink:href"), "#")
