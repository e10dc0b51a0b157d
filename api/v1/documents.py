"""Documents for programs: hand in, wait, read, correct, fetch the clean file.

Who may open the original sends the reveal token (`Reveal-Token`), or is the owner, by session or
by a key with the scope reveal. Offsets are code points of the file's text, half-open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.quotas import Use
from anonymizer.categories import counted
from anonymizer.corrections import Edit, parse_edits
from anonymizer.text import Style
from api.callers import caller_of
from api.schema import documents as schema
from api.schema.describe import described
from api.v1 import shared
from api.v1.base import NativeView, fields_of, with_limits
from api.v1.cursors import page_of
from api.v1.idempotency import attempt, upload_as_bytes
from api.v1.problems import Problem
from api.v1.shared import ItemExpiry, ItemLink, correctable, removable, shown
from api.v1.under import read_place
from documents import services
from documents.exports import redacted_text
from documents.forms import UploadForm
from documents.models import CleanState, Document, DocumentQuerySet, State
from documents.progress import DocumentProgress, clean_progress_of, pause_of, progress_of
from documents.services import CreatedDocument
from inference.pace import retry_after
from sharing.access import Access
from sharing.links import absolute
from sharing.recorded import note_export, note_opening
from sharing.services import delete

_MAX_PASSWORD = 1000
_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
}


@described(get=schema.list_documents, post=schema.create)
class Documents(NativeView):
    """The collection."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": "read", "POST": "redact"}
    parser_classes = (MultiPartParser, FormParser)

    def get(self, request: Request) -> Response:
        """List the signed-in person's own documents, newest first; `cursor` continues a list."""
        found, cursor = own_page(request, Document.objects.all())
        listed = [as_json(request, document) for document in found]
        return Response({"documents": listed, "next_cursor": cursor})

    def post(self, request: Request) -> Response:
        """Take a file (multipart: file, style, operating_point, expires, password, rasterise).

        202 with the document, its links, and the reveal token, which is never shown again.
        """
        created = hand_in(request)
        body = as_json(request, created.document) | {"reveal_token": created.token}
        address = reverse("api:v1:document", args=[created.document.pid])
        headers = {"Location": address, "Cache-Control": "no-store"}
        return with_limits(Response(body, 202, headers=headers), created.uses)


@described(get=schema.get, delete=schema.delete)
class OneDocument(NativeView):
    """A document's public side."""

    def get(self, request: Request, pid: str) -> Response:
        """Return how far it is, and what everybody may see of it."""
        document = shown(request, Document, pid)
        return Response(as_json(request, document), headers=later(document))

    def delete(self, request: Request, pid: str) -> Response:
        """Delete the document with its files and keys."""
        access = removable(request, Document, pid)
        delete(access.item, by=access.user)
        return Response(status=204)


def later(document: Document) -> dict[str, str]:
    """Return the header that says when to ask again, where there is something to wait for."""
    is_read = document.state in {State.READY, State.FAILED}
    if is_read and document.clean_state != CleanState.MAKING:
        return {}
    return {"Retry-After": retry_after(pause_of(document, 1.0))}


@described(get=schema.text)
class DocumentText(NativeView):
    """The redacted text."""

    def get(self, request: Request, pid: str) -> HttpResponse:
        """Return the redacted text as plain text; 409 while there is none."""
        document = ready(shown(request, Document, pid))
        return HttpResponse(redacted_text(document), content_type="text/plain; charset=utf-8")


@described(get=schema.spans, post=schema.correct)
class DocumentSpans(NativeView):
    """The spans of the original."""

    parser_classes = (JSONParser,)

    def get(self, request: Request, pid: str) -> Response:
        """Return the original text with its spans, blocks and the revision to correct."""
        access = access_of(request, pid)
        ready(access.item)
        note_opening(access, via="api")
        return Response(_original_as_json(access), headers={"Cache-Control": "no-store"})

    def post(self, request: Request, pid: str) -> Response:
        """Correct: `{"revision", "all_mentions", "edits": [{"op", "start", "end", "label"}]}`.

        op is add, remove, relabel, undo or redo. Returns what `get` does; the clean file follows.
        """
        access = correctable(access_of(request, pid))
        document = ready(access.item)
        revision, edits, all_mentions = parse_edits(request.body)
        shift = document.text_start
        moved = [Edit(e.op, e.start + shift, e.end + shift, e.label) for e in edits]
        services.correct(
            document=document,
            key=access.key,
            revision=revision,
            edits=moved,
            all_mentions=all_mentions,
            by=access.user,
        )
        fresh = replace(access, item=shown(request, Document, pid))
        return Response(_original_as_json(fresh), headers={"Cache-Control": "no-store"})


@described(get=schema.file, post=schema.make_file)
class DocumentFile(NativeView):
    """The clean file."""

    parser_classes = (JSONParser,)

    def get(self, request: Request, pid: str) -> StreamingHttpResponse:
        """Return the verified clean file; 409 while there is none for the present spans."""
        document = ready(shown(request, Document, pid))
        if not document.has_clean_file:
            raise Problem(409, f"clean_{document.clean_state}", why_no_file(document))
        return _file_response(document, services.read_clean(document))

    def post(self, request: Request, pid: str) -> Response:
        """Have the clean file made again; `{"rasterise": true}` makes pictures of a PDF's pages."""
        access = correctable(access_of(request, pid))
        wish = request.data.get("rasterise", False) if isinstance(request.data, dict) else False
        if not isinstance(wish, bool):
            raise Problem(422, "invalid", "`rasterise` is true or false.")
        services.ask_for_clean(ready(access.item), access.key, rasterise=wish)
        return Response(as_json(request, shown(request, Document, pid)), 202)


@described(get=schema.source)
class DocumentSource(NativeView):
    """The original file."""

    def get(self, request: Request, pid: str) -> StreamingHttpResponse:
        """Return the original bytes to who may open them."""
        access = access_of(request, pid)
        note_export(access, "file")
        return _file_response(access.item, services.read_source(access.item, access.key))


@described(get=schema.certificate)
class DocumentCertificate(NativeView):
    """What was checked in the clean file, signed."""

    def get(self, request: Request, pid: str) -> Response:
        """Return the certificate of the clean file; 409 while there is none."""
        document = ready(shown(request, Document, pid))
        if not document.has_clean_file:
            raise Problem(409, f"clean_{document.clean_state}", why_no_file(document))
        return Response(document.certificate)


@described(post=schema.retry)
class DocumentRetry(NativeView):
    """Another try for a document that could not be read."""

    parser_classes = (JSONParser,)

    def post(self, request: Request, pid: str) -> Response:
        """Read a failed document again, with `password` if it needs one; else nothing happens."""
        access = correctable(access_of(request, pid))
        password = fields_of(request, ("password",)).get("password") or ""
        if not isinstance(password, str) or len(password) > _MAX_PASSWORD:
            sentence = f"It must be a string of up to {_MAX_PASSWORD} characters."
            raise Problem(422, "invalid", errors={"password": [sentence]})
        services.retry(access.item, access.key, password=password)
        return Response(as_json(request, shown(request, Document, pid)), 202)


@described(post=schema.new_link, delete=schema.end_link)
class DocumentLink(ItemLink):
    """The private link of a document."""

    kind = Document


@described(put=schema.expiry)
class DocumentExpiry(ItemExpiry):
    """When a document ends."""

    kind = Document


@dataclass(frozen=True, slots=True, repr=False)
class HandedIn:
    """A document that a request made, now or before; its token only now.

    uses: what the request was counted as
    """

    document: Document
    token: str | None
    uses: list[Use]


def own_page(request: Request, documents: DocumentQuerySet) -> tuple[list[Document], str | None]:
    """Return the caller's own of these, and the cursor of the next page. Raises Problem."""
    if not isinstance(request.user, User):
        raise Problem(401, "key_needed")
    return page_of(request, documents.live().owned_by(request.user).with_scan())


def hand_in(request: Request, *, refuse: Callable[[bytes], str] | None = None) -> HandedIn:
    """Take the file of a request, once for an idempotency key. Raises QuotaExceededError, Problem.

    refuse: returns what is wrong with a file's bytes, "" if nothing is
    """
    caller = caller_of(request)
    with attempt(caller, request, upload_as_bytes(request)) as tried:
        if tried.earlier is not None:
            return HandedIn(shown(request, Document, tried.earlier), None, tried.uses)
        shared.take_proof(request)
        created = _create(request, refuse)
        tried.remember(created.document.pid)
    return HandedIn(created.document, created.token, tried.uses)


def _create(request: Request, refuse: Callable[[bytes], str] | None) -> CreatedDocument:
    owner = request.user if isinstance(request.user, User) else None
    if owner is None and not settings.ANONYMOUS_PASTES:
        raise Problem(403, "forbidden", "On this server only people with an account may post.")
    form = UploadForm(_with_defaults(request), request.FILES)
    if not form.is_valid():
        is_too_large = form.has_error("file", "too_large")
        errors = {
            name: [sentence for error in found for sentence in _sentences(error)]
            for name, found in form.errors.as_data().items()
        }
        raise Problem(
            413 if is_too_large else 422, "too_large" if is_too_large else "invalid", "", errors
        )
    sent: Any = request.data
    wrong: dict[str, list[str]] = {}
    place = read_place(sent, owner, wrong)
    if wrong:
        raise Problem(422, "invalid", errors=wrong)
    data = form.cleaned_data
    content = data["file"].read()
    if refuse is not None and (sentence := refuse(content)):
        raise Problem(422, "invalid", "", {"file": [sentence]})
    return services.create_document(
        content=content,
        name=data["file"].name or "",
        owner=owner,
        place=place,
        style=Style(data["style"]),
        operating_point=data["operating_point"],
        expires_at=data["expires_at"],
        password=data["password"],
        rasterise=data["rasterise"],
    )


def _sentences(error: ValidationError) -> list[str]:
    """Return what is wrong with a field; a form's own sentence on a choice repeats it."""
    if error.code == "invalid_choice":
        return ["It must be one of the values that this field has."]
    return [str(sentence) for sentence in error.messages]


def access_of(request: Request, pid: str) -> Access[Document]:
    """Return what a caller may open. Raises Http404."""
    return shared.access_of(request, Document, pid)


def as_json(request: Request, document: Document) -> dict[str, Any]:
    """Return the public side of a document."""
    public = absolute(request, reverse("documents:document_public", args=[document.pid]))
    body: dict[str, Any] = {
        "id": document.pid,
        "state": document.state,
        "kind": document.kind or None,
        "progress": _progress(progress_of(document)),
        "revision": document.revision,
        "created_at": document.created_at.isoformat(),
        "expires_at": document.expires_at.isoformat() if document.expires_at else None,
        "public_url": public,
        "error": None,
    }
    if document.state == State.FAILED:
        body["error"] = {"code": document.error_code, "detail": document.error}
    if document.is_public:
        found = counted(bar.label for bar in document.public_bars())
        body |= {
            "name": document.redacted_name,
            "pages": document.page_count,
            "counts": {category.label: category.count for category in found if category.count},
            "notes": document.notes,
            "clean_file": {
                "state": "ready" if document.has_clean_file else document.clean_state,
                "progress": _progress(clean_progress_of(document)),
                "places": document.clean_places,
                "certificate": document.certificate if document.has_clean_file else None,
            },
        }
    return body


def _progress(progress: DocumentProgress) -> dict[str, Any]:
    return {
        "stage": progress.stage,
        "sentence": progress.sentence,
        "done": progress.done,
        "total": progress.total,
        "position": progress.position,
        "percent": progress.percent,
    }


def _original_as_json(access: Access[Document]) -> dict[str, Any]:
    document = ready(access.item)
    original = services.read_original(document, access.key)
    start = document.text_start
    return {
        "name": original.name,
        "revision": document.revision,
        "text": original.text[start:],
        "spans": [
            {
                "start": span.start - start,
                "end": span.end - start,
                "label": span.label,
                "subtype": span.subtype or None,
                "score": round(span.score, 4),
                "detector": span.detector,
                "reason": span.reason,
            }
            for span in original.spans
            if span.start >= start
        ],
        "blocks": [
            {
                "role": block.role,
                "start": block.start,
                "end": block.end,
                "page": block.page or None,
            }
            for block in original.blocks
        ],
    }


def ready(document: Document) -> Document:
    """Return a document that was read and scanned. Raises Problem for others."""
    if document.state == State.FAILED:
        raise Problem(409, "failed", document.error)
    if not document.is_public:
        raise Problem(409, "not_ready", "This document is still being read or scanned.")
    return document


def why_no_file(document: Document) -> str:
    """Return the sentence for a document without a clean file of its present spans."""
    if document.clean_state in {CleanState.BLOCKED, CleanState.FAILED}:
        return document.clean_error
    return "The clean file is being made."


def _with_defaults(request: Request) -> dict[str, Any]:
    """Return the fields of a request, with what a form preselects for those left out."""
    fields = {name: field.initial for name, field in UploadForm.base_fields.items()}
    data: Any = request.data
    sent = {name: data[name] for name in fields if name in data}
    return {name: value for name, value in fields.items() if value is not None} | sent


def _file_response(document: Document, content: Any) -> StreamingHttpResponse:
    name = f"document.{document.kind or 'bin'}"
    return StreamingHttpResponse(
        content,
        # Never as something that a browser would run or show.
        content_type=_TYPES.get(document.kind, "application/octet-stream"),
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex",
        },
    )
