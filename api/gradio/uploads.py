"""Files on their way in, and results on their way out.

An upload is a sealed document without an owner that nobody reads and that ends after a few
minutes. Its path holds the token that opens it, and a digest that binds it to its holder. A
result's path opens the clean file and nothing else.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from documents import services
from documents.forms import too_large
from documents.models import Document
from sharing.access import find, open_with_token

# How long an upload waits for its call, and a result to be fetched.
KEPT = timedelta(minutes=10)
MOST_AT_ONCE = 10
_NAME = r"[\w-]{1,64}"
_UPLOAD = re.compile(rf"uploads/({_NAME})/({_NAME})/({_NAME})", re.ASCII)
_RESULT = re.compile(rf"results/({_NAME})/({_NAME})/redacted\.[a-z]{{1,8}}", re.ASCII)
_UNKNOWN = "This file is unknown or has expired: upload it again."


class UploadError(Exception):
    """Raised for a file that is not taken or not known; the message is a sentence for people."""


class TooLargeUploadError(UploadError):
    """Raised for a file that is larger than this server takes."""


def check(files: list[UploadedFile[Any]]) -> None:
    """Raise UploadError unless all files can be taken."""
    if not files:
        raise UploadError("Send files as multipart/form-data, in the field files.")
    if len(files) > MOST_AT_ONCE:
        raise UploadError(f"Send up to {MOST_AT_ONCE} files at once.")
    for file in files:
        size = file.size or 0
        if not size:
            raise UploadError("This file is empty, so there is nothing to read.")
        if size > settings.MAX_FILE_BYTES:
            raise TooLargeUploadError(too_large(size))


def keep(file: UploadedFile[Any], holder: str) -> str:
    """Seal an uploaded file for a while; returns the path by which its holder names it."""
    created = services.create_document(
        content=file.read(),
        name=file.name or "",
        expires_at=timezone.now() + KEPT,
        is_read=False,
    )
    pid = created.document.pid
    return f"uploads/{pid}/{created.token}/{_digest('upload', pid, holder)}"


def find_upload(path: str, holder: str) -> tuple[Document, str]:
    """Return an upload and the token that opens it. Raises UploadError."""
    if "://" in path or path.startswith("data:"):
        raise UploadError("This server fetches nothing from addresses: upload the file itself.")
    match = _UPLOAD.fullmatch(path.removeprefix("/"))
    if match is None:
        raise UploadError(_UNKNOWN)
    pid, token, digest = match.groups()
    document = _find(pid)
    is_held = constant_time_compare(digest, _digest("upload", pid, holder))
    if document is None or not is_held or open_with_token(document, token) is None:
        raise UploadError(_UNKNOWN)
    return document, token


def file_data(document: Document, holder: str, file_root: str) -> dict[str, Any]:
    """Return what a client is told of a clean file. file_root: what stands before a path."""
    name = f"redacted.{document.kind}"
    path = f"results/{document.pid}/{_digest('result', document.pid, holder)}/{name}"
    kept = document.clean_envelope.files.first() if document.clean_envelope else None
    return {
        "path": path,
        "url": file_root + path,
        "size": kept.size_bytes if kept else None,
        "orig_name": name,
        "mime_type": None,
        "is_stream": False,
        "meta": {"_type": "gradio.FileData"},
    }


def find_result(path: str, holder: str) -> Document:
    """Return the document whose clean file a path names. Raises UploadError."""
    match = _RESULT.fullmatch(path.removeprefix("/"))
    document = _find(match[1]) if match else None
    if match is None or document is None or not document.has_clean_file:
        raise UploadError(_UNKNOWN)
    if not constant_time_compare(match[2], _digest("result", match[1], holder)):
        raise UploadError(_UNKNOWN)
    return document


def _find(pid: str) -> Document | None:
    try:
        return find(Document, pid)
    except Http404:
        return None


def _digest(what: str, pid: str, holder: str) -> str:
    return salted_hmac(f"gradio {what}", f"{pid} {holder}", algorithm="sha256").hexdigest()[:32]
