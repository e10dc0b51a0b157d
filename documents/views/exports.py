"""The original and what follows from it, as files, for who may open the original."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from documents import exports, services
from documents.models import Document
from documents.services import Original
from documents.views.downloads import attachment, source_type, stream
from sharing.access import access_to_read
from sharing.recorded import note_export


@never_cache
@require_safe
@sensitive_variables()
def source_file(request: HttpRequest, pid: str) -> HttpResponseBase:
    """Return the original file, byte for byte, also when it could not be read."""
    access = access_to_read(request, Document, pid)
    document = access.item
    note_export(access, "file")
    name = document.envelope.unseal(access.key, document.sealed_name, "name")
    return stream(services.read_source(document, access.key), name, source_type(document))


@never_cache
@require_safe
@sensitive_variables()
def original_text(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the original text."""
    document, original = _read(request, pid, "text")
    return attachment(original.text[document.text_start :], _named(original, ".txt"), "text/plain")


@never_cache
@require_safe
@sensitive_variables()
def spans_json(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the text and its spans as JSON."""
    document, original = _read(request, pid, "spans")
    body = exports.spans_as_json(document, original)
    return attachment(body, _named(original, " spans.json"), "application/json")


@never_cache
@require_safe
@sensitive_variables()
def spans_csv(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the spans as CSV."""
    document, original = _read(request, pid, "spans")
    body = exports.spans_as_csv(document, original)
    return attachment(body, _named(original, " spans.csv"), "text/csv")


@never_cache
@require_safe
@sensitive_variables()
def numbered(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the text with numbered placeholders."""
    document, original = _read(request, pid, "numbered")
    text, _ = exports.numbered(document, original)
    return attachment(text, _named(original, " numbered.txt"), "text/plain")


@never_cache
@require_safe
@sensitive_variables()
def numbered_map(request: HttpRequest, pid: str) -> HttpResponse:
    """Return what each numbered placeholder hides, as JSON."""
    document, original = _read(request, pid, "map")
    _, values = exports.numbered(document, original)
    body = json.dumps(values, ensure_ascii=False, indent=1) + "\n"
    return attachment(body, _named(original, " map.json"), "application/json")


def _read(request: HttpRequest, pid: str, what: str) -> tuple[Document, Original]:
    """Open an original that leaves as a file. Raises Http404, also before it has been scanned.

    what: which file, for the record
    """
    access = access_to_read(request, Document, pid)
    if not access.item.is_public:
        raise Http404
    note_export(access, what)
    return access.item, services.read_original(access.item, access.key)


def _named(original: Original, ending: str) -> str:
    stem = original.name.rpartition(".")[0] or original.name
    return stem + ending
