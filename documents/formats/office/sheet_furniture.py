"""What a sheet has besides cells: headers and footers, rules of format, notes, settings."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from documents.formats.model import Role
from documents.formats.office.flow import Flow
from documents.formats.office.ooxml import Part, Session
from documents.formats.office.opc import RELATION_TYPE, Relation
from documents.formats.office.xml import drop, parse, q, remove, tags

_KEPT: Final = tags(
    "x:sheetPr x:dimension x:sheetViews x:sheetFormatPr x:cols x:sheetData x:autoFilter "
    "x:mergeCells x:conditionalFormatting x:hyperlinks x:printOptions x:pageMargins x:pageSetup "
    "x:headerFooter x:rowBreaks x:colBreaks x:drawing"
)
# Rules of format that quote neither text nor cells.
_PLAIN_RULES: Final = frozenset(
    {
        "colorScale",
        "dataBar",
        "iconSet",
        "top10",
        "aboveAverage",
        "duplicateValues",
        "uniqueValues",
    }
)
_NUMBER: Final = re.compile(r"-?[\d.]+")
_FOOTERS: Final = frozenset({"oddFooter", "evenFooter", "firstFooter"})
_PARTS: Final = tags(
    "x:oddHeader x:oddFooter x:evenHeader x:evenFooter x:firstHeader x:firstFooter"
)
_CODE: Final = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f+-]{6}|\d{1,3}|[A-Za-z&+-])')
# Where a line begins anew: left, middle, right.
_SECTIONS: Final = frozenset({"&L", "&C", "&R", "&l", "&c", "&r"})
_NOTE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;'
    'visibility:hidden" fillcolor="#ffffe1"><v:textbox/><x:ClientData ObjectType="Note">'
    "<x:Anchor>{column}, 15, {row}, 2, {right}, 15, {bottom}, 4</x:Anchor>"
    "<x:Row>{row}</x:Row><x:Column>{left}</x:Column></x:ClientData></v:shape>"
)
_NOTES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="1"/></o:shapelayout><v:shapetype id="_x0000_t202" '
    'coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"/>{shapes}</xml>'
)
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def tidy_sheet(session: Session, part: Part) -> None:
    """Take out what is not shown, or quotes cells by formulas."""
    root = part.root
    session.losses.add("validation", len(list(root.iter(q("x:dataValidation")))))
    for child in [child for child in root if child.tag not in _KEPT]:
        remove(child)
    for child in root.findall(q("x:autoFilter")):
        for inner in list(child):
            remove(inner)
    for node in list(root.iter(q("x:cfRule"))):
        if not _is_plain_rule(node):
            remove(node)
    for node in root.findall(q("x:conditionalFormatting")):
        if len(node) == 0:
            remove(node)
    links = root.find(q("x:hyperlinks"))
    if links is not None:
        for link in [link for link in links if not link.get(q("r:id"))]:
            remove(link)
        for link in links:
            for name in ("location", "display", "tooltip"):
                drop(link, name)
        if len(links) == 0:
            remove(links)
    if _hides_rows(root):
        sentence = "Some sheets have hidden rows or columns; they are read like others."
        if sentence not in session.notes:
            session.notes.append(sentence)


def _is_plain_rule(node: etree._Element) -> bool:
    if any(not _NUMBER.fullmatch(formula.text or "") for formula in node.iter(q("x:formula"))):
        return False
    return node.get("type") in _PLAIN_RULES or node.get("type") == "cellIs"


def _hides_rows(root: etree._Element) -> bool:
    hidden = {"1", "true"}
    columns = root.iterfind(f"{q('x:cols')}/{q('x:col')}")
    if any(column.get("hidden") in hidden for column in columns):
        return True
    rows = root.iterfind(f"{q('x:sheetData')}/{q('x:row')}")
    return any(row.get("hidden") in hidden for row in rows)


def header_footer(flow: Flow, root: etree._Element) -> None:
    """Add the headers and footers of a sheet, without the codes between their texts."""
    parent = root.find(q("x:headerFooter"))
    if parent is None:
        return
    for node in parent.iter(*_PARTS):
        text = _CodedText(node)
        is_footer = node.tag.rpartition("}")[2] in _FOOTERS
        role = Role.FOOTER if is_footer else Role.HEADER
        flow.head("Footer" if is_footer else "Header")
        flow.begin(role)
        for index, piece in enumerate(text.pieces):
            if piece in _SECTIONS:
                flow.end()
                flow.begin(role)
            elif not _CODE.fullmatch(piece):
                flow.piece(piece, _CodedPiece(text, index))
            elif piece == "&&":
                flow.piece("&", _CodedPiece(text, index))
        flow.end()


class _CodedText:
    """A header or footer: texts, and codes such as "&P" for the number of the page."""

    def __init__(self, node: etree._Element) -> None:
        self._node = node
        self.pieces: list[str] = []
        done = 0
        raw = node.text or ""
        for match in _CODE.finditer(raw):
            self._add(raw[done : match.start()])
            # Fonts are dropped since their names are text, pictures since they are not kept.
            if not match[0].startswith('&"') and match[0] not in {"&G", "&g"}:
                self.pieces.append(match[0])
            done = match.end()
        self._add(raw[done:])
        self._write()

    def put(self, index: int, text: str) -> None:
        """Let one piece be this text."""
        self.pieces[index] = text.replace("&", "&&")
        self._write()

    def _add(self, text: str) -> None:
        if text:
            self.pieces.append(text)

    def _write(self) -> None:
        self._node.text = "".join(self.pieces)


class _CodedPiece:
    """One piece of such a text."""

    __slots__ = ("_index", "_text")

    def __init__(self, text: _CodedText, index: int) -> None:
        self._text = text
        self._index = index

    def put(self, text: str) -> None:
        """Let the piece be this text."""
        self._text.put(self._index, text)


def add_note_shapes(session: Session, part: Part) -> None:
    """Draw the boxes in which Excel shows the notes of cells; the old ones are not kept."""
    shapes = []
    for relation in part.children("comments"):
        root = parse(session.package.read(relation.target))
        for number, node in enumerate(root.iter(q("x:comment")), 1025):
            match = _CELL.fullmatch(node.get("ref", ""))
            if match is not None:
                shapes.append(_shape(number, match[1], int(match[2])))
    if not shapes:
        return
    content = _NOTES.format(shapes="".join(shapes)).encode()
    kind = "application/vnd.openxmlformats-officedocument.vmlDrawing"
    name = session.add_part("xl/drawings/vmlDrawing{}.vml", kind, content)
    part.relations["rIdNotes"] = Relation(
        "rIdNotes", "vmlDrawing", RELATION_TYPE + "vmlDrawing", name, False
    )
    etree.SubElement(part.root, q("x:legacyDrawing")).set(q("r:id"), "rIdNotes")


def _shape(number: int, letters: str, row: int) -> str:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return _NOTE.format(
        number=number,
        left=column - 1,
        column=column,
        right=column + 2,
        row=row - 1,
        bottom=row + 3,
    )
