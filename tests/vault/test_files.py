"""Sealed files: what is stored is ciphertext, and no segment can be taken or moved."""

from __future__ import annotations

import errno
import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from vault import files
from vault.envelope import DataKey, UnsealError
from vault.files import delete_files, read_file, store_file, sweep_orphans
from vault.models import Envelope, SealedFile

pytestmark = pytest.mark.django_db
SEGMENT = 1000
HEADER = 4


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sealed storage of its own, with small segments."""
    monkeypatch.setattr(files, "SEGMENT_BYTES", SEGMENT)
    sealed = tmp_path / "sealed"
    settings.STORAGES = {
        **settings.STORAGES,
        "sealed": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": sealed, "file_permissions_mode": 0o600},
        },
    }
    return sealed


@pytest.fixture
def opened() -> tuple[Envelope, DataKey]:
    """An envelope with its key."""
    envelope, key, _ = Envelope.create()
    return envelope, key


def _store(opened: tuple[Envelope, DataKey], content: bytes, name: str = "file") -> SealedFile:
    envelope, key = opened
    return store_file(envelope=envelope, key=key, name=name, stream=io.BytesIO(content))


def _read(row: SealedFile, opened: tuple[Envelope, DataKey]) -> bytes:
    return b"".join(read_file(row, opened[1]))


def _segments(path: Path) -> list[bytes]:
    raw, found = path.read_bytes(), []
    while raw:
        length = HEADER + int.from_bytes(raw[:HEADER], "big")
        found.append(raw[:length])
        raw = raw[length:]
    return found


def _stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3456])
def test_a_file_comes_back_as_it_was(opened: tuple[Envelope, DataKey], size: int) -> None:
    content = os.urandom(size)
    row = _store(opened, content)
    assert _read(row, opened) == content
    assert row.size_bytes == size


def test_only_ciphertext_is_stored(opened: tuple[Envelope, DataKey], folder: Path) -> None:
    _store(opened, b"Canary-7731 " * 500)
    (path,) = _stored(folder)
    assert b"Canary-7731" not in path.read_bytes()
    assert "file" not in path.name


def test_stored_files_are_for_the_server_alone(
    opened: tuple[Envelope, DataKey], folder: Path
) -> None:
    _store(opened, b"content")
    (path,) = _stored(folder)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", ["drop first", "drop middle", "drop last", "swap", "append"])
def test_segments_cannot_be_rearranged(
    opened: tuple[Envelope, DataKey], folder: Path, damage: str
) -> None:
    row = _store(opened, os.urandom(SEGMENT * 3 + 10))
    (path,) = _stored(folder)
    one, two, three, four = _segments(path)
    path.write_bytes(
        b"".join(
            {
                "drop first": [two, three, four],
                "drop middle": [one, three, four],
                "drop last": [one, two, three],
                "swap": [one, three, two, four],
                "append": [one, two, three, four, one],
            }[damage]
        )
    )
    with pytest.raises(UnsealError):
        _read(row, opened)


@pytest.mark.parametrize("kept", [0, 3, 4, 40, -1])
def test_a_cut_file_is_noticed(opened: tuple[Envelope, DataKey], folder: Path, kept: int) -> None:
    row = _store(opened, os.urandom(SEGMENT * 2))
    (path,) = _stored(folder)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UnsealError):
        _read(row, opened)


def test_a_length_that_lies_takes_no_memory(opened: tuple[Envelope, DataKey], folder: Path) -> None:
    row = _store(opened, b"content")
    (path,) = _stored(folder)
    path.write_bytes(b"\xff\xff\xff\xff" + path.read_bytes()[HEADER:])
    with pytest.raises(UnsealError):
        _read(row, opened)


def test_a_segment_of_another_file_does_not_open(
    opened: tuple[Envelope, DataKey], folder: Path
) -> None:
    first = _store(opened, b"one", "first")
    second = _store(opened, b"two", "second")
    storage = storages["sealed"]
    Path(storage.path(first.storage_name)).write_bytes(
        Path(storage.path(second.storage_name)).read_bytes()
    )
    with pytest.raises(UnsealError):
        _read(first, opened)


class FullDisk(io.BytesIO):
    """A stream whose second segment finds no room."""

    def read(self, size: int | None = -1) -> bytes:
        """Fail as a full disk does, once something was written."""
        if self.tell() > SEGMENT:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().read(size)


def test_a_full_disk_leaves_nothing(opened: tuple[Envelope, DataKey], folder: Path) -> None:
    envelope, key = opened
    with pytest.raises(OSError, match="No space"):
        store_file(
            envelope=envelope, key=key, name="file", stream=FullDisk(os.urandom(SEGMENT * 4))
        )
    assert _stored(folder) == []
    assert not SealedFile.objects.exists()


class TightStorage(FileSystemStorage):
    """A storage that runs full in the middle of a file."""

    def _save(self, name: str, content: File[bytes]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read(100))
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_storage_leaves_nothing(
    opened: tuple[Envelope, DataKey], folder: Path, settings: Settings
) -> None:
    tight = {"BACKEND": f"{__name__}.TightStorage", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "sealed": tight}
    with pytest.raises(OSError, match="No space"):
        _store(opened, os.urandom(SEGMENT * 2))
    assert _stored(folder) == []
    assert not SealedFile.objects.exists()


def test_files_go_with_the_transaction_that_deletes_them(
    opened: tuple[Envelope, DataKey],
    folder: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    _store(opened, b"content")
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            delete_files(opened[0].pk)
        assert len(_stored(folder)) == 1
    assert _stored(folder) == []


def test_orphans_are_swept_and_others_stay(opened: tuple[Envelope, DataKey], folder: Path) -> None:
    kept = _store(opened, b"kept", "kept")
    orphan = _store(opened, b"orphan", "orphan")
    fresh = _store(opened, b"fresh", "fresh")
    SealedFile.objects.filter(pk__in=[orphan.pk, fresh.pk]).delete()
    long_ago = (timezone.now() - timedelta(hours=2)).timestamp()
    for row in (kept, orphan):
        os.utime(folder / row.storage_name, (long_ago, long_ago))
    assert sweep_orphans() == 1
    assert {path.name for path in _stored(folder)} == {kept.id.hex, fresh.id.hex}
    assert _read(kept, opened) == b"kept"


def test_sweeping_an_empty_storage_finds_nothing() -> None:
    assert sweep_orphans() == 0
