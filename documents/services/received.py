"""What comes in: a file is sealed, and its reading queued."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.db import transaction

from anonymizer.text import Style
from audit.record import recorded_last
from documents import queue as jobs
from documents.formats.kinds import begins_picture
from documents.models import Document, State, Task
from entries.models import Kind as EntryKind
from inference.room import check_room
from sharing.policies import ends_under
from sharing.services import Place, insert, lock, place_for
from vault.envelope import DataKey
from vault.files import store_file
from vault.models import Envelope

if TYPE_CHECKING:
    from accounts.models import User

SOURCE = "source"
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, repr=False)
class CreatedDocument:
    """A new document and its reveal token, which exists nowhere else."""

    document: Document
    token: str


@transaction.atomic
@recorded_last()
def create_document(
    *,
    content: bytes,
    name: str,
    owner: User | None = None,
    place: Place | None = None,
    style: Style = Style.PLACEHOLDER,
    operating_point: str = "balanced",
    expires_at: datetime | None = None,
    password: str = "",
    rasterise: bool = False,
    is_read: bool = True,
) -> CreatedDocument:
    """Seal a file and queue its reading. Raises QueueFullError.

    place:    where it goes; its owner's own place if nothing is said. Its policy decides how the
              text is scanned, and how long it is kept at most
    password: opens an encrypted file; kept sealed beside it
    is_read:  False leaves it as it is until `start_reading`
    """
    check_room()
    place = place or place_for(owner)
    envelope, key, token = Envelope.new()
    name = plain_name(name)
    document = Document(
        envelope=envelope,
        owner=owner,
        style=style,
        operating_point=place.point(operating_point) if place else operating_point,
        expires_at=place.ends(expires_at) if place else expires_at,
        size_bytes=len(content),
        rasterise=rasterise,
        sealed_name=envelope.seal(key, name, "name"),
        sealed_password=envelope.seal(key, password, "password") if password else None,
    )
    insert(document, EntryKind.IMAGE if begins_picture(content) else EntryKind.DOCUMENT, place)
    store_file(envelope=envelope, key=key, name=SOURCE, stream=io.BytesIO(content))
    if is_read:
        jobs.submit(document, Task.READ)
    return CreatedDocument(document, token)


@transaction.atomic
def start_reading(document: Document, *, expires_at: datetime | None) -> bool:
    """Queue the reading of a document that only lay there; False if it was queued before.

    Raises GoneError.
    """
    locked = lock(document)
    if locked.state != State.RECEIVED or locked.jobs.exists():
        return False
    version = locked.entry.policy_version if locked.entry is not None else None
    locked.end_at(ends_under(version, expires_at, since=locked.created_at))
    jobs.submit(locked, Task.READ)
    return True


@transaction.atomic
def retry(document: Document, key: DataKey, *, password: str = "") -> None:
    """Read a failed document again; the key comes from whoever holds the token or owns it.

    Does nothing unless it has failed. Raises GoneError.
    """
    locked = lock(document)
    if locked.state != State.FAILED:
        return
    locked.state, locked.error_code, locked.error = State.RECEIVED, "", ""
    if password:
        locked.sealed_password = locked.envelope.seal(key, password, "password")
    locked.save(update_fields=["state", "error_code", "error", "sealed_password"])
    locked.envelope.keep_for_service(key)
    jobs.submit(locked, Task.READ)


def plain_name(name: str) -> str:
    """Return a file's name without folders and control characters, and of a bearable length."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if char.isprintable()).strip()
    stem, suffix = PurePath(shown).stem, PurePath(shown).suffix[:10]
    return (stem[: LONGEST_NAME - len(suffix)] + suffix) or "document"


def readable_name(name: str) -> str:
    """Return what people read as a file's title, words apart: "contract_a.smith.pdf" loses _."""
    return " ".join(PurePath(name).stem.replace("_", " ").split()) or "document"
