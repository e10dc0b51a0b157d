"""Which languages can be read here, and where their data lies.

Data comes from the system (Debian's tesseract-ocr-*, Homebrew) and from wheels that put it into
the environment's share/tessdata, so that English is read on any machine.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

# What is read when nobody says which languages: those of them that are installed.
DEFAULT = ("eng", "deu", "fra", "spa", "chi_sim")
ORIENTATION = "osd"
NAMES = {
    "chi_sim": "Chinese",
    "deu": "German",
    "eng": "English",
    "fra": "French",
    "ita": "Italian",
    "jpn": "Japanese",
    "nld": "Dutch",
    "pol": "Polish",
    "por": "Portuguese",
    "rus": "Russian",
    "spa": "Spanish",
}
_SUFFIX = ".traineddata"


class NoLanguageError(Exception):
    """Raised when no language data is found at all, so that no picture can be read."""


def installed_languages() -> tuple[str, ...]:
    """Return the languages that can be read here, by tesseract's names, sorted."""
    return tuple(sorted(set(_files()) - {ORIENTATION, "equ"}))


def chosen_languages(wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """Return those of the wanted languages that are installed, in order; never none.

    Raises NoLanguageError if nothing is installed.
    """
    installed = installed_languages()
    if not installed:
        raise NoLanguageError("No language data for reading pictures is installed.")
    chosen = tuple(name for name in dict.fromkeys(wanted or DEFAULT) if name in installed)
    return chosen or (("eng",) if "eng" in installed else installed[:1])


def missing_sentence(wanted: Sequence[str] = ()) -> str:
    """Say which of the wanted languages pictures are not read in here, "" if all are."""
    installed = installed_languages()
    missing = [NAMES.get(n, n) for n in dict.fromkeys(wanted or DEFAULT) if n not in installed]
    if not missing:
        return ""
    listed = ", ".join(missing[:-1]) + (" and " if missing[:-1] else "") + missing[-1]
    return f"Text in pictures is not read as {listed} here: the language data is not installed."


@cache
def data_folder(names: tuple[str, ...]) -> str:
    """Return one folder that holds the data of all the named languages.

    Where they lie apart, a private folder of links to them is made for this process.
    """
    files = _files()
    folders = dict.fromkeys(files[name].parent for name in names)
    for folder in folders:
        if all((folder / f"{name}{_SUFFIX}").is_file() for name in names):
            return str(folder)
    joined = Path(_private_folder().name)
    for name in names:
        link = joined / f"{name}{_SUFFIX}"
        if not link.is_symlink():
            link.symlink_to(files[name])
    return str(joined)


@cache
def _private_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="tessdata-")


@cache
def _files() -> dict[str, Path]:
    """Return each language's file; of two the one in the folder that comes first."""
    found: dict[str, Path] = {}
    for folder in _folders():
        try:
            files = sorted(folder.glob(f"*{_SUFFIX}"))
        except OSError:
            continue
        for file in files:
            found.setdefault(file.name.removesuffix(_SUFFIX), file.resolve())
    return found


def _folders() -> Iterator[Path]:
    named = os.environ.get("TESSDATA_PREFIX")
    if named:
        yield Path(named)
        yield Path(named) / "tessdata"
    yield from sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"), reverse=True)
    for folder in (
        "/usr/share/tessdata",
        "/usr/local/share/tessdata",
        "/opt/homebrew/share/tessdata",
    ):
        yield Path(folder)
    yield Path(sysconfig.get_path("data")) / "share" / "tessdata"
    yield Path(sys.prefix) / "share" / "tessdata"
