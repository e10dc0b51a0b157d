"""A PDF as one text with blocks and words on pages."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import pymupdf

from anonymizer.ocr import NoLanguageError, OcrError, missing_sentence
from documents.formats.model import (
    Block,
    DamagedError,
    Extracted,
    Kind,
    Page,
    Progress,
    ReadOptions,
    Role,
    TooLargeError,
    Word,
)
from documents.formats.pdf.annotations import Comment
from documents.formats.pdf.lines import Line
from documents.formats.pdf.open import MUPDF_ERRORS, opened
from documents.formats.pdf.page import LaidOut, laid_out
from documents.formats.pdf.pagetext import separator, words_of
from documents.formats.pdf.paragraphs import Draft
from documents.formats.pdf.render import page_of
from documents.formats.pdf.roles import Traits, roles_of, traits_of
from documents.formats.pdf.scans import Scan, areas_to_read, drafts_of, lines_read, scan

NO_LANGUAGE = "The PDF has pages to be read by OCR, and no language for that is installed here."
# Pages whose pixels wait for a free reader; more would only hold memory.
MOST_WAITING = 4
# Each holds its own language data; more than this are not kept busy by one page after another.
MOST_READERS = 4
SHRINK_EVERY_PAGES = 50


@dataclass(slots=True)
class _Waiting:
    """A page whose text layer is read, and what OCR is still reading."""

    number: int
    laid: LaidOut
    readings: list[tuple[Scan, Future[list[Line]]]]


def read(content: bytes, options: ReadOptions) -> Extracted:
    """Return a PDF's text in reading order, page by page, comments last.

    Pages and pictures without a text layer are read by OCR.
    Raises PasswordError, DamagedError or TooLargeError.
    """
    pdf = opened(content, options)
    book = _Book(options, len(pdf.document))
    try:
        for waiting in _pages(pdf.document, options):
            book.add_page(waiting)
        book.add_comments(pdf.comments)
    except NoLanguageError as exc:
        raise DamagedError(NO_LANGUAGE) from exc
    except OcrError as exc:
        raise DamagedError("A page of the PDF cannot be read by OCR.") from exc
    finally:
        pdf.document.close()
    return book.extracted(pdf.notes, pdf.title)


def _pages(document: pymupdf.Document, options: ReadOptions) -> Iterator[_Waiting]:
    """Yield all pages in order; pixels are read in threads while later pages are laid out."""
    total = len(document)
    waiting: deque[_Waiting] = deque()
    with ThreadPoolExecutor(min(MOST_READERS, os.cpu_count() or 1)) as pool:
        for number in range(1, total + 1):
            waiting.append(_begun(document, number, options, pool))
            options.report(Progress("reading", number, total))
            while waiting and (len(waiting) > MOST_WAITING or _is_done(waiting[0])):
                yield waiting.popleft()
            if number % SHRINK_EVERY_PAGES == 0:
                pymupdf.TOOLS.store_shrink(100)
        while waiting:
            yield waiting.popleft()


def _is_done(waiting: _Waiting) -> bool:
    return all(reading.done() for _, reading in waiting.readings)


def _begun(
    document: pymupdf.Document, number: int, options: ReadOptions, pool: ThreadPoolExecutor
) -> _Waiting:
    page = page_of(document, number)
    try:
        laid = laid_out(page)
        areas = areas_to_read(page, laid)
    except MUPDF_ERRORS as exc:
        raise DamagedError(f"Page {number} of the PDF is damaged.") from exc
    scans = [scan(page, area) for area in areas]
    return _Waiting(
        number, laid, [(pixels, pool.submit(lines_read, pixels, options)) for pixels in scans]
    )


class _Book:
    """The pages so far, as one text."""

    def __init__(self, options: ReadOptions, total: int) -> None:
        self._options = options
        self._total = total
        self._parts: list[str] = []
        self._length = 0
        self._tables = 0
        self._blocks: list[Block] = []
        self._traits: list[Traits] = []
        self._comments: list[Block] = []
        self._pages: list[Page] = []
        self._pages_by_ocr = 0

    def add_page(self, waiting: _Waiting) -> None:
        """Add a page's text and words, waiting for what OCR reads on it."""
        laid = waiting.laid
        read_drafts: list[Draft] = []
        for pixels, reading in waiting.readings:
            read_drafts += drafts_of(pixels, reading.result(), laid)
        if waiting.readings:
            self._pages_by_ocr += 1
            self._options.report(Progress("ocr", waiting.number, self._total))
        if self._parts:
            self._append("\n")
        start = self._length
        words: list[Word] = []
        before: Draft | None = None
        parts = (read_drafts, laid.drafts) if laid.comes_last else (laid.drafts, read_drafts)
        for part in parts:
            tables = self._tables
            for draft in part:
                if before is not None:
                    self._append(separator(before, draft))
                words += words_of(draft, self._length)
                self._add(draft, waiting.number, tables, laid.layer.height)
                before = draft
        place = (laid.layer.width, laid.layer.height, start, self._length)
        self._pages.append(
            Page(waiting.number, *place, tuple(words), was_read_by_ocr=bool(read_drafts))
        )

    def add_comments(self, comments: Sequence[Comment]) -> None:
        """Add the notes that no page shows."""
        for number, comment in enumerate(comments, 1):
            if self._parts:
                self._append("\n")
            start = self._length
            self._append(comment.text)
            self._comments.append(
                Block(
                    Role.COMMENT,
                    start,
                    self._length,
                    page=comment.page,
                    title=f"Comment {number}, page {comment.page}",
                )
            )

    def extracted(self, notes: Sequence[str], title: str) -> Extracted:
        """Return the whole, its blocks with the roles that only the whole tells."""
        blocks = [
            replace(block, role=role, level=block.level if level < 0 else level)
            for block, (role, level) in zip(
                self._blocks, roles_of(self._traits, self._total), strict=True
            )
        ]
        missing = missing_sentence(self._options.languages) if self._pages_by_ocr else ""
        return Extracted(
            kind=Kind.PDF,
            text="".join(self._parts),
            blocks=(*blocks, *self._comments),
            pages=tuple(self._pages),
            notes=(*notes, missing) if missing else tuple(notes),
            title=title,
        )

    def _add(self, draft: Draft, page: int, tables: int, height: float) -> None:
        start = self._length
        table = draft.table and tables + draft.table
        self._tables = max(self._tables, table)
        self._append(draft.text)
        self._blocks.append(
            Block(
                draft.role,
                start,
                self._length,
                level=draft.level,
                page=page,
                table=table,
                row=draft.row,
                column=draft.column,
                title=draft.title,
            )
        )
        self._traits.append(traits_of(draft, page, height))

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > self._options.limits.characters:
            most = self._options.limits.characters
            raise TooLargeError(f"The PDF holds more than {most:,} characters, the most taken.")
