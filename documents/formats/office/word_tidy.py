"""What a Word part loses before it is read: tracked changes, fields, controls, ids and authors.

Insertions are accepted and deletions carried out. Fields but the plainest give way to their
results, and content controls to their content, as Word's own "unlink" does.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from documents.formats.office.losses import Losses
from documents.formats.office.xml import (
    NAMES,
    drop_attributes,
    q,
    remove,
    remove_all,
    tags,
    unwrap_all,
)
from documents.formats.office.xml import unwrap as unwrap_one

_DELETED: Final = tags("w:del w:moveFrom")
_INSERTED: Final = tags("w:ins w:moveTo")
_FORMAT_CHANGES: Final = tags(
    "w:rPrChange w:pPrChange w:sectPrChange w:tblPrChange w:tblGridChange w:tcPrChange "
    "w:trPrChange w:tblPrExChange w:numberingChange w:cellIns w:cellMerge"
)
_MARKS: Final = tags(
    "w:moveFromRangeStart w:moveFromRangeEnd w:moveToRangeStart w:moveToRangeEnd "
    "w:customXmlInsRangeStart w:customXmlInsRangeEnd w:customXmlDelRangeStart "
    "w:customXmlDelRangeEnd w:customXmlMoveFromRangeStart w:customXmlMoveFromRangeEnd "
    "w:customXmlMoveToRangeStart w:customXmlMoveToRangeEnd w:proofErr w:permStart w:permEnd "
    "w:dataBinding w:smartTagPr w:customXmlPr w:divId w:lastRenderedPageBreak w:delText "
    "w:delInstrText w:contentPart"
)
_WRAPPERS: Final = tags("w:smartTag w:customXml w:dir w:bdo")
_IDS: Final = re.compile(
    rf"^{{{re.escape(NAMES['w'])}}}rsid|^{{{re.escape(NAMES['w14'])}}}(paraId|textId)$"
)
# Fields whose code tells nothing: numbers of pages, contents, references to headings.
_PLAIN_FIELD: Final = re.compile(
    r"\s*(PAGE|NUMPAGES|SECTION|SECTIONPAGES"
    r"|TOC(\s+\\[ohzuwxn]|\s+\"\d-\d\")*"
    r"|(PAGEREF|REF|NOTEREF)\s+_(Toc|Ref)\d+(\s+\\[hprnwf])*"
    r"|SEQ\s+(Figure|Table|Equation|Abbildung|Tabelle|Tableau|Figura|Tabla))"
    r"(\s+\\\*\s+(MERGEFORMAT|CHARFORMAT|ARABIC|roman|ROMAN|alphabetic|ALPHABETIC|Arabic))*"
    r"(\s+\\h)?\s*"
)
_PLAIN_BOOKMARK: Final = re.compile(r"_(Toc|Ref|Hlk)\d{1,12}|_GoBack")


def tidy_word(root: etree._Element, losses: Losses) -> None:
    """Carry out deletions, accept insertions, unlink fields and controls, drop ids and authors."""
    _accept_changes(root, losses)
    losses.add("control", _unwrap_controls(root))
    unwrap_all(root, _WRAPPERS)
    remove_all(root, _MARKS)
    _unlink_fields(root, losses)
    drop_attributes(root, _IDS)


def _accept_changes(root: etree._Element, losses: Losses) -> None:
    paragraphs = [node for node in root.iter(q("w:p")) if _mark_is(node, _DELETED)]
    for row in [mark.getparent() for mark in root.iter(*_DELETED) if _stands_in(mark, "w:trPr")]:
        _remove_above(row)
        losses.add("deletion")
    for cell in list(root.iter(q("w:cellDel"))):
        _empty_cell(cell)
        losses.add("deletion")
    for node in list(root.iter(*_DELETED)):
        if not _stands_in(node, "w:rPr"):
            losses.add("deletion")
        remove(node)
    for paragraph in reversed(paragraphs):
        _join_with_next(paragraph)
    for node in reversed(list(root.iter(*_INSERTED))):
        losses.add("insertion")
        unwrap_one(node)
    losses.add("change", remove_all(root, _FORMAT_CHANGES))


def _mark_is(paragraph: etree._Element, names: frozenset[str]) -> bool:
    mark = paragraph.find(f"{q('w:pPr')}/{q('w:rPr')}")
    return mark is not None and any(child.tag in names for child in mark)


def _stands_in(node: etree._Element, name: str) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag == q(name)


def _remove_above(properties: etree._Element | None) -> None:
    row = properties.getparent() if properties is not None else None
    if row is not None and row.getparent() is not None:
        remove(row)


def _empty_cell(mark: etree._Element) -> None:
    cell = next(mark.iterancestors(q("w:tc")), None)
    if cell is None:
        return
    for child in list(cell):
        if child.tag != q("w:tcPr"):
            remove(child)
    etree.SubElement(cell, q("w:p"))
    remove(mark)


def _join_with_next(paragraph: etree._Element) -> None:
    """Carry out the deletion of a paragraph's end: what follows comes into the next one."""
    following = paragraph.getnext()
    if following is None or following.tag != q("w:p"):
        return
    at = 1 if following.find(q("w:pPr")) is not None else 0
    for child in [child for child in paragraph if child.tag != q("w:pPr")]:
        following.insert(at, child)
        at += 1
    remove(paragraph)


def _unwrap_controls(root: etree._Element) -> int:
    controls = list(root.iter(q("w:sdt")))
    for control in reversed(controls):
        for child in list(control):
            if child.tag == q("w:sdtContent"):
                unwrap_one(child)
            else:
                remove(child)
        unwrap_one(control)
    return len(controls)


class _Field:
    """A field between its begin and end. parts: its own signs and the runs of its code."""

    def __init__(self) -> None:
        self.code = ""
        self.signs: list[etree._Element] = []
        self.inside: list[etree._Element] = []
        self.is_in_code = True


def _unlink_fields(root: etree._Element, losses: Losses) -> None:
    for node in reversed(list(root.iter(q("w:fldSimple")))):
        if _PLAIN_FIELD.fullmatch(node.get(q("w:instr"), "")):
            remove_all(node, [q("w:fldData")])
        else:
            losses.add("field")
            unwrap_one(node)
    open_fields: list[_Field] = []
    for node in list(root.iter(*tags("w:fldChar w:instrText w:r"))):
        if node.tag == q("w:fldChar"):
            _meet_sign(node, open_fields, losses)
        elif node.tag == q("w:instrText"):
            if open_fields and open_fields[-1].is_in_code:
                open_fields[-1].code += node.text or ""
                open_fields[-1].signs.append(node)
            else:
                remove(node)
        elif any(field.is_in_code for field in open_fields):
            open_fields[-1].inside.append(node)
    for field in open_fields:
        # Without an end a field shows nothing; its code must not stay all the same.
        _drop(field.signs)
    for paragraph in root.iter(q("w:ffData")):
        remove(paragraph)


def _meet_sign(node: etree._Element, open_fields: list[_Field], losses: Losses) -> None:
    for child in list(node):
        remove(child)
    kind = node.get(q("w:fldCharType"))
    if kind == "begin":
        open_fields.append(_Field())
    if not open_fields:
        remove(node)
        return
    field = open_fields[-1]
    field.signs.append(node)
    if kind == "separate":
        field.is_in_code = False
    elif kind == "end":
        open_fields.pop()
        if _PLAIN_FIELD.fullmatch(field.code):
            _write_code(field)
            return
        losses.add("field")
        _drop(field.signs)
        _drop_text(field.inside)


def _write_code(field: _Field) -> None:
    """Keep a plain field's code in one piece."""
    codes = [sign for sign in field.signs if sign.tag == q("w:instrText")]
    codes[0].text = field.code
    codes[0].set(q("xml:space"), "preserve")
    _drop(codes[1:])
    _drop_text(field.inside)


def _drop(nodes: list[etree._Element]) -> None:
    for node in nodes:
        if node.getparent() is not None:
            remove(node)


def _drop_text(runs: list[etree._Element]) -> None:
    """Take out the text that stands within a field's code: results of fields that feed it."""
    for run in runs:
        for child in list(run):
            if child.tag not in _KEPT_IN_CODE:
                remove(child)


_KEPT_IN_CODE: Final = tags("w:rPr w:fldChar w:instrText")


def rename_bookmarks(root: etree._Element, names: dict[str, str]) -> None:
    """Give bookmarks names that say nothing, and let links within the document follow.

    names: old name -> new name, for all parts of the document
    """
    for node in root.iter(q("w:bookmarkStart"), q("w:hyperlink")):
        attribute = q("w:name") if node.tag == q("w:bookmarkStart") else q("w:anchor")
        old = node.get(attribute)
        if old is None:
            continue
        if not _PLAIN_BOOKMARK.fullmatch(old):
            node.set(attribute, names.setdefault(old, f"bookmark{len(names) + 1}"))
