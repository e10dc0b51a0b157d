"""Files on this machine: read in whole, written in whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# What holds originals is for its owner only; for the rest the umask decides.
PRIVATE = 0o600
SHARED = 0o666
_BINARY: int = getattr(os, "O_BINARY", 0)
# Text in which words are written in signs of its own: only the server reads it whole.
_ENCODED = frozenset(
    {".eml", ".mbox", ".html", ".htm", ".xhtml", ".xml", ".svg", ".rtf", ".json", ".jsonl"}
)


@contextlib.contextmanager
def written(path: Path, mode: int = SHARED) -> Iterator[BinaryIO]:
    """Open a file for writing; it appears under its name once all is written.

    A file that stands there is replaced. A pipe or device is written to as it is.
    Raises OSError; nothing is left behind then.
    """
    if _is_special(path):
        with path.open("wb") as out:
            yield out
        return
    target = path.resolve()  # A link stays one, and what it points to is replaced.
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def created(path: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """Open a new file for writing. Raises FileExistsError, OSError; it is removed if that fails."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def as_text(content: bytes, name: str = "") -> str | None:
    """Return what a file says if it is plain text in UTF-8, else None: it goes as a document.

    name: of the file, by which mails, web pages and the like are known
    """
    if Path(name).suffix.lower() in _ENCODED or content.startswith(b"%PDF-") or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _is_special(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)
