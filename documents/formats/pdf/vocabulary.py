"""Words that PDF itself is written in: a hidden value that equals one does not survive by them."""

from __future__ import annotations

from functools import lru_cache

import pymupdf

from documents.formats.pdf import schemas

_VALUES = [
    "Alpha",
    "AllOff",
    "ASCII85Decode",
    "ASCIIHexDecode",
    "BlackIs1",
    "CCITTFaxDecode",
    "CIDFontType0",
    "CIDFontType0C",
    "CIDFontType2",
    "CalGray",
    "CalRGB",
    "Catalog",
    "CMap",
    "Color",
    "ColorBurn",
    "ColorDodge",
    "Compatible",
    "Courier",
    "Courier-Bold",
    "Courier-BoldOblique",
    "Courier-Oblique",
    "DCTDecode",
    "Darken",
    "DefaultCMYK",
    "DefaultGray",
    "DefaultRGB",
    "DeviceCMYK",
    "DeviceGray",
    "DeviceN",
    "DeviceRGB",
    "Difference",
    "Encoding",
    "Exclusion",
    "ExtGState",
    "FlateDecode",
    "Font",
    "FontDescriptor",
    "Form",
    "Group",
    "HardLight",
    "Helvetica",
    "Helvetica-Bold",
    "Helvetica-BoldOblique",
    "Helvetica-Oblique",
    "Hue",
    "ICCBased",
    "Identity",
    "Identity-H",
    "Identity-V",
    "Image",
    "Indexed",
    "JBIG2Decode",
    "JPXDecode",
    "LZWDecode",
    "Lab",
    "Lighten",
    "Luminosity",
    "MMType1",
    "MacExpertEncoding",
    "MacRomanEncoding",
    "Mask",
    "Multiply",
    "None",
    "Normal",
    "ObjStm",
    "OpenType",
    "Overlay",
    "Page",
    "Pages",
    "Pattern",
    "Perceptual",
    "RelativeColorimetric",
    "RunLengthDecode",
    "Saturation",
    "Screen",
    "Separation",
    "SoftLight",
    "StandardEncoding",
    "Symbol",
    "Times-Bold",
    "Times-BoldItalic",
    "Times-Italic",
    "Times-Roman",
    "Transparency",
    "TrueType",
    "Type0",
    "Type1",
    "Type1C",
    "Type3",
    "WinAnsiEncoding",
    "XObject",
    "XRef",
    "ZapfDingbats",
    "AbsoluteColorimetric",
]
_KEYS = [
    "AIS",
    "Alternate",
    "BaseFont",
    "CIDSystemInfo",
    "CIDToGIDMap",
    "CharProcs",
    "ColorSpace",
    "ColorSpaces",
    "Contents",
    "Count",
    "CropBox",
    "DecodeParms",
    "DescendantFonts",
    "Differences",
    "Extend",
    "FontFile",
    "FontFile2",
    "FontFile3",
    "Function",
    "Functions",
    "First",
    "Gamma",
    "ID",
    "Index",
    "JBIG2Globals",
    "Kids",
    "Metadata",
    "N",
    "Ordering",
    "Parent",
    "Registry",
    "Resources",
    "Root",
    "SMask",
    "Shading",
    "Size",
    "Subtype",
    "ToUnicode",
    "UseCMap",
    "W",
]
_UNKNOWN_GLYPH = 0xFFFD
WORDS = (
    frozenset(f"/{word}" for word in (*_VALUES, *_KEYS))
    | schemas.PAGE
    | schemas.GROUP
    | schemas.FORM
    | schemas.IMAGE
    | schemas.PATTERN
    | schemas.SHADING
    | schemas.FUNCTION
    | schemas.EXT_GSTATE
    | schemas.SOFT_MASK
    | schemas.ICC
    | schemas.CALIBRATED
    | schemas.FONT
    | schemas.DESCRIPTOR
    | schemas.FONT_FILE
    | schemas.ENCODING
    | schemas.CMAP
    | schemas.SYSTEM_INFO
    | schemas.DECODING
    | schemas.STREAM
)


@lru_cache(maxsize=8192)
def is_standard(name: str) -> bool:
    """Say whether a name (with its slash) belongs to PDF, or is that of a glyph of any font.

    Names with digits ("a32", "uni0041") could be made of any number, and are none of these.
    """
    if name in WORDS:
        return True
    return name[1:].isalpha() and character_of(name[1:]) is not None


@lru_cache(maxsize=8192)
def character_of(glyph: str) -> str | None:
    """Return the character that a glyph's name stands for, None where it says nothing."""
    number = pymupdf.mupdf.fz_unicode_from_glyph_name(glyph)
    return None if number in {0, _UNKNOWN_GLYPH} else chr(number)
