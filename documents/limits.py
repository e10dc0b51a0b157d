"""What this server takes, and what a process that opens a file may use."""

from __future__ import annotations

from django.conf import settings

from documents.children import Bounds
from documents.formats.model import Limits


def limits() -> Limits:
    """Return what this server takes."""
    return Limits(
        bytes_in_file=settings.MAX_FILE_BYTES,
        unpacked_bytes=settings.MAX_UNPACKED_BYTES,
        pages=settings.MAX_PAGES,
        picture_pixels=settings.MAX_PICTURE_PIXELS,
        characters=settings.MAX_FILE_CHARACTERS,
    )


def bounds() -> Bounds:
    """Return what a child process may use."""
    return Bounds(memory_bytes=settings.FILE_MEMORY_BYTES, overall_seconds=settings.FILE_SECONDS)
