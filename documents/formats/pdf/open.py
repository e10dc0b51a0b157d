"""A PDF, opened in memory: decrypted, repaired, forms and annotations made part of its pages."""

from __future__ import annotations

from dataclasses import dataclass

import pymupdf

from documents.formats.model import DamagedError, PasswordError, ReadOptions
from documents.formats.pdf.annotations import Annotated, Comment, annotations_of
from documents.formats.pdf.pagetree import count_pages

# Nothing that MuPDF says about a file goes to a log: it may quote the file.
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

# What MuPDF raises over a PDF that is broken.
MUPDF_ERRORS = (
    pymupdf.FileDataError,
    pymupdf.EmptyFileError,
    pymupdf.mupdf.FzErrorBase,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A PDF with what opening it took away from its pages."""

    document: pymupdf.Document
    comments: tuple[Comment, ...]
    notes: tuple[str, ...]
    title: str


def open_document(content: bytes, options: ReadOptions) -> pymupdf.Document:
    """Return a PDF, ready to be walked: see `opened`."""
    return opened(content, options).document


def opened(content: bytes, options: ReadOptions) -> Opened:
    """Open a PDF in memory.

    Form fields and shown annotations are part of the pages' content then, all layers are shown,
    and pictures of too many pixels are gone. The same bytes give the same document.
    Raises PasswordError, DamagedError or TooLargeError.
    """
    document = _unlocked(content, options.password)
    try:
        count_pages(document, options.limits.pages)
        if not document.page_count:
            raise DamagedError("The PDF has no pages.")
        return _prepared(document, options)
    except MUPDF_ERRORS as exc:
        raise DamagedError("The PDF is damaged and cannot be read to its end.") from exc


def _unlocked(content: bytes, password: str) -> pymupdf.Document:
    if not content.strip():
        raise DamagedError("The file is empty.")
    try:
        document = pymupdf.open(stream=content, filetype="pdf")
    except MUPDF_ERRORS as exc:
        raise DamagedError("The PDF is damaged and cannot be repaired.") from exc
    if not document.is_pdf:
        raise DamagedError("The file is not a PDF.")
    if document.needs_pass:
        if not password:
            raise PasswordError("The PDF is encrypted. Give its password to have it read.")
        if not document.authenticate(password):
            raise PasswordError("The PDF is encrypted, and this password does not open it.")
    return document


def _prepared(document: pymupdf.Document, options: ReadOptions) -> Opened:
    title = str((document.metadata or {}).get("title") or "").strip()
    annotated = annotations_of(document)
    catalog = document.pdf_catalog()
    has_layers = document.xref_get_key(catalog, "OCProperties")[0] != "null"
    has_xfa = document.xref_get_key(catalog, "AcroForm/XFA")[0] not in {"null", ""}
    files = annotated.files + document.embfile_count()
    # Without a list of layers every layer is shown. It has to go before anything is drawn.
    document.xref_set_key(catalog, "OCProperties", "null")
    dropped = _drop_large_pictures(document, options.limits.picture_pixels)
    if annotated.shown:
        document.bake()
    notes = _notes(annotated, files, has_layers, has_xfa, dropped)
    return Opened(document, annotated.comments, notes, title)


def _drop_large_pictures(document: pymupdf.Document, most_pixels: int) -> int:
    """Put one pixel in the place of each picture that would take too much memory to draw."""
    dropped = 0
    for xref in range(1, document.xref_length()):
        if _pixels(document, xref) <= most_pixels:
            continue
        dropped += 1
        for key in ("Width", "Height"):
            document.xref_set_key(xref, key, "1")
        document.xref_set_key(xref, "ColorSpace", "/DeviceGray")
        document.xref_set_key(xref, "BitsPerComponent", "8")
        for key in ("Mask", "SMask", "ImageMask", "Decode", "DecodeParms", "Filter"):
            document.xref_set_key(xref, key, "null")
        document.update_stream(xref, b"\x80", compress=False)
    return dropped


def _pixels(document: pymupdf.Document, xref: int) -> int:
    """Return how many pixels a picture says it has; 0 for what is no picture, or missing."""
    try:
        if not document.xref_is_image(xref):
            return 0
        return _number(document, xref, "Width") * _number(document, xref, "Height")
    except MUPDF_ERRORS:
        return 0


def _number(document: pymupdf.Document, xref: int, key: str) -> int:
    kind, value = document.xref_get_key(xref, key)
    return int(value) if kind == "int" else 0


def _notes(
    annotated: Annotated, files: int, has_layers: bool, has_xfa: bool, dropped: int
) -> tuple[str, ...]:
    notes: list[str] = []
    if annotated.comments:
        notes.append(_counted(len(annotated.comments), "comment", "read after the pages"))
    if files:
        notes.append(_counted(files, "attached file", "not read"))
    if has_xfa:
        notes.append("The form's XML data is not read; the clean file does not hold it.")
    if has_layers:
        notes.append("Layers that can be switched off are read and shown like all else.")
    if dropped:
        notes.append(_counted(dropped, "picture", "too large to be read"))
    return tuple(notes)


def _counted(count: int, name: str, what: str) -> str:
    if count == 1:
        return f"1 {name} is {what}; the clean file does not hold it."
    return f"{count:,} {name}s are {what}; the clean file does not hold them."
