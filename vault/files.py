"""Sealed files: a file's bytes leave the process only as ciphertext.

A file is cut into segments of 1 MiB, each sealed with its number and a mark on the last one, so
that segments cannot be dropped, swapped or appended unnoticed (as in the STREAM construction of
Hoang, Reyhanitabar, Rogaway and Vizar, 2015), and memory stays bounded at any file size.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import struct
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO
from uuid import UUID

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from vault.envelope import DataKey, UnsealError
from vault.models import Envelope, SealedFile

logger = logging.getLogger("blackbar.files")
SEGMENT_BYTES = 1 << 20
_LENGTH = struct.Struct(">I")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def store_file(*, envelope: Envelope, key: DataKey, name: str, stream: IO[bytes]) -> SealedFile:
    """Seal a binary stream under a name; the bytes go if the transaction rolls back.

    Raises OSError when the storage takes no more; nothing is left behind then.
    """
    row = SealedFile(envelope=envelope, name=name, size_bytes=0)
    row.storage_name = f"{row.id.hex[:2]}/{row.id.hex}"
    with tempfile.TemporaryFile() as ciphertext:
        for number, (segment, is_last) in enumerate(_segments(stream)):
            sealed = key.seal(segment, _context(row, number, is_last=is_last))
            ciphertext.write(_LENGTH.pack(len(sealed)))
            ciphertext.write(sealed)
            row.size_bytes += len(segment)
        ciphertext.seek(0)
        try:
            row.storage_name = file_storage().save(row.storage_name, File(ciphertext))
            # An orphan of a rolled back transaction or a killed process goes in `sweep_orphans`.
            row.save(force_insert=True)
        except BaseException:
            with contextlib.suppress(OSError):
                file_storage().delete(row.storage_name)
            raise
    return row


def read_file(row: SealedFile, key: DataKey) -> Iterator[bytes]:
    """Yield the file's bytes, each segment authenticated before it is yielded.

    Raises UnsealError as soon as a segment does not open or the file ends early.
    """
    with file_storage().open(row.storage_name, "rb") as source:
        number, is_last = 0, False
        while not is_last:
            header = source.read(_LENGTH.size)
            if len(header) < _LENGTH.size:
                raise UnsealError("The sealed file ends early.")
            length = _LENGTH.unpack(header)[0]
            if length > SEGMENT_BYTES + 64:
                raise UnsealError("The sealed file is not well formed.")
            sealed = source.read(length)
            segment, is_last = _open_segment(row, key, sealed, number)
            if is_last and source.read(1):
                raise UnsealError("Something was appended to the sealed file.")
            yield segment
            number += 1


def delete_files(*envelopes: UUID) -> None:
    """Delete the files of envelopes once the transaction commits.

    By then nothing opens them any more: the keys went with the transaction. What the storage does
    not delete, `sweep_orphans` does later.
    """
    files = SealedFile.objects.filter(envelope__in=envelopes)
    names = list(files.values_list("storage_name", flat=True))
    if names:
        transaction.on_commit(lambda: _delete_stored(names))


def sweep_orphans(older_than_seconds: float = 3600) -> int:
    """Delete stored files without a row; returns how many went."""
    storage, deleted = file_storage(), 0
    limit = timezone.now() - timedelta(seconds=older_than_seconds)
    try:
        folders, _ = storage.listdir("")
    except FileNotFoundError:  # nothing was stored yet
        return 0
    for folder in folders:
        names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        known = set(
            SealedFile.objects.filter(storage_name__in=names).values_list("storage_name", flat=True)
        )
        for name in names:
            if name not in known and storage.get_modified_time(name) < limit:
                storage.delete(name)
                deleted += 1
    return deleted


def is_full(exc: BaseException) -> bool:
    """Say whether an error means that a disk takes no more, which is nobody's file's fault."""
    return isinstance(exc, OSError) and exc.errno in _FULL


def _delete_stored(names: Sequence[str]) -> None:
    left = 0
    for name in names:
        try:
            file_storage().delete(name)
        except Exception:  # storages raise many kinds
            left += 1
    if left:
        logger.warning("%d sealed files not deleted; the sweep will do it", left)


def _open_segment(row: SealedFile, key: DataKey, sealed: bytes, number: int) -> tuple[bytes, bool]:
    try:
        return key.unseal(sealed, _context(row, number, is_last=False)), False
    except UnsealError:
        return key.unseal(sealed, _context(row, number, is_last=True)), True


def _segments(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield (bytes, is last); an empty stream is one empty last segment."""
    segment = stream.read(SEGMENT_BYTES)
    while True:
        following = stream.read(SEGMENT_BYTES)
        yield segment, not following
        if not following:
            return
        segment = following


def _context(row: SealedFile, number: int, *, is_last: bool) -> str:
    return f"file {row.id} segment {number} {'last' if is_last else 'more'}"


def file_storage() -> Storage:
    """Return where sealed files lie: a folder, or a bucket."""
    return storages["sealed"]
