"""Names of OpenDocument: namespaces, what is kept of them, styles that say nothing."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
NAMES: Final = {
    "office": _ODF + "office:1.0",
    "style": _ODF + "style:1.0",
    "text": _ODF + "text:1.0",
    "table": _ODF + "table:1.0",
    "draw": _ODF + "drawing:1.0",
    "fo": _ODF + "xsl-fo-compatible:1.0",
    "svg": _ODF + "svg-compatible:1.0",
    "meta": _ODF + "meta:1.0",
    "number": _ODF + "datastyle:1.0",
    "dr3d": _ODF + "dr3d:1.0",
    "form": _ODF + "form:1.0",
    "script": _ODF + "script:1.0",
    "config": _ODF + "config:1.0",
    "manifest": _ODF + "manifest:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "dc": "http://purl.org/dc/elements/1.1/",
    "math": "http://www.w3.org/1998/Math/MathML",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
}
_BUILT_IN: Final = re.compile(
    r"(Standard|Heading(_20_\d{1,2})?|Text_20_body(_20_indent)?|List(_20_\d)?(_20_Contents)?"
    r"|List_20_Heading|Caption|Index(_20_(Heading|Link|Separator|\d))?|Header(_20_(left|right))?"
    r"|Footer(_20_(left|right))?|Header_20_and_20_Footer|Title|Subtitle|Footnote(_20_(Symbol|Characters))?"
    r"|Endnote(_20_(Symbol|Characters))?|Quotations|Table(_20_(Contents|Heading|index))?|Table|Text"
    r"|Illustration|Figure|Drawing|Preformatted_20_Text|Horizontal_20_Line|Contents_20_(Heading|\d{1,2})"
    r"|Internet_20_link|Visited_20_Internet_20_Link|(Bullet|Numbering)_20_Symbols"
    r"|Numbering_20_\d|List_20_\d(_20_(Start|End|Cont\.))?|Emphasis|Strong_20_Emphasis|Citation"
    r"|Source_20_Text|Teletype|Definition|Example|Frame(_20_contents)?|Graphics|OLE|Formula"
    r"|Marginalia|Watermark|Labels|Sender|Addressee|Salutation|Signature|Default|Outline"
    r"|Footnote_20_anchor|Endnote_20_anchor|Page_20_Number|Line_20_numbering|Placeholder"
    r"|(P|T|L|M|N|fr|gr|Sect|ce|co|ro|ta|dp|mp|pm|Mpm|MP|MT|Mfr|MSect|Mdp|FR|FP|FT)\d{1,6}"
    r"|(Table\d{1,4}|Tabelle\d{1,4})(\.[A-Z]{1,3}\d{0,6})?)"
)
_STYLE_ATTRIBUTE: Final = re.compile(
    r"(style|master-page|page-layout|gradient|hatch|image|opacity|stroke-dash)-names?$"
    r"|\}(marker-start|marker-end|stroke-dash)$"
)
# Bookmarks that LibreOffice and Word set by themselves.
PLAIN_ANCHOR: Final = re.compile(r"_{1,2}(RefHeading_{2,3})?(Toc|Ref|Hlk)?[\d_]{1,40}")


def o(name: str) -> str:
    """Return "text:p" as lxml writes it."""
    prefix, plain = name.split(":")
    return f"{{{NAMES[prefix]}}}{plain}"


def os(names: str) -> frozenset[str]:
    """Return several names, separated by spaces, as lxml writes them."""
    return frozenset(map(o, names.split()))


class StyleNames:
    """New names for the styles of a document whose own names say something."""

    def __init__(self) -> None:
        self._new: dict[str, str] = {}

    def rename(self, root: etree._Element) -> None:
        """Rename styles where they are defined and where they are used."""
        for node in root.iter():
            for raw in list(node.attrib):
                name = str(raw)
                if name == o("style:display-name") or name.endswith("}display-name"):
                    del node.attrib[raw]
                elif is_style_name(node, name):
                    old = str(node.attrib[raw]).split(" ")
                    node.set(name, " ".join(self._new_name(part) for part in old))

    def _new_name(self, name: str) -> str:
        if not name or _BUILT_IN.fullmatch(name):
            return name
        return self._new.setdefault(name, f"Custom{len(self._new) + 1}")


def is_style_name(node: etree._Element, name: str) -> bool:
    """Say whether an attribute names a style: `StyleNames` has given it anew."""
    return _defines_style(node, name) or bool(_STYLE_ATTRIBUTE.search(name))


def _defines_style(node: etree._Element, name: str) -> bool:
    if name == o("style:name"):
        return node.tag != o("style:font-face")
    return name == o("draw:name") and node.tag in _DEFINITIONS


_DEFINITIONS: Final = os(
    "draw:gradient draw:hatch draw:fill-image draw:opacity draw:marker draw:stroke-dash"
)
