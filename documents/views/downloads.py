"""Files as answers: always to be kept, never to be shown by a browser as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from documents.formats.model import Kind
from documents.models import Document

Answer = TypeVar("Answer", HttpResponse, StreamingHttpResponse)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "md": "text/plain; charset=utf-8",
}


def media_type(document: Document) -> str:
    """Return the type under which a document's file is handed out."""
    return _MEDIA_TYPES.get(document.kind, "application/octet-stream")


def source_type(document: Document) -> str:
    """Return the type under which the original is handed out: pictures are of many formats."""
    return "application/octet-stream" if document.kind == Kind.PICTURE else media_type(document)


def stream(pieces: Iterator[bytes], name: str, kind: str) -> StreamingHttpResponse:
    """Answer with a file in pieces."""
    response = StreamingHttpResponse(pieces, content_type=kind)
    return _named(response, name)


def attachment(body: str, name: str, kind: str) -> HttpResponse:
    """Answer with a text as a file."""
    content = body.encode("utf-8", "replace")
    response = HttpResponse(content, content_type=f"{kind}; charset=utf-8")
    return _named(response, name)


def _named(response: Answer, name: str) -> Answer:
    header = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = header or "attachment"
    response["X-Robots-Tag"] = "noindex"
    return response
