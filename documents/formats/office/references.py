"""What in a part depends on a relationship that is not kept, and how it is taken out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from lxml import etree

from documents.formats.office.xml import NAMES, ancestors, drop, outside_rows, q, remove, tags

_RELID: Final = q("o:relid")
_PREFIX: Final = f"{{{NAMES['r']}}}"
# Pictures: a grey one takes the place.
_PICTURES: Final = tags("a:blip v:imagedata")
# Only the reference goes; what is around it is shown as before.
_PLAIN: Final = tags("w:hyperlink v:fill v:stroke v:shape v:rect v:oval x:pageSetup")
# The whole frame goes with its content.
_FRAMED: Final = tags("c:chart dgm:relIds p:oleObj p:control w:contentPart p:contentPart")
_FRAMES: Final = tags(
    "w:drawing w:pict w:object p:graphicFrame xdr:graphicFrame xdr:sp p:sp xdr:contentPart"
)
# Lists that must not be empty.
_LISTS: Final = tags("x:hyperlinks p:custDataLst p:controls x:controls x:oleObjects")
_ANCHORS: Final = tags("xdr:twoCellAnchor xdr:oneCellAnchor xdr:absoluteAnchor")


def detach(root: etree._Element, kept: Collection[str], grey: Callable[[], str]) -> None:
    """Take out what refers to relationships that are not kept.

    grey: gives the id of the relationship to the plain grey picture
    """
    for node, name in _dangling(root, kept):
        if node.tag in _PICTURES:
            _show_grey(node, name, grey())
        elif node.tag in _PLAIN:
            drop(node, name)
        elif node.tag in _FRAMED:
            _remove_frame(node)
        else:
            _remove_entry(node)


def _remove_entry(node: etree._Element) -> None:
    """Take out an element, and the list it stands in once that is empty."""
    above = node.getparent()
    remove(node)
    if above is not None and above.tag in _LISTS and len(above) == 0:
        remove(above)


def _dangling(root: etree._Element, kept: Collection[str]) -> list[tuple[etree._Element, str]]:
    found = []
    for node in outside_rows(root):
        for raw, value in node.attrib.items():
            name = str(raw)
            if not name.startswith(_PREFIX) and name != _RELID:
                continue
            # An empty id refers to nothing, and means that nothing is meant.
            if value and value not in kept:
                found.append((node, name))
    return found


def _show_grey(node: etree._Element, name: str, grey: str) -> None:
    embed = q("r:embed") if node.tag == q("a:blip") else q("r:id")
    drop(node, name)
    if not node.get(embed):
        node.set(embed, grey)


def _remove_frame(node: etree._Element) -> None:
    frame = next((found for found in ancestors(node) if found.tag in _FRAMES), node)
    anchor = next((found for found in ancestors(frame) if found.tag in _ANCHORS), frame)
    if anchor.getparent() is not None:
        remove(anchor)
