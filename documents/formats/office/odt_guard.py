"""The last look at a part of an ODT: text outside of paragraphs, attributes that hold text."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from documents.formats.office.attributes import is_geometry
from documents.formats.office.odt_names import NAMES, PLAIN_ANCHOR, is_style_name, o, os
from documents.formats.office.xml import namespace
from documents.formats.office.xml_search import is_of_the_format

_KNOWN: Final = frozenset(NAMES.values())
_BLOCKS: Final = os("text:p text:h svg:title svg:desc")
# What the walk descends into within a block.
_INLINE: Final = os(
    "text:span text:a text:ruby text:ruby-base text:ruby-text text:page-number text:page-count "
    "text:bookmark-ref"
)
_PLAIN_TEXT: Final = re.compile(r"[\s\d.,:;/%()\-–*]*|[\w. ]{1,3}")
# Attributes that a walk has read.
_READ: Final = frozenset({o("xlink:href"), o("style:num-prefix"), o("style:num-suffix")})
_DROPPED: Final = re.compile(
    r"^(formula|condition|string-value|value|date-value|time-value|boolean-value|value-type"
    r"|title|author|creator|description|help-text|hint|visited|currency|target-frame-name|show"
    r"|cell-range-address|source-cell-range-addresses|id|change-id|font-adornments|rsid"
    r"|paragraph-rsid|font-charset|filter-name|target|about|property|content|datatype"
    r"|display-name|mime-type|continue-list|caption-id|caption-sequence-name|key1|key2|resolved)$"
)
_NAMED: Final = os(
    "draw:frame draw:custom-shape draw:rect draw:line draw:g draw:ellipse draw:path draw:text-box "
    "draw:polygon draw:polyline draw:connector draw:circle draw:caption draw:regular-polygon "
    "draw:measure draw:page-thumbnail table:table text:section text:bookmark text:bookmark-start "
    "text:bookmark-end text:table-of-content text:index-title office:annotation "
    "office:annotation-end text:sequence-decl"
)
_GEOMETRY: Final = re.compile(
    r"(path|points|viewBox|d|transform|modifiers|formula|formula-[xy]|equation|position(-[xy])?"
    r"|polar|range-[xy]-(minimum|maximum)|glue-points|text-areas)$"
)
_FONT: Final = re.compile(r"""[\w\s#%.,:;+/()*='"&$?<>!-]{0,200}""")
# Beside what attributes are called and may say: a word that LibreOffice writes as one.
_LIST_TAB: Final = "listtab"


def guard_odt(root: etree._Element) -> None:
    """Take out what is neither read by the walk nor plainly harmless."""
    names: dict[str, str] = {}
    read: set[etree._Element] = set()
    for node in root.iter():
        above = node.getparent()
        is_inside = above is not None and above in read
        if node.tag in _BLOCKS or (is_inside and (node.tag in _INLINE)):
            read.add(node)
        elif node.text and not _PLAIN_TEXT.fullmatch(node.text):
            node.text = None
        if not is_inside and node.tail and not node.tail.isspace():
            node.tail = None
        for raw in list(node.attrib):
            name = str(raw)
            if name not in _READ and not _is_kept(node, name, names):
                del node.attrib[raw]


def _is_kept(node: etree._Element, name: str, names: dict[str, str]) -> bool:
    """Say whether an attribute stays; names of things are given anew."""
    plain = name.rpartition("}")[2]
    value = node.get(name, "")
    if namespace(name) not in _KNOWN:
        return False
    if plain in {"name", "ref-name"} and (node.tag in _NAMED or plain == "ref-name"):
        if not PLAIN_ANCHOR.fullmatch(value):
            node.set(name, names.setdefault(value, f"Object{len(names) + 1}"))
        return True
    if plain == "show" and namespace(name) == NAMES["xlink"]:
        return True
    if _DROPPED.match(plain):
        return namespace(name) == NAMES["style"] and plain == "condition"
    if "font" in plain or node.tag == o("style:font-face"):
        return bool(_FONT.fullmatch(value))
    if is_style_name(node, name):
        return True
    if _GEOMETRY.search(plain) and is_geometry(value):
        return True
    return value == _LIST_TAB or is_of_the_format(value)
