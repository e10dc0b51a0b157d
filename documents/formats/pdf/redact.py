"""Writes a PDF clean: hidden text out of the content, pixels blanked, everything else gone."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pikepdf
import pymupdf

from documents.formats.model import (
    CannotCleanError,
    Cleaned,
    Extracted,
    Hidden,
    Progress,
    ReadOptions,
)
from documents.formats.pdf import rasterise as rasters
from documents.formats.pdf.bars import Piece
from documents.formats.pdf.clean import Redrawn, clean, saved
from documents.formats.pdf.locate import locate
from documents.formats.pdf.open import MUPDF_ERRORS, open_document
from documents.formats.pdf.redacted_page import (
    RedactedPage,
    letters_of,
    redact_page,
    unrotated_picture,
)
from documents.formats.pdf.surroundings import sentences_about

_ATTEMPTS = 4


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
) -> Cleaned:
    """Write a PDF without its hidden spans and without whatever its pages do not show.

    rasterise: whether each page becomes one picture, without any text
    Raises what reading raises, CannotCleanError where a page can neither be cleaned nor drawn.
    """
    document = open_document(content, options)
    try:
        regions = locate(document, extracted, hidden)
        redacted: dict[int, RedactedPage] = {}
        count = document.page_count
        for index in range(count):
            page = redact_page(document[index], regions.get(index, ()), extracted.pages[index])
            if page is not None:
                redacted[index] = page
            options.report(Progress("writing", index + 1, count))
        pymupdf.mupdf.pdf_subset_fonts2(_pdf_of(document), list(range(count)))
        writing = _Writing(document, redacted)
        written = writing.written()
    except MUPDF_ERRORS as exc:
        raise CannotCleanError("The PDF is too damaged to be written clean.") from exc
    finally:
        document.close()
    sentences = writing.sentences
    if any(region.from_ocr for found in regions.values() for region in found):
        sentences.append("Bars over pictures are as wide as what they hide.")
    if rasterise:
        written = rasters.rasterise(written, options=options)
        sentences.append("Each page is a picture; its text can no longer be selected.")
    return Cleaned(written, tuple(sentences))


@dataclass
class _Writing:
    """Writes the redacted pages, and once more where a page did not come out as it should.

    document: the pages after removal
    pictures: pages that are shown as pictures instead, by index
    """

    document: pymupdf.Document
    redacted: dict[int, RedactedPage]
    pictures: dict[int, rasters.PagePicture] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)

    def written(self) -> bytes:
        """Return the clean file."""
        self.pictures = {
            index: page.picture for index, page in self.redacted.items() if page.picture is not None
        }
        body = _bytes_of(self.document)
        pieces = {index: page.pieces for index, page in self.redacted.items()}
        for _ in range(_ATTEMPTS):
            content, redrawn = self._attempt(body, pieces)
            misplaced = self._misplaced(content, redrawn)
            if not redrawn.unreadable and not misplaced:
                self.sentences += self._sentences_after(redrawn)
                return content
            for index in redrawn.unreadable:
                self._show_as_picture(index)
            for index in misplaced:
                if all(piece.is_fixed for piece in pieces[index]):
                    self._show_as_picture(index)
                pieces[index] = [replace(piece, is_fixed=True) for piece in pieces[index]]
        raise CannotCleanError("A page of the PDF can be neither cleaned nor drawn as a picture.")

    def _attempt(self, body: bytes, pieces: Mapping[int, Sequence[Piece]]) -> tuple[bytes, Redrawn]:
        with pikepdf.open(io.BytesIO(body)) as pdf:
            self.sentences = sentences_about(pdf)
            for index, picture in self.pictures.items():
                rasters.replace_page(pdf, pdf.pages[index].obj, picture)
            rules = {index: page.rules for index, page in self.redacted.items()}
            redrawn = clean(pdf, pieces, rules)
            return saved(pdf), redrawn

    def _show_as_picture(self, index: int) -> None:
        page = self.redacted.get(index)
        areas = page.areas if page is not None else []
        self.pictures[index] = unrotated_picture(self.document[index], areas)

    def _misplaced(self, content: bytes, redrawn: Redrawn) -> list[int]:
        """Return the pages that lost letters when their lines were set anew."""
        misplaced = []
        with pymupdf.open(stream=content, filetype="pdf") as written:
            for index, page in self.redacted.items():
                if index in self.pictures:
                    continue
                on_bars = Counter("".join(redrawn.written_on_bars.get(index, "").split()))
                lost = page.letters + on_bars - letters_of(written[index])
                lost.pop("\N{SOFT HYPHEN}", None)
                if lost:
                    misplaced.append(index)
        return misplaced

    def _sentences_after(self, redrawn: Redrawn) -> list[str]:
        sentences = []
        if self.pictures:
            numbers = ", ".join(str(index + 1) for index in sorted(self.pictures)[:20])
            sentences.append(
                f"Shown as a picture, since text could not be taken out of it: page {numbers}."
            )
        if redrawn.images:
            sentences.append("Pictures that could not be decoded were removed.")
        if redrawn.as_wide:
            sentences.append("Some bars are as wide as what they hide.")
        return sentences


def _bytes_of(document: pymupdf.Document) -> bytes:
    """Return a document as a file; PyMuPDF's own call writes piece by piece through Python."""
    mupdf = pymupdf.mupdf
    buffer = mupdf.fz_new_buffer(1 << 20)
    output = mupdf.FzOutput(buffer)
    options = mupdf.PdfWriteOptions()
    options.do_encrypt = mupdf.PDF_ENCRYPT_NONE
    mupdf.pdf_write_document(_pdf_of(document), output, options)
    output.fz_close_output()
    return bytes(mupdf.fz_buffer_extract_copy(buffer))


def _pdf_of(document: pymupdf.Document) -> pymupdf.mupdf.PdfDocument:
    return pymupdf.mupdf.pdf_document_from_fz_document(document.this)
