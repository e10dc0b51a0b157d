"""Files: reading them, writing them clean, and checking that they are.

What is done to a file is found by its kind. Libraries are heavy and their input hostile, so a
format's modules are loaded when one of its files comes, and callers go through
`documents.sandbox`, which runs the functions of this module in a process of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from documents.formats.model import (
    Check,
    Cleaned,
    Extracted,
    Hidden,
    Kind,
    ReadOptions,
    SolidBar,
    TooLargeError,
)

if TYPE_CHECKING:
    from documents.formats.survivors import HiddenValues

_HERE = "documents.formats"
_MODULES = {
    Kind.EML: "plain.eml",
    Kind.HTML: "plain.html",
    Kind.MARKDOWN: "plain.markdown",
    Kind.CSV: "plain.csv",
    Kind.JSON: "plain.json",
    Kind.TEXT: "plain.txt",
}
# A PDF's functions each have a module, for each needs other libraries; so do an Office file's.
_PDF_MODULES = {"read": "pdf.read", "write_clean": "pdf.redact", "verify": "pdf.verify"}
_OFFICE_MODULES = {
    "read": "office.clean",
    "write_clean": "office.clean",
    "verify": "office.verify",
}
_OFFICE = {Kind.DOCX, Kind.PPTX, Kind.XLSX, Kind.ODT}
_PICTURE_MODULES = {
    "read": "picture.read",
    "write_clean": "picture.write",
    "verify": "picture.verify",
}


def read(content: bytes, name: str, options: ReadOptions) -> Extracted:
    """Return a file's text and where it stands.

    name: the file's name as the user gave it; it decides only between kinds that look alike
    Raises FormatError with a sentence for the user.
    """
    from documents.formats.kinds import kind_of

    check_size(content, options)
    extracted: Extracted = _function(kind_of(content, name), "read")(content, options)
    return extracted


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
    bars: Sequence[SolidBar] | None = None,
) -> Cleaned:
    """Return the file without what is hidden and without anything that was not read.

    hidden:    sorted, disjoint, each inside one block
    rasterise: of a PDF, write pictures of its pages
    bars:      of a picture, what is painted in the place of what follows from `hidden`
    Raises FormatError, among them CannotCleanError with the kind of part that it cannot clean.
    """
    write = _function(extracted.kind, "write_clean")
    more = {"bars": bars} if extracted.kind is Kind.PICTURE else {"rasterise": rasterise}
    cleaned: Cleaned = write(content, extracted, hidden, options=options, **more)
    return cleaned


def verify(
    clean: bytes,
    kind: Kind,
    values: HiddenValues,
    *,
    options: ReadOptions,
    bars: Sequence[SolidBar] = (),
) -> tuple[Check, ...]:
    """Return how a clean file was opened again, by other means than it was written with.

    bars: of a picture, what has to be painted in it
    """
    more = {"bars": bars} if kind is Kind.PICTURE else {}
    checks: tuple[Check, ...] = _function(kind, "verify")(clean, values, options=options, **more)
    return checks


def load_libraries() -> None:
    """Load what most files need, before the first of them comes."""
    for name in ("read", "write_clean", "verify"):
        _function(Kind.PDF, name)


def render_page(content: bytes, number: int, *, width_px: int, options: ReadOptions) -> bytes:
    """Return a page of a PDF as the bytes of a picture. number: from 1."""
    return pages_of(content, options)(number, width_px)


def pages_of(content: bytes, options: ReadOptions) -> Callable[[int, int], bytes]:
    """Return what draws pages of a PDF, opened once: number from 1, width in pixels.

    A picture is its only page, in its own size.
    """
    from documents.formats.kinds import begins_picture

    check_size(content, options)
    if begins_picture(content):
        from documents.formats.picture.read import righted

        return lambda number, width_px: righted(content, options)

    from documents.formats.pdf.open import open_document
    from documents.formats.pdf.render import render_page

    document = open_document(content, options)
    return lambda number, width_px: (
        render_page(document, number, width_px=width_px, options=options).content
    )


def check_size(content: bytes, options: ReadOptions) -> None:
    """Raise TooLargeError for a file with more bytes than are taken."""
    limit = options.limits.bytes_in_file
    if len(content) > limit:
        raise TooLargeError(f"This file is too large: at most {_megabytes(limit)} are taken.")


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:,.3g} MB"


def _function(kind: Kind, name: str) -> Any:
    if kind is Kind.PDF:
        module = _PDF_MODULES[name]
    elif kind is Kind.PICTURE:
        module = _PICTURE_MODULES[name]
    else:
        module = _OFFICE_MODULES[name] if kind in _OFFICE else _MODULES[kind]
    return getattr(import_module(f"{_HERE}.{module}"), name)
