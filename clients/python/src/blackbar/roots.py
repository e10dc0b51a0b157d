"""Folders that a language model may name files in, and the one that it may not."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from blackbar.errors import BlackbarError, ConfigurationError
from blackbar.files import created

_MOST_BYTES = 100_000_000
_NAME = re.compile(r"[\w-][\w. -]{0,99}")
_OUTSIDE = "This file is not below a folder that was opened with --root."


class PathError(BlackbarError):
    """Raised for a file that may not be used, or cannot be; the sentence goes to the model."""


class Roots:
    """Folders below which files may be read and new ones made. Raises ConfigurationError."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(_folder(one) for one in folders)

    def read(self, name: str) -> tuple[str, bytes]:
        """Return a file's own name and its bytes. Raises PathError."""
        root, below = self._place(name)
        try:
            with _opened_below(root, below) as file:
                content = file.read(_MOST_BYTES + 1)
        except OSError as exc:
            raise PathError(f"The file cannot be read: {exc.strerror}.") from None
        if len(content) > _MOST_BYTES:
            raise PathError(f"The file has more than {_MOST_BYTES} bytes.")
        return below.name, content

    def create(self, name: str) -> Path:
        """Return where a new file may be made. Raises PathError."""
        root, below = self._place(name)
        path = root / below
        if path.exists() or path.is_symlink():
            raise PathError("There is such a file already. Name another.")
        if not path.parent.is_dir():
            raise PathError("There is no such folder.")
        return path

    def _place(self, name: str) -> tuple[Path, Path]:
        """Return the root, and the file below it, with no link left in it."""
        if not self.folders:
            raise PathError("No folder is open to this server. Its user may open one with --root.")
        try:
            path = (self.folders[0] / name).resolve()
        except (OSError, RuntimeError, ValueError):
            raise PathError(_OUTSIDE) from None
        for root in self.folders:
            if path != root and path.is_relative_to(root):
                return root, path.relative_to(root)
        raise PathError(_OUTSIDE)


class RestoreFolder:
    """Where restored texts go: a folder of the user's own that no root may hold.

    Raises ConfigurationError, OSError.
    """

    def __init__(self, folder: Path | None, roots: Roots) -> None:
        self.path = (folder or _default_folder()).expanduser().resolve()
        for root in roots.folders:
            if self.path.is_relative_to(root) or root.is_relative_to(self.path):
                raise ConfigurationError(
                    "The folder of restored texts and the folders opened with --root must be apart."
                )
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def save(self, content: bytes, name: str | None) -> Path:
        """Write a new file that only its user may read. Raises PathError."""
        wished = Path(name or "restored.txt")
        if not _NAME.fullmatch(str(wished)):
            raise PathError("The name of the file may have letters, digits, dots and dashes only.")
        for number in range(1, 1000):
            middle = "" if number == 1 else f"-{number}"
            path = self.path / f"{wished.stem}{middle}{wished.suffix}"
            with contextlib.suppress(FileExistsError):
                try:
                    with created(path) as out:
                        out.write(content)
                except FileExistsError:
                    raise
                except OSError as exc:
                    raise PathError(f"The file cannot be written: {exc.strerror}.") from None
                return path
        raise PathError("There are too many files of this name already.")


def _folder(path: Path) -> Path:
    try:
        folder = path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError):
        folder = None
    if folder is None or not folder.is_dir():
        raise ConfigurationError(f"There is no folder {path}.")
    return folder


def _default_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path("~/.local/state")) / "blackbar" / "restored"


@contextlib.contextmanager
def _opened_below(root: Path, below: Path) -> Iterator[BinaryIO]:
    """Open a regular file step by step, so that a link put there meanwhile leads nowhere."""
    if os.open not in os.supports_dir_fd:  # Windows
        with (root / below).open("rb") as file:
            yield file
        return
    last = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in below.parts[:-1]:
            inner = os.open(part, last | os.O_DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        opened = os.open(below.name, last, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    with os.fdopen(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise PathError("This is no file.")
        yield file
