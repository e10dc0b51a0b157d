"""Pictures inside packages: read by OCR, written again with bars and without metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from anonymizer.ocr import NoLanguageError, OcrError, OcrWord, read_words
from anonymizer.pictures import PictureError, as_png, open_picture
from anonymizer.pixels import boxes_of, cover
from documents.formats.model import Extracted, Hidden, Picture, Progress, ReadOptions, Role, Word
from documents.formats.office.flow import Flow

JPEG_QUALITY: Final = 90
# Below this a picture is a bullet or a line and holds no word.
SMALLEST_READ_PX: Final = 12
# Screenshots and photographs of papers; larger ones have letters large enough for one pass.
THOROUGH_UP_TO_PX: Final = 3_000_000
# Different ones. What is beyond them is not kept: each is read once more in the clean file.
MOST_PICTURES: Final = 300
# What is said of a picture that is not kept (documents.formats.office.losses).
_UNREADABLE: Final = "vector"
_TOO_MANY: Final = "surplus picture"


@dataclass(frozen=True, slots=True)
class _Read:
    part: str
    width: int
    height: int
    words: tuple[OcrWord, ...]


@dataclass(frozen=True, slots=True)
class WrittenPicture:
    """A picture written again. extension: "png" or "jpeg"."""

    content: bytes
    extension: str


class PictureReader:
    """Reads pictures as a walk meets them, and puts their words at the end of the text."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._read: list[_Read] = []
        self._seen: dict[bytes, tuple[int, int, tuple[OcrWord, ...]]] = {}

    def take(self, part: str, content: bytes) -> str:
        """Read a picture. Return why it is lost, "" if it is not: what was not read is not kept."""
        digest = hashlib.sha256(content).digest()
        known = self._seen.get(digest)
        if known is None:
            if len(self._seen) >= MOST_PICTURES:
                return _TOO_MANY
            self._options.report(Progress("ocr", len(self._read) + 1))
            try:
                image = open_picture(content, max_pixels=self._options.limits.picture_pixels)
                known = (*image.size, tuple(self._words_of(image)))
            except (PictureError, OcrError, NoLanguageError):
                return _UNREADABLE
            self._seen[digest] = known
        self._read.append(_Read(part, *known))
        return ""

    def emit(self, flow: Flow) -> tuple[Picture, ...]:
        """Add the words of all pictures to the text."""
        flow.page = 0
        return tuple(
            _emitted(flow, read, f"Picture {number}") for number, read in enumerate(self._read, 1)
        )

    def _words_of(self, image: Image.Image) -> Sequence[OcrWord]:
        if min(image.size) < SMALLEST_READ_PX:
            return ()
        is_small = image.width * image.height <= THOROUGH_UP_TO_PX
        return read_words(image, languages=self._options.languages, thorough=is_small)


class PictureWriter:
    """Writes the pictures of a file that was read, with bars where spans are hidden."""

    def __init__(
        self, extracted: Extracted, hidden: Sequence[Hidden], options: ReadOptions
    ) -> None:
        self._pictures = {picture.part: picture for picture in extracted.pictures}
        self._text = extracted.text
        self._hidden = hidden
        self._options = options
        self._seen: set[bytes] = set()

    def write(self, part: str, content: bytes) -> tuple[WrittenPicture | None, str]:
        """Return a picture with its bars, or None and why it is lost: it was not read."""
        picture = self._pictures.get(part)
        if picture is None:
            # Met in the reader's order, so that both count alike.
            return None, _TOO_MANY if len(self._seen) >= MOST_PICTURES else _UNREADABLE
        self._seen.add(hashlib.sha256(content).digest())
        try:
            image = open_picture(content, max_pixels=self._options.limits.picture_pixels)
        except PictureError:
            return None, _UNREADABLE
        boxes = [
            box
            for span in self._hidden
            if span.start < picture.end and picture.start < span.end
            for box in boxes_of(span.start, span.end, picture.words)
        ]
        if boxes:
            image = cover(image, boxes)
        if content.startswith(b"\xff\xd8"):
            out = BytesIO()
            image.save(out, "JPEG", quality=JPEG_QUALITY)
            return WrittenPicture(out.getvalue(), "jpeg"), ""
        return WrittenPicture(as_png(image), "png"), ""

    def emit(self, flow: Flow) -> None:
        """Add the same text as the reader did, so that both walks can be compared."""
        flow.page = 0
        for picture in self._pictures.values():
            if picture.end > picture.start:
                flow.line(Role.PICTURE, self._text[picture.start : picture.end], None)


def grey_picture() -> bytes:
    """Return the plain picture that stands where one cannot be shown."""
    return as_png(Image.new("RGB", (16, 16), (191, 191, 191)))


def _emitted(flow: Flow, read: _Read, title: str) -> Picture:
    flow.head(title)
    words: list[Word] = []
    first: int | None = None
    block = line = -1
    for word in read.words:
        if word.block != block:
            flow.end()
            flow.begin(Role.PICTURE)
            block, line = word.block, word.line
        elif word.line != line:
            flow.piece("\n", None)
            line = word.line
        else:
            flow.piece(" ", None)
        flow.piece(word.text, None)
        start = flow.length - len(word.text)
        first = start if first is None else first
        words.append(Word(start, flow.length, word.box, word.edges))
    flow.end()
    end = words[-1].end if words else flow.length
    begin = first if first is not None else end
    return Picture(read.part, read.width, read.height, begin, end, tuple(words))
