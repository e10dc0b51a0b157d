"""Fetching a checkpoint from the hub: what is needed of it, with room checked and progress told."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from inference.engine.errors import CheckpointNotFound

logger = logging.getLogger("blackbar.engine")
_WANTED = ["*.json", "*.safetensors", "*.txt", "tokenizer*"]
_UNWANTED = ["original/*", "onnx/*"]
# How often progress is told.
PERIOD_SECONDS = 5.0


def download(name: str, tell: Callable[[str], None] = logger.info) -> Path:
    """Return the directory of a hub checkpoint, after downloading what is not here yet.

    A connection that breaks off goes on where it stopped; a later start keeps whole files.
    tell: gets a sentence on the progress every few seconds
    Raises CheckpointNotFound with one sentence.
    """
    from huggingface_hub import constants, snapshot_download

    def fetch(dry_run: bool) -> object:
        return snapshot_download(
            name, allow_patterns=_WANTED, ignore_patterns=_UNWANTED, dry_run=dry_run
        )

    folder = Path(constants.HF_HUB_CACHE)
    try:
        plan = fetch(dry_run=True)
        assert isinstance(plan, list)
        missing = sum(file.file_size or 0 for file in plan if file.will_download)
        blobs = folder / f"models--{name.replace('/', '--')}" / "blobs"
        _check_room(folder, missing)
        with _Progress(name, blobs, missing, tell):
            return Path(str(fetch(dry_run=False)))
    except CheckpointNotFound:
        raise
    except Exception as exc:  # the library lets what its HTTP client raises through
        raise CheckpointNotFound(_sentence(name, exc)) from exc


def downloaded(name: str) -> Path | None:
    """Return the directory of a hub checkpoint, or None if a file of it is known to be missing."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        directory = snapshot_download(
            name, allow_patterns=_WANTED, ignore_patterns=_UNWANTED, local_files_only=True
        )
    except (LocalEntryNotFoundError, ValueError):  # ValueError: no possible name
        return None
    return Path(str(directory))


def _sentence(name: str, exc: Exception) -> str:
    """Return what became of a download, for the user."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    # A look at what would be downloaded hides the hub's answer behind an error of its own.
    for error in (exc, exc.__cause__):
        if isinstance(error, GatedRepoError):
            return f"The hub gives {name} only to accounts that asked for it: set HF_TOKEN."
        if isinstance(error, RepositoryNotFoundError):
            return f"The hub has no public checkpoint {name}."
    return (
        f"The checkpoint {name} is not complete on this machine and could not be downloaded:"
        " is the network there? A later start fetches the files that are missing."
    )


def _check_room(folder: Path, needed: int) -> None:
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        raise CheckpointNotFound(
            f"The download needs {needed / 1e9:.1f} GB of disk, and {free / 1e9:.1f} GB are free."
        )


class _Progress:
    """Tells how much of a download lies on the disk, for as long as it is entered."""

    def __init__(self, name: str, blobs: Path, total: int, tell: Callable[[str], None]) -> None:
        self._name, self._blobs, self._total, self._tell = name, blobs, total, tell
        self._before = self._size()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="download", daemon=True)

    def __enter__(self) -> None:
        if self._total:
            self._tell(f"Downloading {self._name}: {self._total / 1e9:.2f} GB.")
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._total:
            self._thread.join()

    def _run(self) -> None:
        done = 0
        while not self._over.wait(PERIOD_SECONDS):
            # Never less than before: a file that is renamed when complete may not be seen.
            done = max(done, min(self._total, self._size() - self._before))
            self._tell(
                f"Downloading {self._name}: {done / 1e9:.2f} of {self._total / 1e9:.2f} GB,"
                f" {100 * done // self._total}%."
            )

    def _size(self) -> int:
        total = 0
        for path in self._blobs.glob("*"):
            try:
                total += path.stat().st_size
            except OSError:  # renamed when complete
                continue
        return total
