"""Styles of Word files: which are headings and list items, and names that say nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from documents.formats.office.xml import NAMES, drop_attributes, q, remove, remove_all, tags

# Names of the styles that come with Word; they are in English in every language's files.
_BUILT_IN: Final = re.compile(
    r"(normal|heading [1-9]|title|subtitle|toc [1-9]|toc heading|index [1-9]|index heading"
    r"|header|footer|caption|footnote (text|reference)|endnote (text|reference)"
    r"|annotation (text|reference|subject)|comment (text|reference|subject)|balloon text"
    r"|list( (bullet|number|continue))?( [2-5])?|list paragraph|no list|no spacing|hyperlink"
    r"|followed ?hyperlink|page number|line number|body text( indent| first indent)?( [23])?"
    r"|(intense |block )?(quote|text)|(subtle|intense) (emphasis|reference)|book title|strong"
    r"|emphasis|default paragraph font|normal( \(web\)| indent| table)|plain text|document map"
    r"|table of (figures|authorities)|toa heading|macro|macro text|message header|salutation"
    r"|signature|closing|date|note heading|envelope (address|return)|placeholder text"
    r"|html (acronym|address|cite|code|definition|keyboard|preformatted|sample|typewriter|variable"
    r"|top of form|bottom of form)"
    r"|bibliography|unresolved mention|mention|smart (hyper)?link|hashtag|e-mail signature"
    r"|table (normal|grid|professional|elegant|contemporary|theme|simple|classic|colorful"
    r"|columns|list|web|subtle|3d effects)( (light|[1-8]))?|outline list [1-3]"
    r"|(plain table|grid table|list table) [1-7]( light| dark| colorful)?"
    r"(-| )?(accent [1-6])?|grid table light"
    r"|(light|medium|dark|colorful) (shading|list|grid)( [1-3])?( accent [1-6])?|1 / 1\.1 / 1\.1\.1"
    r"|(title|subtitle|header|footer|heading [1-9]|quote|intense quote|body text( [23])?"
    r"|macro text|balloon text|comment (text|subject)|footnote text|endnote text) char)",
    re.IGNORECASE,
)
_HEADING: Final = re.compile(r"heading ([1-9])", re.IGNORECASE)
_ITEM: Final = re.compile(r"list(?: (?:bullet|number))?(?: ([2-5]))?", re.IGNORECASE)
_REFERENCES: Final = tags(
    "w:pStyle w:rStyle w:tblStyle w:basedOn w:next w:link w:numStyleLink w:styleLink "
    "w:clickAndTypeStyle w:defaultTableStyle"
)
_IDS: Final = re.compile(rf"^{{{re.escape(NAMES['w'])}}}rsid")
DEEPEST_HEADING: Final = 6


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says about its paragraphs. heading: 0 if none; item: depth from 1, or 0."""

    heading: int = 0
    item: int = 0


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, root: etree._Element | None) -> None:
        nodes = [] if root is None else list(root.iter(q("w:style")))
        self._nodes = {node.get(q("w:styleId"), ""): node for node in nodes}
        self._known: dict[str, Style] = {}
        self.new_ids = _new_ids(nodes)
        self._old_ids = {new: old for old, new in self.new_ids.items()}
        self.default = next(
            (
                node.get(q("w:styleId"), "")
                for node in nodes
                if node.get(q("w:default")) in {"1", "true", "on"}
                and node.get(q("w:type")) == "paragraph"
            ),
            "",
        )

    def of(self, name: str) -> Style:
        """Return what the style of an id says, from itself or from what it is based on."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def of_new(self, name: str) -> Style:
        """Return the same for a new id; "" gives the default style."""
        return self.of(self._old_ids.get(name, self.default))

    def _find(self, name: str) -> Style:
        seen: set[str] = set()
        heading = item = 0
        while name in self._nodes and name not in seen:
            seen.add(name)
            node = self._nodes[name]
            heading = heading or _heading_of(node)
            item = item or _item_of(node)
            name = _value(node, "w:basedOn")
        return Style(heading, 0 if heading else item)


def is_built_in(name: str) -> bool:
    """Say whether a style of this name comes with Word."""
    return bool(_BUILT_IN.fullmatch(name))


def clean_styles(root: etree._Element, styles: Styles) -> None:
    """Give custom styles names that say nothing, and every style an id made from its name."""
    number = 0
    for node in root.iter(q("w:style")):
        name = _value(node, "w:name")
        if not _BUILT_IN.fullmatch(name):
            number += 1
            for found in node.iter(q("w:name")):
                found.set(q("w:val"), f"Custom {number}")
        old = node.get(q("w:styleId"))
        if old is not None:
            node.set(q("w:styleId"), styles.new_ids.get(old, old))
    for node in root.iter(q("w:lsdException")):
        if not _BUILT_IN.fullmatch(node.get(q("w:name"), "")):
            node.set(q("w:name"), "Normal")
    remove_all(root, tags("w:aliases w:rsid"))
    drop_attributes(root, _IDS)


def follow_ids(root: etree._Element, styles: Styles) -> None:
    """Let references to styles follow their new ids; one to no style is dropped."""
    for node in list(root.iter(*_REFERENCES)):
        new = styles.new_ids.get(node.get(q("w:val"), ""))
        if new is None:
            remove(node)
        else:
            node.set(q("w:val"), new)


def _new_ids(nodes: list[etree._Element]) -> dict[str, str]:
    ids: dict[str, str] = {}
    taken: set[str] = set()
    customs = 0
    for node in nodes:
        name = _value(node, "w:name")
        if _BUILT_IN.fullmatch(name):
            new = re.sub(r"\W", "", name.title())
        else:
            customs += 1
            new = f"Custom{customs}"
        while new in taken:
            new += "x"
        taken.add(new)
        ids[node.get(q("w:styleId"), "")] = new
    return ids


def _heading_of(node: etree._Element) -> int:
    name = _value(node, "w:name")
    match = _HEADING.fullmatch(name)
    if match:
        return min(int(match[1]), DEEPEST_HEADING)
    if name.casefold() == "title":
        return 1
    if name.casefold() == "subtitle":
        return 2
    return outline_level(node.find(q("w:pPr")))


def _item_of(node: etree._Element) -> int:
    match = _ITEM.fullmatch(_value(node, "w:name"))
    if match:
        return int(match[1] or 1)
    return list_depth(node.find(q("w:pPr")))


def outline_level(properties: etree._Element | None) -> int:
    """Return the level of a heading that paragraph properties give, 0 if none."""
    found = properties.find(q("w:outlineLvl")) if properties is not None else None
    level = _number(found)
    return min(level + 1, DEEPEST_HEADING) if 0 <= level < 9 else 0


def list_depth(properties: etree._Element | None) -> int:
    """Return the depth in a list that paragraph properties give, 0 if none."""
    numbering = properties.find(q("w:numPr")) if properties is not None else None
    if numbering is None or _number(numbering.find(q("w:numId"))) <= 0:
        return 0
    return max(_number(numbering.find(q("w:ilvl"))), 0) + 1


def _number(node: etree._Element | None) -> int:
    value = node.get(q("w:val"), "") if node is not None else ""
    return int(value) if value.isdecimal() else -1


def _value(node: etree._Element, name: str) -> str:
    found = node.find(q(name))
    return found.get(q("w:val"), "") if found is not None else ""
