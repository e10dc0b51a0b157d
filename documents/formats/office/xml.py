"""XML of packages: parsed without entities, network or document types; names; small edits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from lxml import etree

from documents.formats.model import DamagedError, TooLargeError

# A tree takes several times the memory of its bytes.
BYTES_IN_PART: Final = 150_000_000

_OFFICE = "http://schemas.openxmlformats.org/"
NAMES: Final = {
    "w": _OFFICE + "wordprocessingml/2006/main",
    "r": _OFFICE + "officeDocument/2006/relationships",
    "a": _OFFICE + "drawingml/2006/main",
    "c": _OFFICE + "drawingml/2006/chart",
    "dgm": _OFFICE + "drawingml/2006/diagram",
    "pic": _OFFICE + "drawingml/2006/picture",
    "wp": _OFFICE + "drawingml/2006/wordprocessingDrawing",
    "xdr": _OFFICE + "drawingml/2006/spreadsheetDrawing",
    "cdr": _OFFICE + "drawingml/2006/chartDrawing",
    "m": _OFFICE + "officeDocument/2006/math",
    "p": _OFFICE + "presentationml/2006/main",
    "x": _OFFICE + "spreadsheetml/2006/main",
    "mc": _OFFICE + "markup-compatibility/2006",
    "ct": _OFFICE + "package/2006/content-types",
    "rel": _OFFICE + "package/2006/relationships",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w10": "urn:schemas-microsoft-com:office:word",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
    "wpc": "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "wp14": "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing",
    "p14": "http://schemas.microsoft.com/office/powerpoint/2010/main",
    "a14": "http://schemas.microsoft.com/office/drawing/2010/main",
    "xml": "http://www.w3.org/XML/1998/namespace",
}


@cache
def q(name: str) -> str:
    """Return "w:t" as lxml writes it."""
    prefix, local = name.split(":")
    return f"{{{NAMES[prefix]}}}{local}"


def tags(names: str) -> frozenset[str]:
    """Return several names, separated by spaces, as lxml writes them."""
    return frozenset(map(q, names.split()))


def local(node: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return node.tag.rpartition("}")[2]


def namespace(name: str) -> str:
    """Return the namespace of a name as lxml writes it, "" if it has none."""
    return name[1:].partition("}")[0] if name.startswith("{") else ""


def parse(content: bytes) -> etree._Element:
    """Return the root of a part, without its comments and processing instructions."""
    if len(content) > BYTES_IN_PART:
        raise TooLargeError("A part of the file is larger than is taken here.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        # Not chained: the parser's message quotes the file.
        raise DamagedError("A part of the file is not well-formed XML.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DamagedError("The file declares a document type, which Office files never do.")
    return root


def serialise(root: etree._Element) -> bytes:
    """Return a part's bytes."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def remove(node: etree._Element) -> None:
    """Take an element out and leave the text that follows it."""
    parent = node.getparent()
    if parent is None:
        return
    _keep(parent, parent.index(node), node.tail)
    node.tail = None
    parent.remove(node)


def unwrap(node: etree._Element) -> None:
    """Take an element out and leave its content in its place."""
    parent = node.getparent()
    if parent is None:
        return
    at = parent.index(node)
    _keep(parent, at, node.text)
    tail, node.tail = node.tail, None
    children = list(node)
    parent.remove(node)
    for offset, child in enumerate(children):
        parent.insert(at + offset, child)
    _keep(parent, at + len(children), tail)


def remove_all(root: etree._Element, names: Iterable[str]) -> int:
    """Take out every element of these names; return how many there were."""
    found = list(root.iter(*names))
    for node in found:
        remove(node)
    return len(found)


def unwrap_all(root: etree._Element, names: Iterable[str]) -> int:
    """Take out every element of these names but not its content; return how many there were."""
    found = list(root.iter(*names))
    for node in reversed(found):
        unwrap(node)
    return len(found)


def drop(node: etree._Element, *names: str) -> None:
    """Take out attributes of an element, where it has them."""
    for name in names:
        if name in node.attrib:
            del node.attrib[name]


def drop_attributes(root: etree._Element, pattern: re.Pattern[str]) -> None:
    """Take out every attribute whose full name matches."""
    for node in root.iter():
        for name in [name for name in node.attrib if pattern.search(str(name))]:
            del node.attrib[name]


def outside_rows(root: etree._Element) -> Iterator[etree._Element]:
    """Yield every element but the rows of a sheet: its own walk looks after them."""
    if root.tag != q("x:worksheet"):
        yield from root.iter()
        return
    yield root
    for child in root:
        if child.tag == q("x:sheetData"):
            yield child
        else:
            yield from child.iter()


def ancestors(node: etree._Element) -> Iterator[etree._Element]:
    """Yield an element and what it stands in, from within."""
    current: etree._Element | None = node
    while current is not None:
        yield current
        current = current.getparent()


def _keep(parent: etree._Element, at: int, text: str | None) -> None:
    """Add text before the child at a position."""
    if not text:
        return
    if at == 0:
        parent.text = (parent.text or "") + text
    else:
        before = parent[at - 1]
        before.tail = (before.tail or "") + text


_KEEPS_SPACE = tags("w:t m:t x:t")


class TextOf:
    """The text that an element begins with."""

    __slots__ = ("_node",)

    def __init__(self, node: etree._Element) -> None:
        self._node = node

    def put(self, text: str) -> None:
        """Let the element begin with this text."""
        self._node.text = text
        if text != text.strip() and self._node.tag in _KEEPS_SPACE:
            self._node.set(q("xml:space"), "preserve")


class TailOf:
    """The text that follows an element."""

    __slots__ = ("_node",)

    def __init__(self, node: etree._Element) -> None:
        self._node = node

    def put(self, text: str) -> None:
        """Let this text follow the element."""
        self._node.tail = text


class AttributeOf:
    """The value of an attribute."""

    __slots__ = ("_name", "_node")

    def __init__(self, node: etree._Element, name: str) -> None:
        self._node = node
        self._name = name

    def put(self, text: str) -> None:
        """Let the attribute hold this text."""
        self._node.set(self._name, text)


class SignOf:
    """An element that stands for a sign: a tab, a line end, a symbol.

    tags: the elements that hold a replacement, from without
    """

    __slots__ = ("_node", "_tags")

    def __init__(self, node: etree._Element, *tags: str) -> None:
        self._node = node
        self._tags = tags

    def put(self, text: str) -> None:
        """Give way to this text."""
        parent = self._node.getparent()
        if parent is None:
            return
        if text:
            outer = inner = etree.Element(self._tags[0])
            for tag in self._tags[1:]:
                inner = etree.SubElement(inner, tag)
            TextOf(inner).put(text)
            parent.insert(parent.index(self._node), outer)
        remove(self._node)


class Removed:
    """An element that is taken out when anything in its text is hidden."""

    __slots__ = ("_node",)

    def __init__(self, node: etree._Element) -> None:
        self._node = node

    def put(self, text: str) -> None:
        """Take the element out."""
        remove(self._node)
