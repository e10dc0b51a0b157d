"""Walks all objects of a clean PDF with qpdf: strings, names, streams, and what must be absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pikepdf
import pymupdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from documents.formats.model import Box, Check
from documents.formats.pdf import unicode_maps
from documents.formats.pdf.verify_bytes import long_tokens
from documents.formats.pdf.vocabulary import is_standard
from documents.formats.survivors import HiddenValues

# Keys under which a PDF carries what no page shows.
_FORBIDDEN = frozenset(
    [
        "/AA",
        "/AF",
        "/AcroForm",
        "/ActualText",
        "/Alt",
        "/Annots",
        "/Collection",
        "/Dests",
        "/EF",
        "/EmbeddedFiles",
        "/Info",
        "/JS",
        "/JavaScript",
        "/LastModified",
        "/MarkInfo",
        "/Measure",
        "/Metadata",
        "/Names",
        "/OC",
        "/OCGs",
        "/OCProperties",
        "/OpenAction",
        "/Outlines",
        "/OutputIntents",
        "/PageLabels",
        "/PieceInfo",
        "/Properties",
        "/StructParent",
        "/StructParents",
        "/StructTreeRoot",
        "/Threads",
        "/Thumb",
        "/URI",
        "/XFA",
    ]
)
_ALLOWED_IN_CATALOG = frozenset({"/Type", "/Pages"})
_ALLOWED_IN_PAGE = frozenset(
    [
        "/Type",
        "/Parent",
        "/MediaBox",
        "/CropBox",
        "/Rotate",
        "/UserUnit",
        "/Group",
        "/Resources",
        "/Contents",
    ]
)
_ALLOWED_IN_TRAILER = frozenset(
    ["/Root", "/Size", "/ID", "/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"]
)
# Dictionaries whose keys are names that a file chooses.
_OF_NAMES = frozenset(
    ["/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/CharProcs"]
)
# Streams that hold the file together; their objects are walked one by one.
_OF_THE_FILE = (Name.XRef, Name.ObjStm)
_FONT_PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3", "/CIDToGIDMap")
_MARKED_CONTENT = frozenset({"BDC", "BMC", "DP", "MP"})
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_WHITE = {"g": (1.0,), "rg": (1.0, 1.0, 1.0), "k": (0.0, 0.0, 0.0, 0.0)}
_BLACK = {"g": (0.0,), "rg": (0.0, 0.0, 0.0), "k": (0.0, 0.0, 0.0, 1.0)}
_LEAST_BAR = 3.0


@dataclass
class PageFacts:
    """What a page's own content draws.

    bars:            black rectangles, in coordinates of the page
    written_on_bars: letters and digits of the strings drawn in white
    is_picture:      whether it draws no text of its own
    """

    bars: list[Box] = field(default_factory=list)
    written_on_bars: set[str] = field(default_factory=set)
    has_images: bool = False
    is_picture: bool = True


def facts_about(pdf: pikepdf.Pdf) -> list[PageFacts]:
    """Return the facts of each page; a page that cannot be parsed has none."""
    return [_facts_of(page.obj) for page in pdf.pages]


def checks(pdf: pikepdf.Pdf, facts: list[PageFacts], values: HiddenValues) -> Iterator[Check]:
    """Yield the checks of all objects, reachable or not."""
    walk = _Walk(values)
    walk.through(pdf)
    yield Check("objects", walk.objects, tuple(walk.with_values))
    yield Check("streams", walk.streams, tuple(walk.streams_with_values))
    yield Check("metadata", walk.objects, tuple(sorted(walk.forbidden)))


class _Walk:
    def __init__(self, values: HiddenValues) -> None:
        self.objects = self.streams = 0
        self.with_values: list[str] = []
        self.streams_with_values: list[str] = []
        self.forbidden: set[str] = set()
        self._values = values
        self._contents: dict[tuple[int, int], Object] = {}
        # Programs of fonts and colour profiles are not made of the document's text.
        self._programs: set[tuple[int, int]] = set()

    def through(self, pdf: pikepdf.Pdf) -> None:
        self._check_outline_of(pdf)
        for page in pdf.pages:
            self._note_contents(page.obj, page.obj.get("/Resources"))
        for value in pdf.objects:
            self._note_programs(value)
        for number, value in enumerate(pdf.objects, 1):
            self.objects += 1
            place = f"object {number}"
            words: list[str] = []
            self._collect(value, words, is_of_names=False, depth=0)
            if self._values.are_in("\n".join(words)):
                self.with_values.append(place)
            if isinstance(value, Stream) and value.get("/Type") not in _OF_THE_FILE:
                self.streams += 1
                if any(self._values.are_in(text) for text in self._readings(value)):
                    self.streams_with_values.append(place)

    def _check_outline_of(self, pdf: pikepdf.Pdf) -> None:
        named = (
            ("trailer", pdf.trailer, _ALLOWED_IN_TRAILER),
            ("catalog", pdf.Root, _ALLOWED_IN_CATALOG),
            *(("page", page.obj, _ALLOWED_IN_PAGE) for page in pdf.pages),
        )
        for kind, value, allowed in named:
            if not allowed.issuperset(value.keys()):
                self.forbidden.add(f"more than pages need in the {kind}")

    def _collect(self, value: object, words: list[str], *, is_of_names: bool, depth: int) -> None:
        """Collect strings and names of an object, down to other objects."""
        if isinstance(value, pikepdf.String):
            words += _readings_of_string(value)
        elif isinstance(value, Name):
            words += _foreign(str(value))
        elif isinstance(value, Array):
            for item in value.as_list():
                self._collect_below(item, words, depth)
        elif isinstance(value, (Dictionary, Stream)):
            for key in value.keys():  # noqa: SIM118
                if not is_of_names and key in _FORBIDDEN:
                    self.forbidden.add(f"{key[1:]} in an object")
                words += _foreign(key)
                held = value.get(key)
                names = key in _OF_NAMES and isinstance(held, Dictionary)
                self._collect_below(held, words, depth, is_of_names=names)

    def _collect_below(
        self, item: object, words: list[str], depth: int, *, is_of_names: bool = False
    ) -> None:
        if depth < 40 and not (isinstance(item, Object) and item.is_indirect and not is_of_names):
            self._collect(item, words, is_of_names=is_of_names, depth=depth + 1)

    def _note_contents(self, page: Object, resources: Object | None) -> None:
        """Note which streams are instructions, with the resources that they use."""
        contents = page.get("/Contents")
        listed = contents.as_list() if isinstance(contents, Array) else [contents]
        for stream in listed:
            if isinstance(stream, Stream):
                self._contents[stream.objgen] = resources or Dictionary()
        self._note_drawn(resources, 0)

    def _note_drawn(self, resources: Object | None, depth: int) -> None:
        if not isinstance(resources, Dictionary) or depth > 20:
            return
        drawn = [*_values_of(resources, "/XObject"), *_values_of(resources, "/Pattern")]
        for font in _values_of(resources, "/Font"):
            drawn += _values_of(font, "/CharProcs")
        for state in _values_of(resources, "/ExtGState"):
            mask = state.get("/SMask")
            drawn += [mask["/G"]] if isinstance(mask, Dictionary) and "/G" in mask else []
        for stream in drawn:
            is_drawing = isinstance(stream, Stream) and stream.get("/Subtype") != Name.Image
            if not is_drawing or stream.objgen in self._contents:
                continue
            own = stream.get("/Resources")
            inner: Object = own if isinstance(own, Dictionary) else resources
            self._contents[stream.objgen] = inner
            self._note_drawn(inner, depth + 1)

    def _note_programs(self, value: object) -> None:
        if isinstance(value, Dictionary):
            for key in _FONT_PROGRAMS:
                if isinstance(value.get(key), Stream):
                    self._programs.add(value[key].objgen)
        elif isinstance(value, Array) and len(value) == 2 and value[0] == Name.ICCBased:
            self._programs.add(value[1].objgen)

    def _readings(self, stream: Stream) -> Iterator[str]:
        """Yield a stream's content as text, in each way in which a value may stand there."""
        if stream.get("/Subtype") == Name.Image:
            yield from self._readings_of_image(stream)
            return
        try:
            content = bytes(stream.read_bytes())
        except pikepdf.PdfError:
            self.forbidden.add("a stream that cannot be unpacked")
            return
        if stream.objgen in self._contents:
            yield from self._readings_of_content(stream, content)
        elif stream.objgen in self._programs:
            return
        elif b"begincmap" in content:
            yield from ("".join(unicode_maps.parsed(content).values()), content.decode("latin-1"))
        else:
            yield long_tokens(content)

    def _readings_of_image(self, image: Stream) -> Iterator[str]:
        """Pixels are read by OCR; here only for what may lie beside them."""
        if image.get("/Filter") == Name.DCTDecode:
            content = bytes(image.read_raw_bytes())
            header = content[: max(content.find(b"\xff\xda"), 0)]
            if any(bytes((0xFF, marker)) in header for marker in (0xE1, 0xED, 0xFE)):
                self.forbidden.add("metadata in a picture")
            yield long_tokens(header)
            yield long_tokens(content[content.rfind(b"\xff\xd9") + 2 :])
        elif image.get("/Filter") == Name.JPXDecode:
            yield long_tokens(bytes(image.read_raw_bytes())[:65_536])

    def _readings_of_content(self, stream: Stream, content: bytes) -> Iterator[str]:
        resources = self._contents[stream.objgen]
        try:
            instructions = pikepdf.parse_content_stream(stream)
        except pikepdf.PdfError:
            self.forbidden.add("content that cannot be parsed")
            return
        if b"%" in content:
            # Comments, which no instruction holds.
            yield " ".join(line.partition("%")[2] for line in content.decode("latin-1").split("\n"))
        shown = list(_shown(instructions, resources, self.forbidden))
        # A short value is only looked for between the edges of words, and edges of operators are
        # none: the sign between them belongs to no value.
        yield " \N{CYRILLIC SMALL LETTER ZHE} ".join(shown)
        yield "".join(shown)


def _shown(
    instructions: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage],
    resources: Object,
    forbidden: set[str],
) -> Iterator[str]:
    """Yield what text operators show, each string decoded, kerning inside an operator ignored."""
    decode: Callable[[bytes], str] = _latin
    decoders: dict[str, Callable[[bytes], str]] = {}
    fonts = resources.get("/Font")
    for instruction in instructions:
        operator = str(instruction.operator)
        operands = instruction.operands
        if operator in _MARKED_CONTENT:
            forbidden.add("marked content")
        if operator == "Tf" and len(operands):
            name = str(operands[0])
            if name not in decoders:
                font = fonts.get(name) if isinstance(fonts, Dictionary) else None
                decoders[name] = _decoder_of(font)
            decode = decoders[name]
        elif operator in _SHOWING and len(operands):
            yield "".join(decode(text) for text in _strings(operands[-1]))
        elif operator != "INLINE IMAGE":
            for operand in operands:
                if isinstance(operand, (pikepdf.String, Dictionary)):
                    yield str(operand)


def _strings(operand: Object) -> Iterator[bytes]:
    if isinstance(operand, pikepdf.String):
        yield bytes(operand)
    elif isinstance(operand, Array):
        yield from (bytes(item) for item in operand.as_list() if isinstance(item, pikepdf.String))


def _decoder_of(font: Object | None) -> Callable[[bytes], str]:
    """Return what turns a font's strings into text."""
    if not isinstance(font, Dictionary):
        return _latin
    size = 2 if font.get("/Subtype") == Name.Type0 else 1
    mapped = font.get("/ToUnicode")
    table: dict[int, str] = _names_as_text(font) if size == 1 else {}
    if isinstance(mapped, Stream):
        entries = unicode_maps.parsed(bytes(mapped.read_bytes()))
        sizes = {length for _, length in entries}
        size = max(sizes, default=size)
        table |= {code: text for (code, _), text in entries.items()}
    if size == 1:
        one_byte = {code: table.get(code, bytes([code]).decode("latin-1")) for code in range(256)}
        return lambda text: text.decode("latin-1").translate(one_byte)

    def decode(text: bytes) -> str:
        codes = (
            int.from_bytes(text[start : start + size], "big") for start in range(0, len(text), size)
        )
        return "".join(table.get(code, " ") for code in codes)

    return decode


def _names_as_text(font: Object) -> dict[int, str]:
    table: dict[int, str] = {}
    encoding = font.get("/Encoding")
    differences = encoding.get("/Differences") if isinstance(encoding, Dictionary) else None
    code = 0
    for item in differences.as_list() if isinstance(differences, Array) else []:
        if isinstance(item, Name):
            value = pymupdf.glyph_name_to_unicode(str(item)[1:])
            table[code] = chr(value) if value and value != 0xFFFD else " "
            code += 1
        else:
            code = int(item)
    return table


def _foreign(name: str) -> list[str]:
    return [] if is_standard(name) else [name[1:]]


def _latin(text: bytes) -> str:
    return text.decode("latin-1")


def _readings_of_string(value: pikepdf.String) -> Iterator[str]:
    raw = bytes(value)
    yield str(value)
    yield raw.decode("utf-8", "ignore")
    if b"\0" in raw:
        yield raw.decode("utf-16-be", "ignore")


def _values_of(holder: Object, key: str) -> list[Object]:
    listed = holder.get(key) if isinstance(holder, (Dictionary, Stream)) else None
    if not isinstance(listed, Dictionary):
        return []
    return [value for value in listed.as_dict().values() if isinstance(value, Object)]


def _facts_of(page: Object) -> PageFacts:
    facts = PageFacts()
    resources = page.get("/Resources")
    facts.has_images = _has_images(resources, 0)
    try:
        instructions = pikepdf.parse_content_stream(page)
    except pikepdf.PdfError:
        return facts
    colour, saved = "", list[str]()
    boxes: list[Box] = []
    for instruction in instructions:
        operator, operands = str(instruction.operator), instruction.operands
        if operator in _BLACK:
            numbers = tuple(float(value) for value in operands)
            is_white = numbers == _WHITE[operator]
            colour = "white" if is_white else "black" if numbers == _BLACK[operator] else ""
        elif operator == "q":
            saved.append(colour)
        elif operator == "Q":
            colour = saved.pop() if saved else ""
        elif operator == "re":
            x, y, width, height = (float(value) for value in operands)
            boxes.append(
                (min(x, x + width), min(y, y + height), max(x, x + width), max(y, y + height))
            )
        elif operator in {"f", "f*", "F", "B", "b", "n", "S", "W"}:
            if operator in {"f", "f*", "F"} and colour == "black":
                facts.bars += [box for box in boxes if _is_bar(box)]
            boxes = []
        elif operator in _SHOWING:
            text = "".join(map(_latin, _strings(operands[-1])))
            if colour == "white":
                facts.written_on_bars.add("".join(char for char in text if char.isalnum()))
            else:
                facts.is_picture = False
    return facts


def _is_bar(box: Box) -> bool:
    return box[2] - box[0] > _LEAST_BAR and box[3] - box[1] > _LEAST_BAR


def _has_images(resources: Object | None, depth: int) -> bool:
    if not isinstance(resources, Dictionary) or depth > 10:
        return False
    for value in _values_of(resources, "/XObject"):
        if value.get("/Subtype") == Name.Image:
            return True
        if _has_images(value.get("/Resources"), depth + 1):
            return True
    return False
