"""PPTX: the walk over every part that a presentation keeps. Pages are slides."""

from __future__ import annotations

from typing import Final

from lxml import etree

from documents.formats.model import Role
from documents.formats.office.drawing import (
    cell_of,
    describe,
    drawing_rules,
    paragraph,
    theme_rule,
)
from documents.formats.office.flow import Flow
from documents.formats.office.ooxml import Part, Rule, Session
from documents.formats.office.xml import TextOf, drop, local, q, remove, remove_all, tags

_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml."
MAIN_TYPE: Final = f"{_SLIDES}presentation.main+xml"

_KEPT_IN_MAIN: Final = tags(
    "p:sldMasterIdLst p:notesMasterIdLst p:sldIdLst p:sldSz p:notesSz p:defaultTextStyle"
)
_GONE: Final = tags(
    "p:custDataLst p:controls p:extLst p:hf a:audioCd a:wavAudioFile a:audioFile a:videoFile "
    "a:quickTimeFile p:snd p:sndAc a:snd p:cust a:hlinkHover"
)
_SAFE_ACTIONS: Final = frozenset(
    {
        "ppaction://hlinkshowjump?jump=nextslide",
        "ppaction://hlinkshowjump?jump=previousslide",
        "ppaction://hlinkshowjump?jump=firstslide",
        "ppaction://hlinkshowjump?jump=lastslide",
        "ppaction://hlinkshowjump?jump=endshow",
        "ppaction://hlinksldjump",
    }
)
_TITLES: Final = frozenset({"title", "ctrTitle"})
_SOUNDS: Final = tags("p:audio p:video p:sndTgt p:cmd")


class SlidesWalk:
    """What the parts of one presentation share on a walk."""

    def __init__(self) -> None:
        self._tables: dict[etree._Element, int] = {}

    def main_rule(self) -> Rule:
        """Return what is done with the main part."""
        return Rule(self._presentation, MAIN_TYPE, "ppt/presentation.xml", 0)

    def rules(self) -> dict[str, Rule]:
        """Return what is done with each kind of part."""
        return {
            "slide": Rule(self._slide, f"{_SLIDES}slide+xml", "ppt/slides/slide{}.xml", 10),
            "notesSlide": Rule(
                self._notes,
                f"{_SLIDES}notesSlide+xml",
                "ppt/notesSlides/notesSlide{}.xml",
                20,
            ),
            "comments": Rule(_comments, f"{_SLIDES}comments+xml", "ppt/comments/comment{}.xml", 30),
            "commentAuthors": Rule(
                _authors, f"{_SLIDES}commentAuthors+xml", "ppt/commentAuthors.xml", 31
            ),
            "slideLayout": Rule(
                self._master,
                f"{_SLIDES}slideLayout+xml",
                "ppt/slideLayouts/slideLayout{}.xml",
                70,
            ),
            "slideMaster": Rule(
                self._master,
                f"{_SLIDES}slideMaster+xml",
                "ppt/slideMasters/slideMaster{}.xml",
                71,
            ),
            "notesMaster": Rule(
                self._master,
                f"{_SLIDES}notesMaster+xml",
                "ppt/notesMasters/notesMaster{}.xml",
                72,
            ),
            "tableStyles": Rule(
                _table_styles, f"{_SLIDES}tableStyles+xml", "ppt/tableStyles.xml", 80
            ),
            "theme": theme_rule("ppt/"),
            **drawing_rules("ppt/"),
        }

    def _presentation(self, session: Session, part: Part) -> None:
        """Put the slides in their order; the main part itself holds no text that is kept."""
        for child in list(part.root):
            if child.tag not in _KEPT_IN_MAIN:
                remove(child)
        rule = self.rules()["slide"]
        slides = [node.get(q("r:id"), "") for node in part.root.iter(q("p:sldId"))]
        for number, name in enumerate(slides, 1):
            relation = part.relations.get(name)
            if relation is not None and relation.kind == "slide":
                session.keep(relation.target, rule, number)

    def _slide(self, session: Session, part: Part) -> None:
        _tidy(session, part)
        if part.root.get("show") in {"0", "false"}:
            _note_once(session, "The presentation has hidden slides; they are read like others.")
        self._shapes(session.flow, part.root)

    def _notes(self, session: Session, part: Part) -> None:
        _tidy(session, part)
        session.flow.head(f"Notes of slide {part.page}")
        self._shapes(session.flow, part.root, Role.NOTE)

    def _master(self, session: Session, part: Part) -> None:
        """Read what stands on every page of a layout; the prompts of placeholders are emptied."""
        _tidy(session, part)
        for shape in part.root.iter(q("p:sp")):
            if _placeholder_of(shape) is not None:
                for text in shape.iter(q("a:t")):
                    text.text = ""
        session.flow.page = 0
        session.flow.head("Layout")
        self._shapes(session.flow, part.root, Role.FIELD)

    def _shapes(self, flow: Flow, root: etree._Element, role: Role = Role.PARAGRAPH) -> None:
        """Add the paragraphs of all shapes and cells in their order, and their descriptions."""
        kinds: dict[etree._Element, str | None] = {}
        for node in root.iter():
            if local(node) == "cNvPr":
                describe(flow, node)
            elif node.tag == q("a:p"):
                self._paragraph(flow, node, role, kinds)

    def _paragraph(
        self,
        flow: Flow,
        node: etree._Element,
        role: Role,
        kinds: dict[etree._Element, str | None],
    ) -> None:
        cell = cell_of(node)
        if cell is not None:
            table, row, column = cell
            number = self._tables.setdefault(table, len(self._tables) + 1)
            paragraph(flow, node, Role.CELL, table=number, row=row, column=column)
            return
        if role is not Role.PARAGRAPH:
            paragraph(flow, node, role)
            return
        body = node.getparent()
        shape = body.getparent() if body is not None else None
        kind = None
        if shape is not None:
            if shape not in kinds:
                kinds[shape] = _placeholder_of(shape)
            kind = kinds[shape]
        if kind in _TITLES:
            paragraph(flow, node, Role.HEADING, level=1)
        elif kind == "subTitle":
            paragraph(flow, node, Role.HEADING, level=2)
        elif kind in {"body", "obj"}:
            properties = node.find(q("a:pPr"))
            depth = properties.get("lvl", "0") if properties is not None else "0"
            paragraph(
                flow, node, Role.ITEM, level=min(int(depth), 8) + 1 if depth.isdecimal() else 1
            )
        else:
            paragraph(flow, node, role)


def _placeholder_of(shape: etree._Element) -> str | None:
    """Return the type of a shape's placeholder, None if it is none."""
    found = shape.find(f"{q('p:nvSpPr')}/{q('p:nvPr')}/{q('p:ph')}")
    return found.get("type", "obj") if found is not None else None


def _tidy(session: Session, part: Part) -> None:
    root = part.root
    remove_all(root, _GONE)
    for node in list(root.iter(*tags("a:hlinkClick"))):
        action = node.get("action", "")
        if action and action not in _SAFE_ACTIONS:
            remove(node)
    if next(root.iter(*_SOUNDS), None) is not None:
        session.losses.add("animation", remove_all(root, [q("p:timing")]))
    for node in root.iter(q("a:fld")):
        if not node.get("type", "").startswith(("slidenum", "datetime")):
            drop(node, "type")


def _comments(session: Session, part: Part) -> None:
    for number, node in enumerate(part.root.iter(q("p:cm")), 1):
        session.flow.head(f"Comment {number} on slide {part.page}")
        for text in node.iter(q("p:text")):
            session.flow.line(Role.COMMENT, text.text or "", TextOf(text))
        drop(node, "dt")


def _authors(session: Session, part: Part) -> None:
    for number, node in enumerate(part.root.iter(q("p:cmAuthor")), 1):
        node.set("name", f"Author{number}")
        node.set("initials", f"A{number}")


def _table_styles(session: Session, part: Part) -> None:
    for number, node in enumerate(part.root.iter(q("a:tblStyle")), 1):
        node.set("styleName", f"Style{number}")


def _note_once(session: Session, sentence: str) -> None:
    if sentence not in session.notes:
        session.notes.append(sentence)
