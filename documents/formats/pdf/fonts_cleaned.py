"""Fonts of a clean PDF: what tells of characters that no page shows any more falls away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from documents.formats.pdf import schemas, unicode_maps
from documents.formats.pdf.fonts import Fonts, names_of_codes, widths_of_cids

# Cleans a glyph's drawing, given the resources around it; returns those it uses, None to drop it.
CleanGlyph = Callable[[Object, Object], Object | None]
_PROGRAMS = frozenset({"/FontFile", "/FontFile2", "/FontFile3"})


class FontCleaner:
    """Collects which codes of each font are used, then cleans the fonts."""

    def __init__(self, pdf: pikepdf.Pdf, fonts: Fonts, clean_glyph: CleanGlyph) -> None:
        self._pdf = pdf
        self._fonts = fonts
        self._clean_glyph = clean_glyph
        self._noted: dict[object, tuple[Object, Object]] = {}
        self._codes: dict[object, set[int] | None] = {}
        self._renamed = 0

    def note(self, font: Object, strings: Iterable[bytes], resources: Object) -> None:
        """Note what a content stream shows in a font."""
        read = self._fonts.of(font) if isinstance(font, Dictionary) else None
        if read is None or not read.bytes_per_code:
            self.keep_whole(font, resources)
            return
        codes = self._codes.setdefault(self._remember(font, resources), set())
        if codes is not None:
            for text in strings:
                codes.update(read.codes(text))

    def keep_whole(self, font: Object, resources: Object) -> None:
        """Note a font of which every character may be used."""
        self._codes[self._remember(font, resources)] = None

    def finish(self) -> None:
        """Clean the fonts that were noted."""
        done: set[object] = set()
        # Glyphs of Type 3 fonts may show text in fonts of their own.
        while waiting := [key for key in self._noted if key not in done]:
            waiting.sort(key=lambda key: self._noted[key][0].get("/Subtype") != Name.Type3)
            font, resources = self._noted[waiting[0]]
            done.add(waiting[0])
            self._clean(font, self._codes[waiting[0]], resources)

    def _remember(self, font: Object, resources: Object) -> object:
        key: object = font.objgen if font.is_indirect else id(font)
        self._noted.setdefault(key, (font, resources))
        return key

    def _clean(self, font: Object, used: set[int] | None, resources: Object) -> None:
        if not isinstance(font, Dictionary):
            return
        kind = font.get("/Subtype")
        special: dict[str, Callable[[Object], bool]] = {
            "/ToUnicode": lambda value: self._map(font, value, used),
            "/Encoding": lambda value: _encoding(value, used),
            "/FontDescriptor": self._descriptor,
            "/DescendantFonts": lambda value: self._descendants(value, used),
        }
        if kind == Name.Type3:
            special["/CharProcs"] = lambda value: self._glyphs(font, value, used, resources)
            special["/Resources"] = lambda value: True
        for key in list(font.keys()):
            is_kept = special[key](font[key]) if key in special else _is_kept(font, key)
            if not is_kept:
                del font[key]
        if used is not None and kind != Name.Type0:
            _narrow_widths(font, used)
        self._rename(font)

    def _rename(self, font: Object) -> None:
        """Give an embedded font a name that says nothing; others are found by theirs."""
        holders = [font]
        if font.get("/Subtype") == Name.Type0 and "/DescendantFonts" in font:
            holders.append(font["/DescendantFonts"][0])
        descriptor = holders[-1].get("/FontDescriptor")
        if not isinstance(descriptor, Dictionary) or not _PROGRAMS.intersection(descriptor.keys()):
            return
        self._renamed += 1
        name = Name(f"/AAAAAA+Font{self._renamed}")
        descriptor.FontName = name
        for holder in holders:
            holder.BaseFont = name

    def _map(self, font: Object, value: Object, used: set[int] | None) -> bool:
        if isinstance(value, Name):
            return True
        if not isinstance(value, Stream):
            return False
        entries = unicode_maps.parsed(bytes(value.read_bytes()))
        if not entries:
            return False
        font.ToUnicode = self._pdf.make_stream(unicode_maps.written(entries, used))
        return True

    def _descendants(self, value: Object, used: set[int] | None) -> bool:
        if not isinstance(value, Array) or not len(value):
            return False
        font = value[0]
        special: dict[str, Callable[[Object], bool]] = {
            "/FontDescriptor": self._descriptor,
            "/CIDSystemInfo": _system_info,
            "/CIDToGIDMap": _numbers_map,
        }
        if used is not None and "/W" in font:
            font.W = _widths_written(widths_of_cids(font["/W"]), used)
        for key in list(font.keys()):
            is_kept = special[key](font[key]) if key in special else _is_kept(font, key)
            if not is_kept:
                del font[key]
        return True

    def _descriptor(self, value: Object) -> bool:
        if not isinstance(value, Dictionary):
            return False
        for key in list(value.keys()):
            if key in _PROGRAMS:
                is_kept = _pruned_stream(value[key], schemas.FONT_FILE)
            else:
                is_kept = key in schemas.DESCRIPTOR and schemas.is_plain(value[key])
            if not is_kept:
                del value[key]
        return True

    def _glyphs(
        self, font: Object, value: Object, used: set[int] | None, resources: Object
    ) -> bool:
        """Keep the drawings of a Type 3 font that are used."""
        if not isinstance(value, Dictionary):
            return False
        own = font.get("/Resources")
        inherited = own if isinstance(own, Dictionary) else resources
        names = names_of_codes(font.get("/Encoding"))
        wanted = {f"/{name}" for code, name in names.items() if used is None or code in used}
        resources_of_glyphs = Dictionary()
        for key in list(value.keys()):
            drawn = self._clean_glyph(value[key], inherited) if key in wanted else None
            if drawn is None:
                del value[key]
                continue
            for category, listed in drawn.items():
                if category not in resources_of_glyphs:
                    resources_of_glyphs[category] = Dictionary()
                for name, resource in listed.items():
                    resources_of_glyphs[category][name] = resource
        font.Resources = resources_of_glyphs
        return True


def _is_kept(font: Object, key: str) -> bool:
    return key in schemas.FONT and schemas.is_plain(font[key])


def _encoding(value: Object, used: set[int] | None) -> bool:
    if isinstance(value, Name):
        return True
    if isinstance(value, Stream):
        for key in list(value.keys()):
            if key == "/CIDSystemInfo":
                is_kept = _system_info(value[key])
            elif key == "/UseCMap":
                is_kept = isinstance(value[key], Name)
            else:
                is_kept = key in schemas.CMAP | schemas.STREAM and schemas.is_plain(value[key])
            if not is_kept and key != "/Length":
                del value[key]
        return True
    if not isinstance(value, Dictionary):
        return False
    for key in list(value.keys()):
        if key not in schemas.ENCODING or not schemas.is_plain(value[key]):
            del value[key]
    if used is not None and "/Differences" in value:
        listed: list[object] = []
        for code, name in sorted(names_of_codes(value).items()):
            if code in used:
                listed += [code, Name("/" + name)]
        value.Differences = Array(listed)
    return True


def _narrow_widths(font: Object, used: set[int]) -> None:
    """Keep the widths of used codes; the others are zero or beyond the ends."""
    widths = font.get("/Widths")
    if not isinstance(widths, Array):
        return
    first = int(font.get("/FirstChar", 0))
    by_code = {first + index: width for index, width in enumerate(widths.as_list())}
    known = sorted(used & by_code.keys()) or [0]
    font.FirstChar, font.LastChar = known[0], known[-1]
    font.Widths = Array(
        [by_code[c] if c in used and c in by_code else 0 for c in range(known[0], known[-1] + 1)]
    )


def _widths_written(widths: dict[int, float], used: set[int]) -> Array:
    listed: list[object] = []
    for code in sorted(used & widths.keys()):
        listed += [code, Array([Decimal(f"{widths[code]:.4f}".rstrip("0").rstrip("."))])]
    return Array(listed)


def _system_info(value: Object) -> bool:
    """Keep the two names of a character collection, which are strings of a few letters."""
    if not isinstance(value, Dictionary):
        return False
    for key in list(value.keys()):
        if key in {"/Registry", "/Ordering"} and isinstance(value[key], pikepdf.String):
            if len(bytes(value[key])) > 40:
                value[key] = pikepdf.String("Identity")
        elif key not in schemas.SYSTEM_INFO or not schemas.is_plain(value[key]):
            del value[key]
    return True


def _numbers_map(value: Object) -> bool:
    return isinstance(value, Name) or _pruned_stream(value, frozenset())


def _pruned_stream(value: Object, keys: frozenset[str]) -> bool:
    if not isinstance(value, Stream):
        return False
    for key in list(value.keys()):
        if key == "/DecodeParms":
            continue
        if key not in keys | schemas.STREAM or not schemas.is_plain(value[key]):
            del value[key]
    return True
