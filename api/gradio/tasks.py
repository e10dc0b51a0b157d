"""Each endpoint as calls of services: begin it, look how far it is, take its result, drop it."""

from __future__ import annotations

import base64
import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from django.conf import settings
from django.http import Http404
from django.utils import timezone

from accounts import proof
from anonymizer.categories import counted
from api.callers import Caller
from api.gradio import uploads
from api.gradio.tickets import Ticket
from documents import sandbox, work
from documents import services as documents
from documents.formats.model import FormatError, Kind
from documents.limits import bounds
from documents.models import CleanState, Document, State
from documents.progress import clean_progress_of, progress_of
from images.services import read_bars
from inference.engine.spans import Span
from inference.models import Scan, ScanState
from pastebin import services as pastes
from pastebin.models import Paste
from sharing.access import Access, find, open_with_token
from sharing.expiry import LATEST_EXPIRY
from sharing.services import GoneError, delete, set_expiry
from vault.planned import Planned

logger = logging.getLogger("blackbar.api")
_TTL = re.compile(r"(\d{1,9})\s*([smhdw]?)", re.ASCII)
_UNITS = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
SHORTEST_TTL = timedelta(minutes=1)
_SCAN = Planned(
    lambda scan, paste: Scan.objects.defer("sealed_text", "sealed_spans", "sealed_found").filter(
        pk=scan, envelope__paste=paste
    )
)


class CallError(Exception):
    """Raised when a call cannot be answered; title and message go to the client as they are.

    is_ours: the server failed, so the call does not count
    """

    def __init__(self, message: str, title: str = "Error", *, is_ours: bool = False) -> None:
        super().__init__(message)
        self.message, self.title, self.is_ours = message, title, is_ours


@dataclass(frozen=True, slots=True)
class Look:
    """How far a call is.

    stage:    "queued", "running" or "over"
    position: place in the queue from 1, None if that is not known
    percent:  None if it cannot be told
    """

    stage: str
    position: int | None = None
    percent: int | None = None
    sentence: str = ""


class Task(Protocol):
    """What an endpoint does."""

    def begin(self, caller: Caller, holder: str, arguments: dict[str, Any]) -> Ticket:
        """Store what is needed and queue the work. Raises CallError."""

    def look(self, ticket: Ticket) -> Look:
        """Return how far it is."""

    def take(self, ticket: Ticket, holder: str, file_root: str) -> Any:
        """Return the result of a call that is over. Raises CallError."""

    def drop(self, ticket: Ticket) -> None:
        """Remove what was stored for a call that nobody waits for."""


class CreatePaste:
    """`create_paste(text, ttl="never") -> {view_path, reveal_path}`."""

    def begin(self, caller: Caller, holder: str, arguments: dict[str, Any]) -> Ticket:
        """Store the paste. Raises CallError."""
        if caller.user is None and not settings.ANONYMOUS_PASTES:
            raise CallError("On this server only people with an account may paste: send a key.")
        if proof.is_needed(caller.user):
            raise CallError(
                "Without a key this server asks for a proof of work, which a call cannot carry:"
                " send a key, or post to /api/v1/pastes."
            )
        text, expires_in = arguments["text"], _time_to_live(arguments["ttl"])
        if not text.strip():
            raise CallError("There is no text to paste.")
        if len(text) > settings.MAX_PASTE_CHARACTERS:
            raise CallError(f"A paste takes up to {settings.MAX_PASTE_CHARACTERS:,} characters.")
        created = pastes.create_paste(
            text=text,
            owner=caller.user,
            expires_at=timezone.now() + expires_in if expires_in else None,
        )
        bell = str(created.paste.envelope.scan.pk)
        return Ticket("create_paste", created.paste.pid, created.token, bell)

    def look(self, ticket: Ticket) -> Look:
        """Return how far the scan is."""
        scan = _scan_of(ticket)
        if scan is None or scan.state in {ScanState.DONE, ScanState.FAILED}:
            return Look("over")
        if scan.state == ScanState.PENDING:
            return Look("queued", position=scan.place_in_queue())
        return Look(
            "running", percent=scan.progress_percent, sentence="Looking for private details"
        )

    def take(self, ticket: Ticket, holder: str, file_root: str) -> dict[str, str]:
        """Return the two paths. A paste that could not be scanned goes. Raises CallError."""
        scan = _scan_of(ticket)
        if scan is None or not scan.is_done:
            self.drop(ticket)
            raise CallError(
                "The detector could not read this text, so nothing was shared.", is_ours=True
            )
        view_path = f"{Paste.address}{ticket.pid}"
        return {"view_path": view_path, "reveal_path": f"{view_path}?token={ticket.token}"}

    def drop(self, ticket: Ticket) -> None:
        """Delete the paste."""
        paste = Paste.objects.select_related("envelope").filter(pk=ticket.pid).first()
        if paste is not None:
            delete(paste)


class _OnFile:
    """What the tasks on an uploaded file share. Nothing of the file is kept after the answer."""

    name: str

    def begin(self, caller: Caller, holder: str, arguments: dict[str, Any]) -> Ticket:
        """Queue the reading of an uploaded file. Raises CallError."""
        (file,) = arguments.values()
        try:
            document, token = uploads.find_upload(file["path"], holder)
            ends_at = timezone.now() + timedelta(minutes=settings.JOB_MINUTES)
            if not documents.start_reading(document, expires_at=ends_at):
                raise CallError("This upload was used before: upload the file again.")
        except (uploads.UploadError, GoneError) as exc:
            raise CallError(str(exc)) from exc
        return Ticket(self.name, document.pid, token, str(document.envelope_id))

    def look(self, ticket: Ticket) -> Look:
        """Return how far the reading and the scan are."""
        return self._look_at(_document_of(ticket))

    def _look_at(self, document: Document | None) -> Look:
        if document is None or document.state in {State.READY, State.FAILED}:
            return Look("over")
        progress = progress_of(document)
        stage = "queued" if progress.stage == "queued" else "running"
        return Look(stage, progress.position, progress.percent, progress.sentence)

    def take(self, ticket: Ticket, holder: str, file_root: str) -> Any:
        """Return the result and delete the file. Raises CallError."""
        try:
            return self.result(self._opened(ticket))
        except (FormatError, GoneError) as exc:
            raise CallError(str(exc)) from exc
        finally:
            self.drop(ticket)

    def result(self, access: Access[Document]) -> Any:
        """Return what the client gets. Raises CallError, FormatError, GoneError."""
        raise NotImplementedError

    def drop(self, ticket: Ticket) -> None:
        """Delete the file and all that was made of it."""
        document = Document.objects.select_related("envelope__entry").filter(pk=ticket.pid).first()
        if document is not None:
            delete(document)

    def _opened(self, ticket: Ticket) -> Access[Document]:
        document = _document_of(ticket)
        access = open_with_token(document, ticket.token) if document is not None else None
        if access is None:
            raise CallError("This call has expired.")
        if access.item.state == State.FAILED:
            raise CallError(access.item.error)
        return access


class AnalyzeDocument(_OnFile):
    """`analyze_document(file) -> {text, spans, stats}`; offsets are code points of the text."""

    name = "analyze_document"

    def result(self, access: Access[Document]) -> dict[str, Any]:
        """Return text, spans and figures."""
        document = access.item
        original = documents.read_original(document, access.key)
        start = document.text_start
        text, spans = original.text[start:], [s for s in original.spans if s.start >= start]
        return {
            "text": text,
            "spans": [
                {"start": span.start - start, "end": span.end - start, "label": span.label}
                for span in spans
            ],
            "stats": _stats(text, spans, document.page_count),
        }


class AnonymizeScreenshot(_OnFile):
    """`anonymize_screenshot(image) -> {image_data_url, width, height, boxes}`, in pixels."""

    name = "anonymize_screenshot"

    def result(self, access: Access[Document]) -> dict[str, Any]:
        """Return the righted picture as it is, and where its bars belong."""
        document = access.item
        if document.kind != Kind.PICTURE:
            raise CallError("This is no picture. Send PNG, JPEG, WebP, GIF, TIFF or BMP.")
        opened = read_bars(document, access.key)
        content = b"".join(documents.read_source(document, access.key))
        options = work.read_options(document, access.key)
        picture = sandbox.render_page(content, 1, width_px=1, options=options, bounds=bounds())
        encoded = base64.b64encode(picture).decode()
        return {
            "image_data_url": f"data:image/png;base64,{encoded}",
            "width": int(opened.page.width),
            "height": int(opened.page.height),
            "boxes": [
                {
                    "x": bar.x,
                    "y": bar.y,
                    "w": bar.width,
                    "h": bar.height,
                    "label": bar.label,
                    "text": opened.text[bar.start : bar.end],
                }
                for bar in opened.bars.bars
            ],
        }


class RedactDocument(_OnFile):
    """`redact_document(file) -> file`: the clean file, once it is verified.

    The token is forgotten with the answer: from then on nobody opens the original, and the clean
    file waits a few minutes for its holder.
    """

    name = "redact_document"

    def _look_at(self, document: Document | None) -> Look:
        if document is None or document.state != State.READY:
            return super()._look_at(document)
        if document.clean_state in {CleanState.READY, CleanState.BLOCKED, CleanState.FAILED}:
            return Look("over")
        progress = clean_progress_of(document)
        return Look("running", percent=progress.percent, sentence=progress.sentence)

    def take(self, ticket: Ticket, holder: str, file_root: str) -> dict[str, Any]:
        """Return the FileData of the clean file. Raises CallError."""
        try:
            return self._kept(self._opened(ticket).item, holder, file_root)
        except GoneError as exc:
            raise CallError(str(exc)) from exc
        except CallError:
            self.drop(ticket)
            raise

    def _kept(self, document: Document, holder: str, file_root: str) -> dict[str, Any]:
        if not document.has_clean_file:
            raise CallError(document.clean_error or "There is no clean file.")
        set_expiry(document, timezone.now() + uploads.KEPT)
        return uploads.file_data(document, holder, file_root)


TASKS: dict[str, Task] = {
    "create_paste": CreatePaste(),
    "analyze_document": AnalyzeDocument(),
    "anonymize_screenshot": AnonymizeScreenshot(),
    "redact_document": RedactDocument(),
}


def _time_to_live(written: str) -> timedelta | None:
    """Return how long a paste is kept, None for ever. Raises CallError."""
    if written.strip().lower() == "never":
        return None
    match = _TTL.fullmatch(written.strip().lower())
    # A huge number of weeks is more than a timedelta holds.
    count = min(int(match[1]), 10**6 if match[2] else 10**9) if match else 0
    left = timedelta(**{_UNITS[match[2]]: count}) if match else timedelta(0)
    if not SHORTEST_TTL <= left <= LATEST_EXPIRY:
        raise CallError("ttl is never, or a time such as 10m, 1h, 7d: from a minute to ten years.")
    return left


def _scan_of(ticket: Ticket) -> Scan | None:
    return _SCAN.first(scan=ticket.bell, paste=ticket.pid)


def _document_of(ticket: Ticket) -> Document | None:
    try:
        return find(Document, ticket.pid)
    except Http404:
        return None


def _stats(text: str, spans: list[Span], pages: int) -> dict[str, Any]:
    return {
        "characters": len(text),
        "pages": pages,
        "spans": len(spans),
        "hidden_characters": sum(span.end - span.start for span in spans),
        "counts": {c.label: c.count for c in counted(span.label for span in spans) if c.count},
    }
