"""DOCX: the walk over every part that a Word document keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lxml import etree

from documents.formats.model import Role
from documents.formats.office.drawing import describe, drawing_rules, paragraph, theme_rule
from documents.formats.office.flow import Flow
from documents.formats.office.ooxml import Part, Rule, Session
from documents.formats.office.word_styles import (
    Styles,
    clean_styles,
    follow_ids,
    list_depth,
    outline_level,
)
from documents.formats.office.word_tidy import rename_bookmarks, tidy_word
from documents.formats.office.xml import (
    AttributeOf,
    SignOf,
    TextOf,
    drop,
    local,
    parse,
    q,
    remove,
    tags,
)

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
MAIN_TYPE: Final = f"{_WORD}document.main+xml"

_PARAGRAPH: Final = q("w:p")
_TABLE: Final = q("w:tbl")
_TEXT: Final = tags("w:t m:t")
# Elements that stand for a sign.
_SIGNS: Final = {
    q("w:tab"): "\t",
    q("w:ptab"): "\t",
    q("w:br"): "\n",
    q("w:cr"): "\n",
    q("w:noBreakHyphen"): "-",
}
_SYMBOL: Final = q("w:sym")
_GRAPHICS: Final = tags("w:drawing w:pict w:object")
_RUBY: Final = q("w:ruby")
# Properties: no text in them.
_SKIPPED: Final = tags("w:pPr w:rPr w:sectPr w:tblPr w:tblGrid w:trPr w:tcPr w:tblPrEx w:instrText")
_NOTES: Final = tags("w:footnote w:endnote")
_SETTINGS: Final = tags(
    "w:zoom w:removePersonalInformation w:embedSystemFonts w:mirrorMargins w:gutterAtTop "
    "w:defaultTabStop w:autoHyphenation w:consecutiveHyphenLimit w:hyphenationZone "
    "w:evenAndOddHeaders w:bookFoldPrinting w:drawingGridHorizontalSpacing "
    "w:drawingGridVerticalSpacing w:characterSpacingControl w:footnotePr w:endnotePr w:compat "
    "w:displayBackgroundShape w:themeFontLang w:clrSchemeMapping w:decimalSymbol w:listSeparator"
)
_FONT_PARTS: Final = tags("w:embedRegular w:embedBold w:embedItalic w:embedBoldItalic")


class WordWalk:
    """What the parts of one document share on a walk."""

    def __init__(self) -> None:
        self._styles = Styles(None)
        self._bookmarks: dict[str, str] = {}
        self._authors: dict[str, int] = {}
        self._tables = 0

    def main_rule(self) -> Rule:
        """Return what is done with the main part."""
        return Rule(self._document, MAIN_TYPE, "word/document.xml", 0)

    def rules(self) -> dict[str, Rule]:
        """Return what is done with each kind of part."""
        story = self._story
        return {
            "header": Rule(story("Header", Role.HEADER), f"{_WORD}header+xml", _name("header"), 10),
            "footer": Rule(story("Footer", Role.FOOTER), f"{_WORD}footer+xml", _name("footer"), 11),
            "footnotes": Rule(
                self._notes("Footnote"), f"{_WORD}footnotes+xml", "word/footnotes.xml", 12
            ),
            "endnotes": Rule(
                self._notes("Endnote"), f"{_WORD}endnotes+xml", "word/endnotes.xml", 13
            ),
            "comments": Rule(self._comments, f"{_WORD}comments+xml", "word/comments.xml", 14),
            "numbering": Rule(self._numbering, f"{_WORD}numbering+xml", "word/numbering.xml", 70),
            "styles": Rule(self._style_part, f"{_WORD}styles+xml", "word/styles.xml", 80),
            "settings": Rule(_settings, f"{_WORD}settings+xml", "word/settings.xml", 81),
            "fontTable": Rule(_fonts, f"{_WORD}fontTable+xml", "word/fontTable.xml", 82),
            "theme": theme_rule("word/"),
            **drawing_rules("word/"),
        }

    def _document(self, session: Session, part: Part) -> None:
        for relation in part.children("styles")[:1]:
            self._styles = Styles(parse(session.package.read(relation.target)))
        self._tidy(session, part)
        body = part.root.find(q("w:body"))
        if body is not None:
            self._blocks(session.flow, body, Role.PARAGRAPH)
        background = part.root.find(q("w:background"))
        if background is not None:
            self._graphic(session.flow, background)

    def _tidy(self, session: Session, part: Part) -> None:
        tidy_word(part.root, session.losses)
        rename_bookmarks(part.root, self._bookmarks)
        follow_ids(part.root, self._styles)

    def _story(self, title: str, role: Role) -> Callable[[Session, Part], None]:
        def walk(session: Session, part: Part) -> None:
            self._tidy(session, part)
            session.flow.head(title)
            self._blocks(session.flow, part.root, role)

        return walk

    def _notes(self, title: str) -> Callable[[Session, Part], None]:
        def walk(session: Session, part: Part) -> None:
            self._tidy(session, part)
            for node in part.root.iter(*_NOTES):
                session.flow.head(f"{title} {node.get(q('w:id'), '')}".strip()[:40])
                self._blocks(session.flow, node, Role.NOTE)

        return walk

    def _comments(self, session: Session, part: Part) -> None:
        self._tidy(session, part)
        for number, node in enumerate(part.root.iter(q("w:comment")), 1):
            session.flow.head(f"Comment {number}")
            self._blocks(session.flow, node, Role.COMMENT)
            author = node.get(q("w:author"), "")
            index = self._authors.setdefault(author, len(self._authors) + 1)
            node.set(q("w:author"), f"Author{index}")
            node.set(q("w:initials"), f"A{index}")
            drop(node, q("w:date"))

    def _numbering(self, session: Session, part: Part) -> None:
        """Read what numbers of paragraphs are made of: "Article %1"."""
        tidy_word(part.root, session.losses)
        follow_ids(part.root, self._styles)
        for node in list(part.root.iter(*tags("w:name w:nsid w:tmpl"))):
            remove(node)
        session.flow.head("Numbers of paragraphs")
        for node in part.root.iter(q("w:lvlText")):
            text = node.get(q("w:val"), "")
            if sum(char.isalnum() for char in text.replace("%", "")) > 2:
                session.flow.line(Role.FIELD, text, AttributeOf(node, q("w:val")))
        for node in part.root.iter(q("w:numPicBullet")):
            self._graphic(session.flow, node)

    def _style_part(self, session: Session, part: Part) -> None:
        tidy_word(part.root, session.losses)
        clean_styles(part.root, self._styles)
        follow_ids(part.root, self._styles)

    def _blocks(self, flow: Flow, node: etree._Element, role: Role) -> None:
        for child in node:
            if child.tag == _PARAGRAPH:
                self._paragraph(flow, child, role)
            elif child.tag == _TABLE:
                self._table(flow, child)
            elif child.tag not in _SKIPPED:
                self._blocks(flow, child, role)

    def _table(self, flow: Flow, table: etree._Element) -> None:
        self._tables += 1
        number = self._tables
        for row, tr in enumerate(table.iterchildren(q("w:tr"))):
            column = 0
            for tc in tr.iterchildren(q("w:tc")):
                self._cell(flow, tc, number, row, column)
                column += _span_of(tc)
        for node in table.iterchildren(q("w:tblPr")):
            for text in node.iterchildren(*tags("w:tblCaption w:tblDescription")):
                value = text.get(q("w:val"), "")
                flow.line(Role.PICTURE, value, AttributeOf(text, q("w:val")))

    def _cell(self, flow: Flow, cell: etree._Element, table: int, row: int, column: int) -> None:
        for child in cell:
            if child.tag == _PARAGRAPH:
                self._paragraph(flow, child, Role.CELL, table=table, row=row, column=column)
            elif child.tag == _TABLE:
                self._table(flow, child)
            elif child.tag not in _SKIPPED:
                self._cell(flow, child, table, row, column)

    def _paragraph(
        self,
        flow: Flow,
        node: etree._Element,
        role: Role,
        *,
        table: int = 0,
        row: int = 0,
        column: int = 0,
    ) -> None:
        """Add a paragraph as one block; what hangs on it (text boxes, readings) comes after."""
        level = 0
        if role is Role.PARAGRAPH:
            role, level = self._kind_of(node)
        later: list[etree._Element] = []
        flow.begin(role, level=level, table=table, row=row, column=column)
        _inline(flow, node, later)
        flow.end()
        readings = [found for found in later if found.tag == q("w:rt")]
        if readings:
            flow.begin(Role.NOTE)
            for reading in readings:
                _inline(flow, reading, later)
            flow.end()
        for found in later:
            if found.tag in _GRAPHICS:
                self._graphic(flow, found)

    def _kind_of(self, node: etree._Element) -> tuple[Role, int]:
        properties = node.find(q("w:pPr"))
        named = properties.find(q("w:pStyle")) if properties is not None else None
        name = named.get(q("w:val"), "") if named is not None else ""
        style = self._styles.of_new(name)
        heading = outline_level(properties) or style.heading
        if heading:
            return Role.HEADING, heading
        item = list_depth(properties) or style.item
        return (Role.ITEM, item) if item else (Role.PARAGRAPH, 0)

    def _graphic(self, flow: Flow, node: etree._Element) -> None:
        """Add what a drawing says: its description, and the paragraphs of its text boxes."""
        if node.tag == q("w:txbxContent"):
            self._blocks(flow, node, Role.PARAGRAPH)
            return
        if node.tag == q("a:p"):
            paragraph(flow, node, Role.PARAGRAPH)
            return
        if local(node) in {"docPr", "cNvPr"}:
            describe(flow, node)
        if node.tag == q("v:textpath") and node.get("string"):
            flow.line(Role.PICTURE, node.get("string", ""), AttributeOf(node, "string"))
        for child in node:
            self._graphic(flow, child)


def _inline(flow: Flow, node: etree._Element, later: list[etree._Element]) -> None:
    """Add the text of a paragraph's runs, whatever wraps them."""
    for child in node:
        tag = child.tag
        if tag in _TEXT:
            flow.piece(child.text or "", TextOf(child))
        elif tag in _SIGNS:
            flow.piece(_SIGNS[tag], SignOf(child, q("w:t")))
        elif tag == _SYMBOL:
            flow.piece(_symbol(child), SignOf(child, q("w:t")))
        elif tag in _GRAPHICS or tag == q("w:rt"):
            later.append(child)
        elif tag not in _SKIPPED:
            _inline(flow, child, later)


def _symbol(node: etree._Element) -> str:
    """Return the sign of a w:sym; symbol fonts keep ASCII in the private area from F000."""
    try:
        code = int(node.get(q("w:char"), ""), 16)
    except ValueError:
        return "?"
    if 0xF020 <= code < 0xF0FF:
        code -= 0xF000
    is_sign = 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000
    return chr(code) if is_sign else "?"


def _span_of(cell: etree._Element) -> int:
    span = cell.find(f"{q('w:tcPr')}/{q('w:gridSpan')}")
    value = span.get(q("w:val"), "") if span is not None else ""
    return int(value) if value.isdecimal() and 0 < int(value) < 100 else 1


def _settings(session: Session, part: Part) -> None:
    """Keep the settings that change how the document looks."""
    if part.root.find(q("w:mailMerge")) is not None:
        session.losses.add("mail merge")
    for child in list(part.root):
        if child.tag not in _SETTINGS:
            remove(child)
    tidy_word(part.root, session.losses)


def _fonts(session: Session, part: Part) -> None:
    """Keep the names of fonts, and none of the fonts themselves."""
    for node in list(part.root.iter(*_FONT_PARTS)):
        remove(node)


def _name(stem: str) -> str:
    return f"word/{stem}{{}}.xml"
