"""Which keys each kind of dictionary keeps in a clean PDF: what draws, and nothing else.

A list of what may stay, not of what must go: a private key, metadata or a script that nobody has
thought of falls away as well.
"""

from __future__ import annotations

from pikepdf import Array, Name, Object, ObjectType

PAGE = frozenset({"/Type", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit"})
GROUP = frozenset({"/Type", "/S", "/I", "/K"})
FORM = frozenset({"/Type", "/Subtype", "/FormType", "/BBox", "/Matrix"})
IMAGE = frozenset(
    [
        "/Type",
        "/Subtype",
        "/Width",
        "/Height",
        "/BitsPerComponent",
        "/Decode",
        "/ImageMask",
        "/Interpolate",
        "/Intent",
        "/SMaskInData",
        "/Matte",
    ]
)
PATTERN = frozenset(
    ["/Type", "/PatternType", "/PaintType", "/TilingType", "/BBox", "/XStep", "/YStep", "/Matrix"]
)
SHADING = frozenset(
    [
        "/ShadingType",
        "/Background",
        "/BBox",
        "/AntiAlias",
        "/Coords",
        "/Domain",
        "/Extend",
        "/Matrix",
        "/BitsPerCoordinate",
        "/BitsPerComponent",
        "/BitsPerFlag",
        "/Decode",
        "/VerticesPerRow",
    ]
)
FUNCTION = frozenset(
    [
        "/FunctionType",
        "/Domain",
        "/Range",
        "/Size",
        "/BitsPerSample",
        "/Order",
        "/Encode",
        "/Decode",
        "/C0",
        "/C1",
        "/N",
        "/Bounds",
    ]
)
EXT_GSTATE = frozenset(
    [
        "/Type",
        "/LW",
        "/LC",
        "/LJ",
        "/ML",
        "/D",
        "/RI",
        "/OP",
        "/op",
        "/OPM",
        "/FL",
        "/SM",
        "/SA",
        "/BM",
        "/CA",
        "/ca",
        "/AIS",
        "/TK",
    ]
)
SOFT_MASK = frozenset({"/Type", "/S", "/BC"})
ICC = frozenset({"/N", "/Range"})
CALIBRATED = frozenset({"/WhitePoint", "/BlackPoint", "/Gamma", "/Matrix", "/Range"})
FONT = frozenset(
    [
        "/Type",
        "/Subtype",
        "/BaseFont",
        "/FirstChar",
        "/LastChar",
        "/Widths",
        "/FontBBox",
        "/FontMatrix",
        "/DW",
        "/W",
        "/DW2",
        "/W2",
    ]
)
DESCRIPTOR = frozenset(
    [
        "/Type",
        "/FontName",
        "/FontStretch",
        "/FontWeight",
        "/Flags",
        "/FontBBox",
        "/ItalicAngle",
        "/Ascent",
        "/Descent",
        "/Leading",
        "/CapHeight",
        "/XHeight",
        "/StemV",
        "/StemH",
        "/AvgWidth",
        "/MaxWidth",
        "/MissingWidth",
    ]
)
FONT_FILE = frozenset({"/Length1", "/Length2", "/Length3", "/Subtype"})
ENCODING = frozenset({"/Type", "/BaseEncoding", "/Differences"})
CMAP = frozenset({"/Type", "/CMapName", "/WMode"})
SYSTEM_INFO = frozenset({"/Supplement"})
DECODING = frozenset(
    [
        "/Predictor",
        "/Colors",
        "/BitsPerComponent",
        "/Columns",
        "/EarlyChange",
        "/K",
        "/EndOfLine",
        "/EncodedByteAlign",
        "/Rows",
        "/EndOfBlock",
        "/BlackIs1",
        "/DamagedRowsBeforeError",
        "/ColorTransform",
    ]
)
STREAM = frozenset({"/Length", "/Filter"})

_PLAIN = {
    ObjectType.null,
    ObjectType.boolean,
    ObjectType.integer,
    ObjectType.real,
    ObjectType.name_,
}
_DEEPEST_ARRAY = 8


def is_plain(value: object, depth: int = 0) -> bool:
    """Say whether a value holds numbers, names and arrays of these only: no text, no objects."""
    if not isinstance(value, Object):
        return not isinstance(value, (str, bytes))
    if isinstance(value, Name):
        return True
    if isinstance(value, Array):
        return depth < _DEEPEST_ARRAY and all(is_plain(v, depth + 1) for v in value.as_list())
    return value._type_code in _PLAIN
