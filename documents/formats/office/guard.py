"""The last look at a part before it is written: text and attributes that no walk has read.

A walk reads the places where Office keeps text. What is left is numbers, switches and names from
fixed lists, so whatever does not look like one is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from lxml import etree

from documents.formats.office.attributes import harmless_style, is_harmless
from documents.formats.office.xml import NAMES, drop, local, namespace, outside_rows, q, tags

# Elements whose text a walk reads, or writes anew.
TEXT_TAGS: Final = tags(
    "w:t m:t a:t c:v c:f p:text x:t x:v x:oddHeader x:evenHeader x:firstHeader x:oddFooter "
    "x:evenFooter x:firstFooter x:author w:instrText"
)
# Attributes that hold text in Office files and nothing that is needed to show one.
_DROPPED: Final = frozenset(
    {
        "tooltip",
        "docLocation",
        "tgtFrame",
        "alt",
        "href",
        "o:href",
        "macro",
        "textlink",
        "fPublished",
        "prompt",
        "promptTitle",
        "error",
        "errorTitle",
        "userName",
        "uniqueName",
        "codeName",
        "lastEdited",
        "lowestEdited",
        "rupBuild",
        "phldrT",
        "date",
        "bwMode",
        "hlinkHref",
        "gfxdata",
        "equationxml",
        "bookmark",
        "rsidR",
        "paraId",
        "editId",
        "anchorId",
        "textId",
        "ed",
        "element",
        "dataNote",
        "statusText",
        "help",
        "paraIdParent",
        "displayText",
        "lastValue",
        "invalidUrl",
        "history",
        "spid",
    }
)
# Elements whose text is a number or one of a few words; every other one has none.
_SETTING_TAGS: Final = tags(
    "wp:align wp:posOffset wp14:pctWidth wp14:pctHeight wp14:pctPosHOffset wp14:pctPosVOffset "
    "xdr:col xdr:row xdr:colOff xdr:rowOff c:formatCode x:formula p:attrName"
)
_SETTING: Final = re.compile(
    r"-?[\d.]+|left|right|center|inside|outside|top|bottom|General|[#0?,.%;()_*-]+"
    r"|style\.(visibility|rotation|color|opacity|fontSize|fontWeight|fontStyle)|ppt_[xywhcr]"
    r"|(fill|stroke)\.?(color|type|on)|r|xshear"
)
# Names that walks give to those who wrote comments.
_AUTHOR: Final = re.compile(r"A(uthor)?\d{1,5}")
_SHAPE_TYPE: Final = re.compile(r"_x0000_t\d{1,3}")
_KNOWN_NAMESPACES: Final = frozenset({*NAMES.values(), ""})


def guard(root: etree._Element, *, read_attributes: Collection[str] = ()) -> None:
    """Take out text and attributes that are neither read by a walk nor plainly harmless.

    read_attributes: names of further attributes whose text a walk has read
    """
    for node in outside_rows(root):
        if node.text and node.tag not in TEXT_TAGS and not _is_setting(node):
            node.text = None
        if node.tail and not node.tail.isspace():
            node.tail = None
        if node.attrib:
            _guard_attributes(node, read_attributes)


def _is_setting(node: etree._Element) -> bool:
    text = (node.text or "").strip()
    return node.tag in _SETTING_TAGS and bool(_SETTING.fullmatch(text))


def _guard_attributes(node: etree._Element, read: Collection[str]) -> None:
    for raw in list(node.attrib):
        name = str(raw)
        plain = name.rpartition("}")[2]
        value = str(node.attrib[raw])
        if plain in read:
            continue
        if plain == "style" and namespace(node.tag) == NAMES["v"]:
            node.attrib[raw] = harmless_style(value)
        elif not _stays(node, name, plain, value):
            del node.attrib[raw]


def _stays(node: etree._Element, name: str, plain: str, value: str) -> bool:
    if namespace(name) not in _KNOWN_NAMESPACES:
        return False
    if plain in {"author", "initials"}:
        return bool(_AUTHOR.fullmatch(value))
    return plain not in _DROPPED and is_harmless(node, name, value)


def rename_things(root: etree._Element) -> None:
    """Give shapes, pictures and slides names that say nothing: they are never shown on a page."""
    number = 0
    for node in outside_rows(root):
        if local(node) in {"docPr", "cNvPr"} and "name" in node.attrib:
            number += 1
            node.set("name", f"Object {number}")
        elif namespace(node.tag) == NAMES["v"] and node.get("id"):
            if node.tag != q("v:shapetype") or not _SHAPE_TYPE.fullmatch(node.get("id", "")):
                number += 1
                node.set("id", f"_x0000_s{number}")
        elif node.tag == q("p:cSld"):
            drop(node, "name")
