"""Writes a PDF anew with what draws its pages, and nothing else.

Each object that a page draws is walked through its schema (schemas.py); what no schema names falls
away: metadata, outline, links, forms, attachments, scripts, layers, structure, old revisions.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from documents.formats.pdf import content, drawing, schemas
from documents.formats.pdf.areas import Box, Matrix
from documents.formats.pdf.bars import Bar, Piece, laid_out
from documents.formats.pdf.fonts import Fonts
from documents.formats.pdf.fonts_cleaned import FontCleaner
from documents.formats.pdf.images import strip_image
from documents.formats.pdf.resetting import reset
from documents.formats.pdf.runs import UnknownTextError, drawn_by

_KINDS = ("/XObject", "/Font", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading")
_DEFAULT_SPACES = ("/DefaultGray", "/DefaultRGB", "/DefaultCMYK")
_LETTER = (0.0, 0.0, 612.0, 792.0)


@dataclass
class Redrawn:
    """What cleaning left to say.

    unreadable: indexes of pages whose content cannot be parsed
    as_wide:    number of bars that are as wide as what they hide
    images:     number of images that could not be cleaned and are drawn no more
    written_on_bars: what stands on the bars of each page, by index
    """

    unreadable: list[int] = field(default_factory=list)
    as_wide: int = 0
    images: int = 0
    written_on_bars: dict[int, str] = field(default_factory=dict)


class Part:
    """A content stream, opened: a page, a form, a glyph or a pattern's cell."""

    def __init__(self, walk: PageCleaner, source: Object, resources: Object) -> None:
        self.key = walk.number_of(source)
        self.source = source
        self.resources = resources
        self.instructions, self.used = content.instructions_of(source)
        self._walk = walk

    @property
    def matrix(self) -> Matrix:
        """What leads from a form's coordinates to those of who draws it."""
        matrix = self.source.get("/Matrix")
        if isinstance(matrix, Array) and len(matrix) == 6:
            a, b, c, d, e, f = (float(value) for value in matrix.as_list())
            return a, b, c, d, e, f
        return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

    def form(self, name: str) -> Part | None:
        """Return the form that this one draws by a name."""
        found = self.resources.get("/XObject")
        form = found.get(name) if isinstance(found, Dictionary) else None
        if isinstance(form, Stream) and form.get("/Subtype") == Name.Form:
            return self._walk.part_of(form, self.resources)
        return None


class PageCleaner:
    """Cleans the pages of one file, which it changes in place."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.redrawn = Redrawn()
        self._pdf = pdf
        self._fonts = Fonts()
        self._font_cleaner = FontCleaner(pdf, self._fonts, self._clean_glyph)
        self._parts: dict[tuple[int, int], Part] = {}
        self._by_number: dict[int, Part] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._written: set[int] = set()
        self._cleaned: dict[tuple[tuple[int, int], str], bool] = {}

    def number_of(self, source: Object) -> int:
        """Return the number by which a content stream is known here."""
        return self._numbers.setdefault(source.objgen, len(self._numbers))

    def part_of(self, source: Object, inherited: Object) -> Part:
        """Return a content stream, parsed once. Raises pikepdf.PdfError."""
        key = source.objgen
        if key not in self._parts:
            own = source.get("/Resources")
            resources = own if isinstance(own, Dictionary) else inherited
            part = self._parts[key] = Part(self, source, resources)
            self._by_number[part.key] = part
        return self._parts[key]

    def clean_page(
        self, index: int, page: Object, pieces: Sequence[Piece], rules: Sequence[Box]
    ) -> None:
        """Clean a page, draw its bars, set the lines beside them anew."""
        own = page.get("/Resources")
        self._parts.clear()
        self._by_number.clear()
        try:
            part = self.part_of(page, own if isinstance(own, Dictionary) else Dictionary())
            bars = self._set_lines(part, pieces, _visible_box(page), rules) if pieces else []
            resources = self._resources_of(part)
        except (pikepdf.PdfError, RecursionError):
            self.redrawn.unreadable.append(index)
            _make_blank(self._pdf, page)
            return
        data = content.written(part.instructions)
        if bars:
            data = b"q\n%s\nQ\n%s" % (data, drawing.bars_drawn(bars))
            if text := drawing.text_on(bars):
                self.redrawn.written_on_bars[index] = text
                if "/Font" not in resources:
                    resources.Font = Dictionary()
                resources.Font[drawing.FONT_NAME] = drawing.label_font()
        _prune(page, schemas.PAGE, {"/Group": self._group, "/Parent": lambda _: True})
        page.Resources = resources
        page.Contents = self._pdf.make_stream(data)

    def finish(self) -> None:
        """Clean the fonts, whose used characters are known now."""
        self._font_cleaner.finish()

    def _set_lines(
        self, part: Part, pieces: Sequence[Piece], box: Box, rules: Sequence[Box]
    ) -> list[Bar]:
        try:
            drawn = drawn_by(part, self._fonts)
            drawn.shared |= self._written
        except (UnknownTextError, ValueError, TypeError, ZeroDivisionError):
            drawn = None
        layout = laid_out(drawn, pieces, box, rules)
        self.redrawn.as_wide += layout.as_wide
        if drawn is not None:
            for number in {move.run.part for move in layout.moves}:
                moved = self._by_number[number]
                moved.instructions = reset(moved.instructions, number, drawn, layout.moves)
        return layout.bars

    def _resources_of(self, part: Part) -> Dictionary:
        """Return the resources that a part uses, cleaned."""
        cleaners: dict[str, Callable[[Object], bool]] = {
            "/XObject": lambda value: self._drawn_object(value, part.resources),
            "/Font": lambda value: True,
            "/ExtGState": lambda value: self._graphics_state(value, part.resources),
            "/ColorSpace": self._colour_space,
            "/Pattern": lambda value: self._pattern(value, part.resources),
            "/Shading": self._shading,
        }
        kept = Dictionary()
        for kind in _KINDS:
            listed = part.resources.get(kind)
            if not isinstance(listed, Dictionary):
                continue
            names = list(listed.keys())
            wanted = [name for name in names if self._is_used(part, kind, name)]
            chosen = {name: listed[name] for name in wanted if cleaners[kind](listed[name])}
            if kind == "/Font":
                for name, font in chosen.items():
                    strings = part.used.strings.get(name, [])
                    self._font_cleaner.note(font, strings, part.resources)
            if chosen:
                kept[kind] = Dictionary(chosen)
        return kept

    @staticmethod
    def _is_used(part: Part, kind: str, name: str) -> bool:
        if kind == "/ColorSpace" and name in _DEFAULT_SPACES:
            return True
        return part.used.has(kind, name)

    def _once(self, value: Object, kind: str, clean: Callable[[], bool]) -> bool:
        """Clean an object once for each role that it has; cycles end here."""
        key = (value.objgen, kind)
        if value.objgen == (0, 0):
            return clean()
        if key not in self._cleaned:
            self._cleaned[key] = True
            self._cleaned[key] = clean()
        return self._cleaned[key]

    def _drawn_object(self, value: Object, inherited: Object) -> bool:
        if not isinstance(value, Stream):
            return False
        if value.get("/Subtype") == Name.Form:
            return self._once(value, "form", lambda: self._form(value, inherited))
        if value.get("/Subtype") == Name.Image:
            return self._once(value, "image", lambda: self._image(value))
        return False

    def _form(self, form: Stream, inherited: Object) -> bool:
        return self._content(form, inherited, schemas.FORM, {"/Group": self._group})

    def _clean_glyph(self, glyph: Object, inherited: Object) -> Object | None:
        """Clean the drawing of a Type 3 font's glyph; return the resources that it uses."""
        if not isinstance(glyph, Stream):
            return None
        self._once(glyph, "glyph", lambda: self._content(glyph, inherited, frozenset(), {}))
        return glyph.get("/Resources", Dictionary())

    def _content(
        self,
        stream: Stream,
        inherited: Object,
        keys: frozenset[str],
        special: Mapping[str, Callable[[Object], bool]],
    ) -> bool:
        """Clean a stream of instructions with its resources."""
        part = self.part_of(stream, inherited)
        self._written.add(part.key)
        resources = self._resources_of(part)
        stream.write(content.written(part.instructions))
        _prune(stream, keys | schemas.STREAM, special)
        if len(resources):
            stream.Resources = resources
        return True

    def _image(self, image: Stream) -> bool:
        """Clean an image; one that cannot be cleaned is not drawn."""
        _prune(
            image,
            schemas.IMAGE | schemas.STREAM,
            {
                "/ColorSpace": self._colour_space,
                "/SMask": self._mask,
                "/Mask": self._mask,
            },
        )
        is_clean = strip_image(image)
        self.redrawn.images += not is_clean
        return is_clean

    def _mask(self, value: Object) -> bool:
        if isinstance(value, Stream):
            return self._drawn_object(value, Dictionary())
        return schemas.is_plain(value)

    def _group(self, value: Object) -> bool:
        if not isinstance(value, Dictionary):
            return False
        _prune(value, schemas.GROUP, {"/CS": self._colour_space})
        return True

    def _graphics_state(self, value: Object, inherited: Object) -> bool:
        if not isinstance(value, Dictionary):
            return False

        def font(setting: Object) -> bool:
            if not isinstance(setting, Array) or not isinstance(setting[0], Dictionary):
                return False
            self._font_cleaner.keep_whole(setting[0], inherited)
            return True

        def mask(setting: Object) -> bool:
            if not isinstance(setting, Dictionary):
                return schemas.is_plain(setting)
            _prune(
                setting,
                schemas.SOFT_MASK,
                {"/G": lambda g: self._drawn_object(g, inherited), "/TR": self._function},
            )
            return "/G" in setting

        def clean() -> bool:
            _prune(value, schemas.EXT_GSTATE, {"/Font": font, "/SMask": mask})
            return True

        return self._once(value, "state", clean)

    def _colour_space(self, value: Object) -> bool:
        if isinstance(value, Name):
            return True
        if not isinstance(value, Array) or not len(value):
            return False
        return self._once(value, "colours", lambda: self._colour_array(value))

    def _colour_array(self, value: Array) -> bool:
        family = str(value[0])
        items = value.as_list()
        if family == "/ICCBased" and len(items) > 1 and isinstance(items[1], Stream):
            _prune(items[1], schemas.ICC | schemas.STREAM, {"/Alternate": self._colour_space})
            return True
        if family in {"/CalGray", "/CalRGB", "/Lab"} and len(items) > 1:
            _prune(items[1], schemas.CALIBRATED, {})
            return True
        if family == "/Indexed" and len(items) == 4:
            if isinstance(items[3], Stream):
                _prune(items[3], schemas.STREAM, {})
            return self._colour_space(items[1])
        if family in {"/Separation", "/DeviceN"} and len(items) >= 4:
            while len(value) > 4:
                del value[len(value) - 1]
            return (
                schemas.is_plain(items[1])
                and self._colour_space(items[2])
                and self._function(items[3])
            )
        return family == "/Pattern" and all(self._colour_space(item) for item in items[1:])

    def _function(self, value: Object) -> bool:
        if isinstance(value, Array):
            return all(self._function(item) for item in value.as_list())
        if isinstance(value, Name):
            return True
        if not isinstance(value, (Dictionary, Stream)):
            return False
        keys = schemas.FUNCTION
        if isinstance(value, Stream):
            keys |= schemas.STREAM
        special = {"/Functions": self._function}
        return self._once(value, "function", lambda: _prune(value, keys, special))

    def _pattern(self, value: Object, inherited: Object) -> bool:
        if isinstance(value, Stream):
            return self._once(
                value, "cell", lambda: self._content(value, inherited, schemas.PATTERN, {})
            )
        if not isinstance(value, Dictionary):
            return False
        special = {
            "/Shading": self._shading,
            "/ExtGState": lambda state: self._graphics_state(state, inherited),
        }
        return self._once(value, "pattern", lambda: _prune(value, schemas.PATTERN, special))

    def _shading(self, value: Object) -> bool:
        if not isinstance(value, (Dictionary, Stream)):
            return False
        keys = schemas.SHADING
        if isinstance(value, Stream):
            keys |= schemas.STREAM
        special = {"/ColorSpace": self._colour_space, "/Function": self._function}
        return self._once(value, "shading", lambda: _prune(value, keys, special))


def clean(
    pdf: pikepdf.Pdf,
    pieces: Mapping[int, Sequence[Piece]],
    rules: Mapping[int, Sequence[Box]],
) -> Redrawn:
    """Clean a file in place and draw its bars.

    pieces: hidden stretches by index of the page, in coordinates of the file
    rules:  thin lines of these pages, which moved text does not cross
    """
    cleaner = PageCleaner(pdf)
    pages = [page.obj for page in pdf.pages]
    for index, page in enumerate(pages):
        _inherit(page)
        cleaner.clean_page(index, page, pieces.get(index, ()), rules.get(index, ()))
    cleaner.finish()
    _plant(pdf, pages)
    return cleaner.redrawn


def saved(pdf: pikepdf.Pdf) -> bytes:
    """Return a file as bytes: one revision, no unused objects, an id made of its content only."""
    output = io.BytesIO()
    pdf.save(
        output,
        compress_streams=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        deterministic_id=True,
    )
    return output.getvalue()


def _plant(pdf: pikepdf.Pdf, pages: Iterable[Object]) -> None:
    """Give a file a catalog and a page tree that hold nothing but the pages."""
    listed = list(pages)
    tree = pdf.make_indirect(Dictionary(Type=Name.Pages, Count=len(listed), Kids=Array(listed)))
    for page in listed:
        page.Parent = tree
    for key in list(pdf.trailer.keys()):
        if key not in {"/Root", "/Size"}:
            del pdf.trailer[key]
    pdf.trailer.Root = pdf.make_indirect(Dictionary(Type=Name.Catalog, Pages=tree))


def _inherit(page: Object) -> None:
    """Write on a page what it inherits from the tree above it."""
    for key in ("/MediaBox", "/CropBox", "/Rotate", "/Resources"):
        node, depth = page, 0
        while key not in node and isinstance(node.get("/Parent"), Dictionary) and depth < 64:
            node, depth = node["/Parent"], depth + 1
        if key in node and node is not page:
            page[key] = node[key]
    if "/MediaBox" not in page:
        page.MediaBox = Array(_LETTER)


def _visible_box(page: Object) -> Box:
    values = page.get("/CropBox") or page.MediaBox
    try:
        x0, y0, x1, y1 = (float(value) for value in values.as_list())
    except (AttributeError, TypeError, ValueError):
        return _LETTER
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _make_blank(pdf: pikepdf.Pdf, page: Object) -> None:
    _prune(page, schemas.PAGE, {"/Parent": lambda _: True})
    page.Resources = Dictionary()
    page.Contents = pdf.make_stream(b"")


def _decoding(value: Object) -> bool:
    if isinstance(value, Array):
        return all(_decoding(item) for item in value.as_list())
    if isinstance(value, Dictionary):

        def shared(stream: Object) -> bool:
            return isinstance(stream, Stream) and _prune(stream, schemas.STREAM, {})

        return _prune(value, schemas.DECODING, {"/JBIG2Globals": shared})
    return value is None


def _prune(
    value: Object, plain: frozenset[str], special: Mapping[str, Callable[[Object], bool]]
) -> bool:
    """Take every key out of a dictionary that is neither plain nor kept by its own check."""
    for key in list(value.keys()):
        if key in special:
            keeps = special[key](value[key])
        elif key == "/DecodeParms":
            keeps = isinstance(value, Stream) and _decoding(value[key])
        else:
            keeps = key in plain and (key in schemas.STREAM or schemas.is_plain(value[key]))
        if not keeps and key != "/Length":
            del value[key]
    return True
