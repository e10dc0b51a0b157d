"""Which attributes of a part stay: those that say what the format itself lets them say, no more.

An attribute is a number, one of a few words, an id that was given anew, or it goes. Its words are
in fixed_values.txt, attribute by attribute, so that a word of the format ("green") stays where the
format has it and nowhere else.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

from documents.formats.office.word_styles import is_built_in
from documents.formats.office.xml import NAMES, namespace, q, tags


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Attributes whose text a walk reads, or writes anew.
_READ: Final = frozenset({"descr", "title", "string", "instr", "formatCode"})
_READ_VALUES: Final = tags("w:lvlText w:tblCaption w:tblDescription")
_READ_NAMES: Final = tags("x:sheet")
# Ids of styles and numberings: walks make them, and references follow.
_STYLE_VALUES: Final = tags(
    "w:pStyle w:rStyle w:tblStyle w:basedOn w:next w:link w:numStyleLink w:styleLink "
    "w:clickAndTypeStyle w:defaultTableStyle"
)
_STYLE: Final = re.compile(r"[A-Za-z0-9]+|Custom \d+")
_FONT_LISTS: Final = tags("w:altName w:font x:rFont a:latin a:ea a:cs a:sym a:buFont a:font")
_FONT_NAMES: Final = tags("x:name x:rFont w:altName")
_FONTS: Final = frozenset({"ascii", "hAnsi", "cs", "eastAsia", "typeface"})
_FONT: Final = re.compile(r"[\w ,;()%/.&+'’-]{0,80}")
_LANGUAGES: Final = frozenset({"lang", "altLang", "val", "eastAsia", "bidi"})
_LANGUAGE_TAGS: Final = tags("w:lang w:themeFontLang c:lang")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?|x-none")
_DIAGRAM: Final = re.compile(
    r"urn:microsoft\.com/office/officeart/200[5-9]/\d/(layout|colors|quickstyle)/"
    r"(default|simple\d|3d\d|(accent\d|colorful\d?)(_\d)?|[a-z]?(list|process|cycle|hierarchy"
    r"|matrix|radial|pyramid|venn|chevron|equation|funnel|gear|target|arrow|balance|orgchart)\d*)",
    re.IGNORECASE,
)
_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006/"
_WORD_2010: Final = "http://schemas.microsoft.com/office/word/2010/wordprocessing"
_KINDS_OF_GRAPHIC: Final = frozenset(
    {_DRAWING + kind for kind in ("chart", "diagram", "picture", "table", "compatibility")}
    | {_WORD_2010 + kind for kind in ("Shape", "Group", "Canvas")}
)
_KEPT_URI: Final = tags("a:graphicData")
_DIAGRAM_IDS: Final = frozenset({"loTypeId", "csTypeId", "qsTypeId", "presId", "uniqueId"})
_BETWEEN: Final = re.compile(r"[\s,;:]+")
_NUMBER: Final = re.compile(r"[+-]*[\d.,+-]*(pt|in|cm|mm|em|px|pc|emu|pi|fd?|%)?")
_HEXES: Final = re.compile(
    r"#?([0-9A-F]{6}|[0-9A-F]{8}|[0-9A-F]{20}|[A-F]{1,2}|(?=\D*\d)[0-9A-Fa-f]{1,20})"
)
_GUID: Final = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_OWN_ID: Final = re.compile(
    r"rId\d{1,9}|#?_x0000_[a-z]{1,2}\d{1,9}|bookmark\d+|_(Toc|Ref|Hlk)\d{1,12}|_GoBack"
    r"|A(uthor)?\d{1,5}|Custom ?\d+|Style \d+|Object \d+|Theme|Normal|sp\d+|[A-Za-z]\d{1,6}"
)
_CELL: Final = re.compile(r"\$?[A-Z]{1,3}\$?\d{1,7}")
_RANGE_ATTRIBUTES: Final = frozenset({"ref", "sqref", "spans", "activeCell", "topLeftCell", "r"})
_WHOLE_COLUMN: Final = re.compile(r"\$?[A-Z]{1,3}")
_TABLE_STYLE: Final = re.compile(r"(Table|Pivot)Style(Light|Medium|Dark)\d{1,2}")
_BOOLEANS: Final = frozenset({"true", "false", "on", "off", "t", "f", ""})
# Formulas and outlines of shapes. Their words are functions and names of points.
_GEOMETRY: Final = _words(
    "path eqn fmla points adj coordorigin coordsize connectlocs textboxrect x y w h l t r b pos "
    "ang rule limo from to control1 control2 gdRefX gdRefY gdRefR gdRefAng minX maxX minY maxY "
    "minR maxR minAng maxAng wR hR stAng swAng spt xrange yrange polar position v"
)
_GEOMETRY_NAMES: Final = tags("a:gd")
_GEOMETRY_TEXT: Final = re.compile(r"[\w\s#%.,:;+/()*='&$@{}?-]{0,20000}")
_GEOMETRY_WORDS: Final = _words(
    "abs adj atan cosatan sinatan sqrt sumangle ellipse prod sum mid min max cos sin tan mod val "
    "pin sat cat width height pixelwidth pixelheight pixellinewidth linedrawn connsite emuwidth "
    "emuheight xcenter ycenter vert horz center topleft bottomright rotate translate scale skewx "
    "skewy matrix logwidth logheight hasstroke hasfill"
)
_STYLE_PROPERTY: Final = re.compile(
    r"(position|left|top|right|bottom|width|height|rotation|flip|visibility|z-index"
    r"|margin(-(left|top|right|bottom))?|font-(size|weight|style)|text-align|text-decoration"
    r"|v-text-(anchor|align|kern|spacing(-mode)?)|v-rotate-letters|v-same-letter-heights"
    r"|layout-flow|direction|mso-[a-z-]+|text-underline|tab-stops|text-indent|line-height)"
    r":(?P<value>[\w.%# +-]*)"
)
_STYLE_WORDS: Final = _words(
    "absolute relative static left top right bottom center middle inside outside inner outer "
    "margin page text char column line paragraph horizontal vertical ideographic bidi wrap none "
    "square tight through visible hidden normal bold italic underline auto both x y yx xy flip t f "
    "fit shape to area baseline begin end justify letter word stretch tightening tracking pt in cm "
    "mm px em pi emu pc fd th ruby start far near all not specified"
)


def is_harmless(node: etree._Element, name: str, value: str) -> bool:
    """Say whether an attribute can say nothing that is not the format's own, or was read.

    name: as lxml writes it
    """
    plain = name.rpartition("}")[2]
    if plain in _READ:
        return True
    if plain == "name":
        return _is_harmless_name(node, value)
    if plain == "uri":
        return node.tag in _KEPT_URI and value in _KINDS_OF_GRAPHIC
    if plain in _DIAGRAM_IDS:
        return bool(_DIAGRAM.fullmatch(value))
    # A sign: of a list, between decimals, of a symbol.
    if plain in {"val", "char"} and (node.tag in _READ_VALUES or len(value) < 3):
        return True
    if _is_style(node, plain, value) or _is_font(node, plain, value):
        return True
    if plain in _LANGUAGES and (plain.lower().endswith("lang") or node.tag in _LANGUAGE_TAGS):
        return bool(_LANGUAGE.fullmatch(value))
    if plain in _GEOMETRY and is_geometry(value):
        return True
    if plain in _RANGE_ATTRIBUTES and ":" in value:
        return all(
            _WHOLE_COLUMN.fullmatch(piece) or _CELL.fullmatch(piece) or piece.isdecimal()
            for piece in _BETWEEN.split(value)
        )
    return _is_fixed(plain, value) or _is_number(value)


def harmless_style(value: str) -> str:
    """Return the declarations of a VML shape's style that only place it."""
    kept = []
    for declaration in value.split(";"):
        match = _STYLE_PROPERTY.fullmatch(declaration.strip())
        words = re.findall(r"[A-Za-z]+", match["value"]) if match else ()
        if match and all(word.lower() in _STYLE_WORDS for word in words):
            kept.append(declaration.strip())
    return ";".join(kept)


def is_geometry(value: str) -> bool:
    """Say whether a formula or an outline has no word but its functions and short names."""
    if not _GEOMETRY_TEXT.fullmatch(value):
        return False
    words = re.findall(r"[^\W\d_]+", value)
    return all(len(word) < 4 or word.lower() in _GEOMETRY_WORDS for word in words)


def _is_fixed(plain: str, value: str) -> bool:
    return value in _BOOLEANS or value in fixed_values()[plain]


def _is_number(value: str) -> bool:
    shapes = (_HEXES, _GUID, _OWN_ID, _TABLE_STYLE)
    if any(shape.fullmatch(value) for shape in shapes):
        return True
    pieces = _BETWEEN.split(value)
    return all(_NUMBER.fullmatch(piece) or _CELL.fullmatch(piece) for piece in pieces)


def _is_style(node: etree._Element, plain: str, value: str) -> bool:
    if node.tag == q("w:style") and plain == "styleId":
        return bool(_STYLE.fullmatch(value))
    if plain == "val" and node.tag in _STYLE_VALUES:
        return bool(_STYLE.fullmatch(value))
    is_name = node.tag == q("w:name") and plain == "val"
    return is_name and (is_built_in(value) or bool(_STYLE.fullmatch(value)))


def _is_font(node: etree._Element, plain: str, value: str) -> bool:
    is_font = plain in _FONTS and namespace(node.tag) in {NAMES["w"], NAMES["a"]}
    is_font = is_font or (plain == "val" and node.tag in _FONT_NAMES)
    return is_font and node.tag not in _LANGUAGE_TAGS and bool(_FONT.fullmatch(value))


def _is_harmless_name(node: etree._Element, value: str) -> bool:
    """Say so for names that were given anew, and for names of fonts and built-in styles."""
    if node.tag in _READ_NAMES or value == "":
        return True
    if node.tag in _FONT_LISTS:
        return bool(_FONT.fullmatch(value))
    if node.tag == q("w:lsdException"):
        return is_built_in(value)
    if node.tag in _GEOMETRY_NAMES:
        return is_geometry(value)
    return _is_fixed("name", value) or _is_number(value)


@cache
def fixed_values() -> defaultdict[str, frozenset[str]]:
    """Return the words that each attribute may say, by its name without namespace."""
    path = Path(__file__).with_name("fixed_values.txt")
    values: defaultdict[str, set[str]] = defaultdict(set)
    for line in path.read_text(encoding="utf-8").splitlines():
        name, *words = line.split()
        values[name].update(words)
    return defaultdict(frozenset, {name: frozenset(words) for name, words in values.items()})
