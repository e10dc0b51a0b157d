"""Walks all objects of a clean PDF with qpdf: strings, names, streams, and what must be absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from documents.formats.model import Check
from documents.formats.pdf import unicode_maps
from documents.formats.pdf.verify_bytes import digests_in, long_tokens
from documents.formats.pdf.verify_text import shown_by
from documents.formats.pdf.vocabulary import is_standard
from documents.formats.survivors import HiddenValues, folded

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
# So many characters in a row that count on are an alphabet and no value.
_LEAST_ALPHABET = 5
_PARTING = "\N{CYRILLIC SMALL LETTER ZHE}"
# Other readers follow forms within forms about as far.
_DEEPEST_FORM = 10


def checks(pdf: pikepdf.Pdf, texts: list[str], values: HiddenValues) -> Iterator[Check]:
    """Yield the checks of all objects, reachable or not.

    texts: what another reader finds on each page, already searched
    """
    walk = _Walk(values, texts)
    walk.through(pdf)
    yield Check("objects", walk.objects, tuple(walk.with_values))
    yield Check("streams", walk.streams, tuple(walk.streams_with_values))
    yield Check("metadata", walk.objects, tuple(sorted(walk.forbidden)))


class _Walk:
    def __init__(self, values: HiddenValues, texts: list[str]) -> None:
        self.objects = self.streams = 0
        self.with_values: list[str] = []
        self.streams_with_values: list[str] = []
        self.forbidden: set[str] = set()
        self._values = values
        self._texts = texts
        self._contents: dict[tuple[int, int], Object] = {}
        # The pages on which streams show their text, by the way that other readers follow.
        self._pages: dict[tuple[int, int], int] = {}
        # What the streams of each page show, with their names.
        self._shown: dict[int, list[tuple[str, list[str]]]] = {}
        # Programs of fonts and colour profiles are not made of the document's text.
        self._programs: set[tuple[int, int]] = set()

    def through(self, pdf: pikepdf.Pdf) -> None:
        self._check_outline_of(pdf)
        for index, page in enumerate(pdf.pages):
            self._note_contents(index, page.obj, page.obj.get("/Resources"))
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
                if any(self._values.are_in(text) for text in self._readings(value, place)):
                    self.streams_with_values.append(place)
        self._look_for_short_values()

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
                if key == "/ID" and (digests := digests_in(held)):
                    words.append(long_tokens(digests))
                    continue
                names = key in _OF_NAMES and isinstance(held, Dictionary)
                self._collect_below(held, words, depth, is_of_names=names)

    def _collect_below(
        self, item: object, words: list[str], depth: int, *, is_of_names: bool = False
    ) -> None:
        if depth < 40 and not (isinstance(item, Object) and item.is_indirect and not is_of_names):
            self._collect(item, words, is_of_names=is_of_names, depth=depth + 1)

    def _note_contents(self, index: int, page: Object, resources: Object | None) -> None:
        """Note which streams are instructions, with the resources that they use."""
        contents = page.get("/Contents")
        listed = contents.as_list() if isinstance(contents, Array) else [contents]
        for stream in listed:
            if isinstance(stream, Stream):
                self._contents[stream.objgen] = resources or Dictionary()
                self._pages[stream.objgen] = index
        self._note_drawn(resources, 0)
        self._note_forms(index, resources, 0)

    def _note_forms(self, index: int, resources: Object | None, depth: int) -> None:
        """Note the forms that a page draws; their text is text of the page."""
        for form in _values_of(resources, "/XObject") if depth < _DEEPEST_FORM else ():
            if form.get("/Subtype") == Name.Form and form.objgen not in self._pages:
                self._pages[form.objgen] = index
                self._note_forms(index, form.get("/Resources"), depth + 1)

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

    def _readings(self, stream: Stream, place: str) -> Iterator[str]:
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
            yield from self._readings_of_content(stream, content, place)
        elif stream.objgen in self._programs:
            return
        elif b"begincmap" in content:
            yield "".join(_without_alphabets(unicode_maps.parsed(content).values()))
            yield unicode_maps.beside(content).decode("latin-1")
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

    def _readings_of_content(self, stream: Stream, content: bytes, place: str) -> Iterator[str]:
        resources = self._contents[stream.objgen]
        try:
            instructions = pikepdf.parse_content_stream(stream)
        except pikepdf.PdfError:
            self.forbidden.add("content that cannot be parsed")
            return
        if b"%" in content:
            # Comments, which no instruction holds.
            yield " ".join(line.partition("%")[2] for line in content.decode("latin-1").split("\n"))
        shown = list(shown_by(instructions, resources, self.forbidden))
        yield "".join(shown)
        index = self._pages.get(stream.objgen)
        if index is None:
            yield _between_edges(shown)
        else:
            self._shown.setdefault(index, []).append((place, shown))

    def _look_for_short_values(self) -> None:
        """Look for short values, which are words, where the text of pages is drawn.

        Each operator may show a word. Where another reader has found all letters of short values
        that a page's operators show, it has told from their places where words end.
        """
        signs = self._values.signs_of_short
        for index, streams in self._shown.items() if signs else ():
            own = Counter[str]()
            for _, shown in streams:
                own.update(sign for sign in folded("".join(shown)) if sign in signs)
            text = self._texts[index] if index < len(self._texts) else ""
            if not own - Counter(sign for sign in folded(text) if sign in signs):
                continue
            for place, shown in streams:
                if self._values.are_in(_between_edges(shown)):
                    self.streams_with_values.append(place)


def _between_edges(shown: Iterable[str]) -> str:
    """Return what operators show, each as a word. The sign between them belongs to no value."""
    return f" {_PARTING} ".join(shown)


def _without_alphabets(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts of a font's map, without rows that only count on ("3456789")."""
    row: list[str] = []
    for text in (*texts, ""):
        if not (len(text) == 1 and row and len(row[-1]) == 1 and ord(text) == ord(row[-1]) + 1):
            yield "".join(row) if len(row) < _LEAST_ALPHABET else _PARTING
            row = []
        row.append(text)


def _foreign(name: str) -> list[str]:
    return [] if is_standard(name) else [name[1:]]


def _readings_of_string(value: pikepdf.String) -> Iterator[str]:
    raw = bytes(value)
    yield str(value)
    yield raw.decode("utf-8", "ignore")
    if b"\0" in raw:
        yield raw.decode("utf-16-be", "ignore")


def _values_of(holder: Object | None, key: str) -> list[Object]:
    listed = holder.get(key) if isinstance(holder, (Dictionary, Stream)) else None
    if not isinstance(listed, Dictionary):
        return []
    return [value for value in listed.as_dict().values() if isinstance(value, Object)]
