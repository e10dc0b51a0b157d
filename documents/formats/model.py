"""What a file is once it is read, and what is asked of whoever writes it clean.

Reading gives one text and, beside it, where each part of the text stands in the file. All offsets
are code points of that text, half-open. Reading is deterministic: the same bytes and options give
the same text, so that a writer can walk the file again and meet each span where the reader did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Box = tuple[float, float, float, float]


class Kind(StrEnum):
    """Kinds of files, told by content and not by name."""

    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    ODT = "odt"
    EML = "eml"
    HTML = "html"
    MARKDOWN = "md"
    CSV = "csv"
    JSON = "json"
    TEXT = "txt"
    # Whatever it was sent as: its clean file is a PNG.
    PICTURE = "png"


class Role(StrEnum):
    """What a block is to a reader."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CELL = "cell"
    CODE = "code"
    HEADER = "header"
    FOOTER = "footer"
    NOTE = "note"
    COMMENT = "comment"
    PICTURE = "picture"
    FIELD = "field"
    PROPERTY = "property"
    # What a barcode or QR code says. Always hidden as a whole, as any phone reads it.
    BARCODE = "barcode"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the text that belongs together: a paragraph, a cell, a line of code.

    Blocks ascend and are disjoint; between them stand separators only (line ends and tabs), which
    belong to none. A span is cut at the ends of blocks, so that each part lies in one place.

    level:  of a heading 1-6, of an item its depth from 1, else 0
    page:   page, slide or sheet from 1; 0 where the format has none
    table:  number of the table from 1, 0 outside of tables; row and column from 0
    title:  for the first block of a part that is not the body, the part's name for readers
            ("Header", "Comment 3", "Attachment"); never a text of the file
    """

    role: Role
    start: int
    end: int
    level: int = 0
    page: int = 0
    table: int = 0
    row: int = 0
    column: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word on a page or picture.

    start, end: code points of the text
    box:        x0, y0, x1, y1 from the top left: points of the page as displayed (rotated and
                cropped), or pixels of a picture
    edges:      x of each character's left edge and of the last one's right edge, where the
                reader knows them (len = end - start + 1); empty otherwise, and always empty for
                words that do not run from left to right
    """

    start: int
    end: int
    box: Box
    edges: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a PDF, in points as displayed, or a picture file, in pixels of the righted picture.

    start and end: its part of the text
    """

    number: int
    width: float
    height: float
    start: int
    end: int
    words: tuple[Word, ...]
    was_read_by_ocr: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside an Office file whose text was read by OCR, in pixels.

    part: where it lies in the package ("word/media/image1.png")
    """

    part: str
    width: int
    height: int
    start: int
    end: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Extracted:
    """A file, read.

    notes: sentences for the person who reads the file (what was not read, or will be removed);
           they may go public, so they quote nothing of the file
    title: the title that the file itself gives, "" if none; private like the text
    """

    kind: Kind
    text: str
    blocks: tuple[Block, ...]
    pages: tuple[Page, ...] = ()
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A span to be taken out of the file.

    replacement: what stands in its place ("<PRIVATE_PERSON>", "<PRIVATE_PERSON_2>", "█████")
    """

    start: int
    end: int
    label: str
    replacement: str


@dataclass(frozen=True, slots=True)
class SolidBar:
    """A rectangle of one colour over a picture, in whole pixels.

    tag: a word written on it where it fits, of those in documents.formats.picture.tags; or ""
    """

    x: int
    y: int
    width: int
    height: int
    colour: tuple[int, int, int] = (0, 0, 0)
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file, written clean.

    removed: sentences about what was taken out whole ("3 attachments were removed.")
    """

    content: bytes
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One way in which a clean file was opened again.

    name:      "text", "streams", "pages", "metadata", "parts", "pictures" ...
    looked_at: how many things were searched (pages, streams, parts)
    survivors: where hidden values were still found: "page 3", "part word/footer1.xml"; no values
    """

    name: str
    looked_at: int
    survivors: tuple[str, ...] = ()

    @property
    def is_passed(self) -> bool:
        """Say whether nothing was found."""
        return not self.survivors


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken; more is refused with a sentence."""

    bytes_in_file: int = 50_000_000
    unpacked_bytes: int = 500_000_000
    pages: int = 3_000
    picture_pixels: int = 60_000_000
    characters: int = 20_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a reader or writer is. stage: "reading", "ocr", "writing" or "checking"."""

    stage: str
    done: int = 0
    total: int = 0


Report = Callable[[Progress], None]


def no_report(progress: Progress) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True, repr=False)
class ReadOptions:
    """How a file is read. languages: of OCR, as tesseract names them; empty: all installed."""

    limits: Limits = field(default_factory=Limits)
    password: str = ""
    languages: Sequence[str] = ()
    report: Report = no_report


class FormatError(Exception):
    """Base of what reading and writing raise; the message is a sentence for the user."""

    code = "unreadable"


class UnknownKindError(FormatError):
    """Raised when the bytes are of no kind that is read here."""

    code = "unknown_kind"


class DamagedError(FormatError):
    """Raised when a file cannot be read to its end."""

    code = "damaged"


class TooLargeError(FormatError):
    """Raised when a file, or what it unpacks to, exceeds a limit."""

    code = "too_large"


class PasswordError(FormatError):
    """Raised when a file is encrypted and the password is missing or wrong."""

    code = "password"


class CannotCleanError(FormatError):
    """Raised when a part can be neither cleaned nor removed; the message names its kind."""

    code = "cannot_clean"
