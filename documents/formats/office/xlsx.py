"""XLSX: the walk over every part that a workbook keeps. Pages and tables are its sheets."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from documents.formats.model import Role
from documents.formats.office.cells import EscapedTextOf, Formats, runs_of
from documents.formats.office.drawing import describe, drawing_rules, paragraph, theme_rule
from documents.formats.office.number_format import literals_of
from documents.formats.office.ooxml import Part, Rule, Session
from documents.formats.office.sheet_furniture import add_note_shapes, header_footer, tidy_sheet
from documents.formats.office.sheets import SheetRows, SheetStrings
from documents.formats.office.xml import drop, local, parse, q, remove, remove_all, tags

_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml."
MAIN_TYPE: Final = f"{_SHEETS}sheet.main+xml"

_KEPT_IN_MAIN: Final = tags("x:workbookPr x:bookViews x:sheets")
_KEPT_IN_CHARTSHEET: Final = tags(
    "x:sheetPr x:sheetViews x:pageMargins x:pageSetup x:headerFooter x:drawing"
)
_BAD_IN_NAME: Final = re.compile(r"[\[\]:*?/\\]")
_CELLS: Final = re.compile(
    r"(?:'((?:[^']|'')+)'|([\w.]+))!(\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?)"
)
_NAME_LENGTH: Final = 31
# Literals of a format code up to this length are units and currencies.
_LETTERS_OF_A_UNIT: Final = 3


class SheetsWalk:
    """What the parts of one workbook share on a walk."""

    def __init__(self) -> None:
        self._formats = Formats(None, is_1904=False)
        self._strings = SheetStrings(None)
        self._sheets: dict[int, etree._Element] = {}
        self._by_name: dict[str, etree._Element] = {}

    def main_rule(self) -> Rule:
        """Return what is done with the main part."""
        return Rule(self._workbook, MAIN_TYPE, "xl/workbook.xml", 0)

    def rules(self) -> dict[str, Rule]:
        """Return what is done with each kind of part."""
        return {
            "worksheet": Rule(
                self._sheet, f"{_SHEETS}worksheet+xml", "xl/worksheets/sheet{}.xml", 10
            ),
            "chartsheet": Rule(
                self._chartsheet, f"{_SHEETS}chartsheet+xml", "xl/chartsheets/sheet{}.xml", 10
            ),
            "comments": Rule(_comments, f"{_SHEETS}comments+xml", "xl/comments{}.xml", 20),
            "drawing": Rule(
                _drawing,
                "application/vnd.openxmlformats-officedocument.drawing+xml",
                "xl/drawings/drawing{}.xml",
                30,
            ),
            "sharedStrings": Rule(
                self._shared, f"{_SHEETS}sharedStrings+xml", "xl/sharedStrings.xml", 75
            ),
            "styles": Rule(_styles, f"{_SHEETS}styles+xml", "xl/styles.xml", 80),
            "theme": theme_rule("xl/"),
            **drawing_rules("xl/", self._reference),
        }

    def _workbook(self, session: Session, part: Part) -> None:
        """Order the sheets, and read the strings and formats that their cells point to."""
        session.losses.add("name", len(list(part.root.iter(q("x:definedName")))))
        for child in list(part.root):
            if child.tag not in _KEPT_IN_MAIN:
                remove(child)
        properties = part.root.find(q("x:workbookPr"))
        is_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
        for relation in part.children("styles")[:1]:
            styles = parse(session.package.read(relation.target))
            self._formats = Formats(styles, is_1904=is_1904)
        for relation in part.children("sharedStrings")[:1]:
            self._strings = SheetStrings(parse(session.package.read(relation.target)))
        for node in part.root.iter(q("x:workbookView")):
            for name in ("activeTab", "firstSheet"):
                drop(node, name)
        self._keep_sheets(session, part)

    def _keep_sheets(self, session: Session, part: Part) -> None:
        rules = self.rules()
        for number, node in enumerate(list(part.root.iter(q("x:sheet"))), 1):
            relation = part.relations.get(node.get(q("r:id"), ""))
            if relation is None or relation.kind not in {"worksheet", "chartsheet"}:
                remove(node)
                continue
            self._sheets[number] = node
            self._by_name[node.get("name", "").casefold()] = node
            session.keep(relation.target, rules[relation.kind], number)
            if node.get("state", "visible") != "visible":
                _note_once(session, "The workbook has hidden sheets; they are read like others.")

    def _head(self, session: Session, part: Part) -> None:
        """Add the name of a sheet, which stands in the workbook."""
        node = self._sheets.get(part.page)
        if node is not None:
            place = _SheetName(node, self._sheets)
            session.flow.line(Role.HEADING, node.get("name", ""), place, level=1)

    def _sheet(self, session: Session, part: Part) -> None:
        self._head(session, part)
        tidy_sheet(session, part)
        data = part.root.find(q("x:sheetData"))
        if data is not None:
            rows = SheetRows(session, self._strings, self._formats, part.page)
            rows.walk(data)
        header_footer(session.flow, part.root)
        if session.is_writing:
            add_note_shapes(session, part)

    def _reference(self, formula: str) -> str | None:
        """Return a plain reference to cells under the new name of its sheet.

        Sheets are walked before charts, so that names are final by then.
        """
        match = _CELLS.fullmatch(formula)
        if match is None:
            return None
        node = self._by_name.get((match[1] or match[2]).replace("''", "'").casefold())
        if node is None:
            return None
        name = node.get("name", "").replace("'", "''")
        return f"'{name}'!{match[3]}"

    def _chartsheet(self, session: Session, part: Part) -> None:
        self._head(session, part)
        for child in list(part.root):
            if child.tag not in _KEPT_IN_CHARTSHEET:
                remove(child)
        header_footer(session.flow, part.root)

    def _shared(self, session: Session, part: Part) -> None:
        """Empty the strings that no cell points to any more."""
        drop(part.root, "count")
        drop(part.root, "uniqueCount")
        if session.is_writing:
            self._strings.keep_used(part.root)


class _SheetName:
    """The name of a sheet, which has rules of its own."""

    __slots__ = ("_node", "_sheets")

    def __init__(self, node: etree._Element, sheets: dict[int, etree._Element]) -> None:
        self._node = node
        self._sheets = sheets

    def put(self, text: str) -> None:
        """Name the sheet so, as far as a sheet can be, and like no other."""
        plain = _BAD_IN_NAME.sub("_", text).strip("' ") or "Sheet"
        others = {
            node.get("name", "").casefold()
            for node in self._sheets.values()
            if node is not self._node
        }
        name, number = plain[:_NAME_LENGTH], 1
        while name.casefold() in others:
            number += 1
            end = f" ({number})"
            name = plain[: _NAME_LENGTH - len(end)] + end
        self._node.set("name", name)


class _FormatCode:
    """A number format: if anything of its text is hidden, the number is shown plain."""

    __slots__ = ("_node",)

    def __init__(self, node: etree._Element) -> None:
        self._node = node

    def put(self, text: str) -> None:
        """Make it the plain format."""
        self._node.set("formatCode", "General")


def _comments(session: Session, part: Part) -> None:
    for number, node in enumerate(part.root.iter(q("x:author")), 1):
        node.text = f"Author{number}"
    for number, node in enumerate(part.root.iter(q("x:comment")), 1):
        session.flow.head(f"Comment {number} on sheet {part.page}")
        text = node.find(q("x:text"))
        remove_all(node, tags("x:rPh x:phoneticPr x:commentPr"))
        if text is None:
            continue
        session.flow.begin(Role.COMMENT)
        for run, piece in runs_of(text):
            session.flow.piece(piece, EscapedTextOf(run))
        session.flow.end()


def _drawing(session: Session, part: Part) -> None:
    for node in part.root.iter():
        if local(node) == "cNvPr":
            describe(session.flow, node)
        elif node.tag == q("a:p"):
            paragraph(session.flow, node, Role.PARAGRAPH)


def _styles(session: Session, part: Part) -> None:
    """Read the texts of number formats, and give custom styles names that say nothing."""
    remove_all(part.root, tags("x:tableStyles x:extLst"))
    for number, node in enumerate(part.root.iter(q("x:cellStyle")), 1):
        is_normal = node.get("builtinId") == "0"
        node.set("name", "Normal" if is_normal else f"Style {number}")
    session.flow.head("Number formats")
    for node in part.root.iter(q("x:numFmt")):
        code = node.get("formatCode", "")
        if sum(map(str.isalnum, literals_of(code))) > _LETTERS_OF_A_UNIT:
            session.flow.line(Role.FIELD, literals_of(code), _FormatCode(node))


def _note_once(session: Session, sentence: str) -> None:
    if sentence not in session.notes:
        session.notes.append(sentence)
