"""Fonts of a PDF, as far as the place of text on a line depends on them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pikepdf
import pymupdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from documents.formats.pdf import unicode_maps
from documents.formats.pdf.vocabulary import character_of

# How PyMuPDF calls the metrics of the standard fonts, which need not be embedded.
_STANDARD = {
    "Helvetica": "helv",
    "Helvetica-Bold": "hebo",
    "Helvetica-Oblique": "heit",
    "Helvetica-BoldOblique": "hebi",
    "Arial": "helv",
    "Arial,Bold": "hebo",
    "ArialMT": "helv",
    "Arial-BoldMT": "hebo",
    "Times-Roman": "tiro",
    "Times-Bold": "tibo",
    "Times-Italic": "tiit",
    "Times-BoldItalic": "tibi",
    "TimesNewRoman": "tiro",
    "TimesNewRomanPSMT": "tiro",
    "Courier": "cour",
    "Courier-Bold": "cobo",
    "Courier-Oblique": "coit",
    "Courier-BoldOblique": "cobi",
    "Symbol": "symb",
    "ZapfDingbats": "zadb",
}
_IDENTITY = {"/Identity-H"}
_UNMAPPED = "\ufffd"


class Font:
    """A font: how strings fall into codes, how wide each is, which are blank.

    bytes_per_code: 0 where the encoding is not understood
    """

    def __init__(self, font: Object) -> None:
        self.bytes_per_code = 1
        self.texts: dict[unicode_maps.Code, str] = {}
        self._scale = 0.001
        self._default = 0.0
        self._widths: dict[int, float] = {}
        self._measured: dict[bytes, float] = {}
        self._blank: dict[int, bool] = {}
        mapped = font.get("/ToUnicode")
        if isinstance(mapped, Stream):
            self.texts = unicode_maps.parsed(bytes(mapped.read_bytes()))
        if font.get("/Subtype") == Name.Type0:
            self._read_composite(font)
        else:
            self._read_simple(font)

    def codes(self, text: bytes) -> Iterator[int]:
        """Yield the codes of a string; of an encoding not understood none."""
        if self.bytes_per_code == 1:
            yield from text
        elif self.bytes_per_code == 2:
            for high, low in zip(text[::2], text[1::2], strict=False):
                yield high << 8 | low

    def width(self, text: bytes) -> float:
        """Return the width of a string, as a share of the font's size."""
        if text not in self._measured:
            default, widths = self._default, self._widths
            self._measured[text] = sum(widths.get(code, default) for code in self.codes(text))
        return self._measured[text] * self._scale

    def is_blank(self, code: int) -> bool:
        """Say whether a code shows nothing but a space."""
        known = self._blank.get(code)
        if known is None:
            text = self.texts.get((code, self.bytes_per_code))
            is_space = code == 32 and self.bytes_per_code == 1
            known = self._blank[code] = is_space if text is None else text.isspace()
        return known

    def _read_composite(self, font: Object) -> None:
        if str(font.get("/Encoding")) not in _IDENTITY:
            self.bytes_per_code = 0
            return
        self.bytes_per_code = 2
        descendants = font.get("/DescendantFonts")
        if not isinstance(descendants, Array) or not len(descendants):
            self.bytes_per_code = 0
            return
        self._default = float(descendants[0].get("/DW", 1000))
        self._widths = widths_of_cids(descendants[0].get("/W"))

    def _read_simple(self, font: Object) -> None:
        descriptor = font.get("/FontDescriptor")
        if isinstance(descriptor, Dictionary):
            self._default = float(descriptor.get("/MissingWidth", 0))
        if font.get("/Subtype") == Name.Type3:
            matrix = font.get("/FontMatrix")
            self._scale = float(matrix[0]) if isinstance(matrix, Array) else 0.001
        widths = font.get("/Widths")
        if isinstance(widths, Array):
            first = int(font.get("/FirstChar", 0))
            self._widths = {
                first + index: float(width) for index, width in enumerate(widths.as_list())
            }
        elif name := _STANDARD.get(str(font.get("/BaseFont", "")).lstrip("/")):
            self._widths = _standard_widths(name)
            self._widths |= _widths_of_differences(name, font.get("/Encoding"))
        else:
            self.bytes_per_code = 0


def widths_of_cids(widths: Object | None) -> dict[int, float]:
    """Return the widths of a composite font's glyphs by number."""
    found: dict[int, float] = {}
    items = list(widths.as_list()) if isinstance(widths, Array) else list[Object]()
    position = 0
    while position + 1 < len(items):
        first, following = int(items[position]), items[position + 1]
        if isinstance(following, Array):
            for offset, width in enumerate(following.as_list()):
                found[first + offset] = float(width)
            position += 2
            continue
        if position + 2 >= len(items):
            break
        last = min(int(following), first + 0xFFFF)
        found.update(dict.fromkeys(range(first, last + 1), float(items[position + 2])))
        position += 3
    return found


def names_of_codes(encoding: Object | None) -> dict[int, str]:
    """Return the glyph names that an encoding gives to codes, without their slash."""
    names: dict[int, str] = {}
    if not isinstance(encoding, Dictionary):
        return names
    differences = encoding.get("/Differences")
    code = 0
    for item in differences.as_list() if isinstance(differences, Array) else []:
        if isinstance(item, Name):
            names[code] = str(item).lstrip("/")
            code += 1
        else:
            code = int(item)
    return names


@lru_cache(maxsize=32)
def _standard_font(name: str) -> pymupdf.Font:
    return pymupdf.Font(name)


@lru_cache(maxsize=32)
def _standard_widths(name: str) -> dict[int, float]:
    font = _standard_font(name)
    if name in {"symb", "zadb"}:
        return {}
    return {
        code: 1000 * font.glyph_advance(ord(text))
        for code in range(32, 256)
        if (text := bytes([code]).decode("cp1252", "ignore"))
    }


def _widths_of_differences(name: str, encoding: Object | None) -> dict[int, float]:
    font = _standard_font(name)
    return {
        code: 1000 * font.glyph_advance(ord(character_of(glyph) or _UNMAPPED))
        for code, glyph in names_of_codes(encoding).items()
    }


class Fonts:
    """The fonts of one file, each read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[int, int], Font | None] = {}

    def of(self, font: Object) -> Font | None:
        """Return a font, None where it is malformed."""
        key = font.objgen
        if key == (0, 0):
            return self._new(font)
        if key not in self._read:
            self._read[key] = self._new(font)
        return self._read[key]

    @staticmethod
    def _new(font: Object) -> Font | None:
        try:
            return Font(font)
        except (pikepdf.PdfError, TypeError, ValueError, AttributeError, IndexError):
            return None
