"""Documents: files handed in, read, corrected, and fetched clean."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypedDict, Unpack

from blackbar import sharing
from blackbar.answers import Fields
from blackbar.document import (
    Document,
    DocumentPage,
    OriginalDocument,
    document_from,
    original_from,
)
from blackbar.errors import BlackbarError, DeadlineError, DocumentFailedError
from blackbar.files import PRIVATE, SHARED, written
from blackbar.jobs import DEFAULT_TIMEOUT_SECONDS, Waiting
from blackbar.sharing import Expiry, Link
from blackbar.spans import Edit, correction
from blackbar.steps import Request, Steps, Upload, address, encoded

Source = str | os.PathLike[str] | bytes | BinaryIO
Target = str | os.PathLike[str] | BinaryIO
Which = Document | str
OperatingPoint = Literal["balanced", "high_recall", "high_precision"]
_DOCUMENTS = "documents"


class UploadOptions(TypedDict, total=False):
    """How a file is treated; the API's documentation says what each means."""

    style: Literal["placeholder", "numbered", "mask"]
    operating_point: OperatingPoint
    expires: Expiry
    password: str
    rasterise: bool


def upload(
    source: Source,
    *,
    name: str | None = None,
    idempotency_key: str | None = None,
    **options: Unpack[UploadOptions],
) -> Steps[Document]:
    """Hand in a file: a path, bytes, or a stream, which is read from its beginning.

    name: of the file; the path's own if not given
    Returns it with its reveal token, which is never told again. Raises OSError, ProblemError,
    TransportError.
    """
    return (yield from handed_in(_DOCUMENTS, source, name, idempotency_key, options))


def get(document: Which) -> Steps[Document]:
    """Return how far a document is. Raises NotFoundError, ProblemError, TransportError."""
    return (yield from found(_DOCUMENTS, document))


def list_documents(*, cursor: str | None = None, limit: int | None = None) -> Steps[DocumentPage]:
    """Return one's own documents, newest first; takes a key with the scope read.

    cursor: of the part of the list before
    Raises ProblemError, TransportError.
    """
    return (yield from listed(_DOCUMENTS, "documents", cursor, limit))


def wait(document: Which, *, timeout: float = DEFAULT_TIMEOUT_SECONDS) -> Steps[Document]:
    """Wait until a document is read and its clean file is made.

    timeout: in seconds
    Raises DocumentFailedError if either does not go, DeadlineError, ProblemError, TransportError.
    """
    return (yield from ended(_DOCUMENTS, document, timeout))


def text(document: Which) -> Steps[str]:
    """Return the redacted text. Raises NotReadyError, ProblemError, TransportError."""
    answer = yield Request("GET", address(_DOCUMENTS, id_of(document), "text"), is_repeatable=True)
    return answer.body.decode("utf-8", "replace")


def original(document: Which, *, reveal_token: str | None = None) -> Steps[OriginalDocument]:
    """Return the original text and its spans, for who may open it.

    Raises NotFoundError, NotReadyError, ProblemError, TransportError.
    """
    where = address(_DOCUMENTS, id_of(document), "spans")
    headers = opening(document, reveal_token)
    answer = yield Request("GET", where, headers=headers, is_repeatable=True)
    return original_from(Fields(answer.json()))


def correct(
    document: Which,
    edits: Sequence[Edit],
    *,
    revision: int,
    all_mentions: bool = False,
    reveal_token: str | None = None,
) -> Steps[OriginalDocument]:
    """Correct the spans; the clean file follows.

    revision:     of the original that the edits speak of
    all_mentions: each edit goes for every place that reads the same
    Raises ConflictError, InvalidError, NotFoundError, ProblemError, TransportError.
    """
    answer = yield Request(
        "POST",
        address(_DOCUMENTS, id_of(document), "spans"),
        headers=opening(document, reveal_token),
        body=encoded(correction(edits, revision, all_mentions)),
    )
    return original_from(Fields(answer.json()))


def remake(
    document: Which, *, rasterise: bool = False, reveal_token: str | None = None
) -> Steps[Document]:
    """Have the clean file made again; rasterise makes pictures of a PDF's pages.

    Raises NotFoundError, NotReadyError, ProblemError, TransportError.
    """
    answer = yield Request(
        "POST",
        address(_DOCUMENTS, id_of(document), "file"),
        headers=opening(document, reveal_token),
        body=encoded({"rasterise": rasterise}),
    )
    return document_from(Fields(answer.json()))


def download(document: Which, target: Target) -> Steps[None]:
    """Fetch the clean file to a path, where it appears once it is whole, or to a stream.

    Raises NotReadyError, ProblemError, TransportError, OSError.
    """
    yield from fetched(address(_DOCUMENTS, id_of(document), "file"), target)


def download_original(
    document: Which, target: Target, *, reveal_token: str | None = None
) -> Steps[None]:
    """Fetch the original file, for who may open it. Raises what `download` does."""
    where = address(_DOCUMENTS, id_of(document), "source")
    yield from fetched(where, target, opening(document, reveal_token), PRIVATE)


def retry(
    document: Which, *, password: str = "", reveal_token: str | None = None
) -> Steps[Document]:
    """Have a document read again that could not be read; nothing happens to another.

    password: of an encrypted file
    Raises NotFoundError, ProblemError, TransportError.
    """
    answer = yield Request(
        "POST",
        address(_DOCUMENTS, id_of(document), "retry"),
        headers=opening(document, reveal_token),
        body=encoded({"password": password} if password else {}),
    )
    return document_from(Fields(answer.json()))


def new_link(document: Which) -> Steps[Link]:
    """Make another private link; the one before stops. For the owner, with the scope reveal.

    Raises NotFoundError, ConflictError, ProblemError, TransportError.
    """
    return (yield from sharing.new_link(_DOCUMENTS, id_of(document)))


def revoke_link(document: Which) -> Steps[None]:
    """Make the private link stop. Raises NotFoundError, ProblemError, TransportError."""
    yield from sharing.revoke_link(_DOCUMENTS, id_of(document))


def set_expiry(document: Which, end: Expiry | datetime) -> Steps[datetime | None]:
    """Set when a document ends, and return it; None is never.

    end: a choice, or a moment with its zone
    Raises InvalidError, NotFoundError, ProblemError, TransportError.
    """
    return (yield from sharing.set_expiry(_DOCUMENTS, id_of(document), end))


def delete(document: Which, *, reveal_token: str | None = None) -> Steps[None]:
    """Delete a document, its files and keys. Raises NotFoundError, ProblemError, TransportError."""
    where = address(_DOCUMENTS, id_of(document))
    headers = opening(document, reveal_token)
    yield Request("DELETE", where, headers=headers, is_repeatable=True)


def redact_file(
    source: Source,
    target: Target,
    *,
    name: str | None = None,
    timeout: float = DEFAULT_TIMEOUT_SECONDS,
    **options: Unpack[UploadOptions],
) -> Steps[Document]:
    """Fetch the clean version of a file and delete the document, whatever happens.

    timeout: seconds for reading it and making the clean file
    Returns it as it last was; its certificate is in `clean`. Raises what `upload`, `wait` and
    `download` do.
    """
    if "expires" not in options:
        # In case that deleting it fails, or this process is killed.
        options["expires"] = "1d"
    handed = yield from upload(source, name=name, **options)
    try:
        done = yield from wait(handed, timeout=timeout)
        yield from download(done, target)
    except GeneratorExit:
        raise
    except BaseException:
        yield from _deleted_if_possible(handed)
        raise
    yield from _deleted_if_possible(handed)
    return done


def _deleted_if_possible(document: Document) -> Steps[None]:
    with contextlib.suppress(BlackbarError):
        yield from delete(document)


def handed_in(
    collection: str,
    source: Source,
    name: str | None,
    idempotency_key: str | None,
    options: Mapping[str, Any],
) -> Steps[Document]:
    """Send a file to a collection."""
    form = {
        field: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for field, value in options.items()
    }
    with _opened(source, name) as opened:
        answer = yield Request(
            "POST",
            address(collection),
            form=form,
            upload=opened,
            headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
            is_repeatable=True,
        )
    return document_from(Fields(answer.json()))


def found(collection: str, document: Which) -> Steps[Document]:
    """Return a document of a collection; it keeps the reveal token of the one that is given."""
    answer = yield Request("GET", address(collection, id_of(document)), is_repeatable=True)
    token = document.reveal_token if isinstance(document, Document) else None
    return replace(document_from(Fields(answer.json())), reveal_token=token)


def listed(
    collection: str, field: str, cursor: str | None, limit: int | None
) -> Steps[DocumentPage]:
    """Return a part of a collection."""
    answer = yield Request(
        "GET", address(collection), query=paging(cursor, limit), is_repeatable=True
    )
    told = Fields(answer.json())
    documents = [document_from(one) for one in told.objects(field)]
    return DocumentPage(tuple(documents), told.text_or_none("next_cursor"))


def paging(cursor: str | None, limit: int | None) -> dict[str, str]:
    """Return the query that asks for a part of a list."""
    query = {"cursor": cursor} if cursor else {}
    return query | ({"limit": str(limit)} if limit is not None else {})


def ended(collection: str, document: Which, timeout: float) -> Steps[Document]:
    """Wait until the work on a document of a collection has ended."""
    waiting = Waiting(timeout)
    while True:
        now = yield from found(collection, document)
        clean = now.clean.state if now.clean is not None else "none"
        if now.state == "failed":
            code = now.error_code or "failed"
            sentence = f"The file could not be read: {code}."
            raise DocumentFailedError(sentence, id=now.id, code=code)
        if now.state == "ready" and clean in {"blocked", "failed"}:
            sentence = f"There is no clean file: {clean}."
            raise DocumentFailedError(sentence, id=now.id, code=f"clean_{clean}")
        if now.state == "ready" and clean == "ready":
            return now
        pause = waiting.pause(None)
        if pause is None:
            raise DeadlineError("The document is not done in time. It goes on.", id=now.id)
        yield pause


def fetched(
    where: str, target: Target, headers: Mapping[str, str] | None = None, mode: int = SHARED
) -> Steps[None]:
    """Fetch a file's bytes."""
    if isinstance(target, str | os.PathLike):
        with written(Path(target), mode) as out:
            yield Request(
                "GET", where, headers=headers or {}, sink=out, is_repeatable=out.seekable()
            )
    else:
        is_seekable = target.seekable()
        yield Request("GET", where, headers=headers or {}, sink=target, is_repeatable=is_seekable)


def id_of(document: Which) -> str:
    """Return a document's id."""
    return document.id if isinstance(document, Document) else document


def opening(document: Which, reveal_token: str | None) -> dict[str, str]:
    """Return the header that opens the original, if a token is known."""
    if reveal_token is None and isinstance(document, Document):
        reveal_token = document.reveal_token
    return {"Reveal-Token": reveal_token} if reveal_token else {}


@contextlib.contextmanager
def _opened(source: Source, name: str | None) -> Iterator[Upload]:
    if isinstance(source, bytes):
        yield Upload(name or "file", source)
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        with path.open("rb") as stream:
            yield Upload(name or path.name, stream if stream.seekable() else stream.read())
    else:
        yield Upload(name or "file", source if source.seekable() else source.read())
