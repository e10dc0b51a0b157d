"""What anybody with the public link gets: the redacted reading, the clean file, its certificate."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template import loader
from django.views.decorators.http import require_safe

from anonymizer.categories import counted
from anonymizer.reading import redacted_spans, single_block
from documents import exports, reading, services
from documents.formats import wire
from documents.formats.model import Kind
from documents.models import Document
from documents.views.downloads import attachment, media_type, stream
from documents.views.panel import certificate_panel
from documents.views.rows import facts_of, kind_name, public_file_name, state_of
from sharing.access import (
    answer_for_robots,
    find,
    give_cookie,
    is_preview_robot,
    open_by_link,
)
from sharing.public_pages import as_public, public_page

Answer = TypeVar("Answer", bound=HttpResponseBase)


@require_safe
def document_public(request: HttpRequest, pid: str) -> HttpResponse:
    """Show the redacted reading. With a right token, lead to the original instead."""
    token = request.GET.get("token")
    if token is not None and is_preview_robot(request):
        return answer_for_robots()
    if token is not None:
        document = find(Document, pid)
        if open_by_link(request, document, token) is not None:
            response: HttpResponse = redirect("documents:document_original", pid=pid)
            response["X-Robots-Tag"] = "noindex"
            give_cookie(response, document, token, "original")
            return response
    return public_page(Document, pid, request.path, _render_page)


@require_safe
def document_raw(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the redacted text as plain text, never as anything a browser would run."""
    return public_page(Document, pid, request.path, _render_raw)


@require_safe
def document_file(request: HttpRequest, pid: str) -> HttpResponseBase:
    """Return the clean file; there is none before it has been verified."""
    document = find(Document, pid)
    if not document.has_clean_file:
        raise Http404
    name = public_file_name(document, f".{document.kind}")
    return _public(stream(services.read_clean(document), name, media_type(document)))


@require_safe
def document_certificate(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the certificate of the clean file as JSON."""
    document = find(Document, pid)
    if not document.has_clean_file:
        raise Http404
    body = json.dumps(document.certificate, ensure_ascii=False, indent=1) + "\n"
    name = public_file_name(document, " certificate.json")
    return _public(attachment(body, name, "application/json"))


def _public(response: Answer) -> Answer:
    as_public(response)
    return response


def _render_page(document: Document) -> HttpResponse:
    if document.kind == Kind.PICTURE:
        return redirect("images:image_public", pid=document.pid)
    context: dict[str, Any] = {"state": state_of(document)}
    if document.is_public:
        context |= _public_context(document)
    # Without the request: the page is the same for everybody, whoever is signed in.
    return HttpResponse(loader.render_to_string("documents/document_public.html", context))


def _render_raw(document: Document) -> HttpResponse:
    if document.is_public:
        body, status = exports.redacted_text(document), 200
    else:
        body, status = "This document is not ready yet.\n", 202
    return HttpResponse(body, status=status, content_type="text/plain; charset=utf-8")


def _public_context(document: Document) -> dict[str, Any]:
    text = document.redacted_text or ""
    bars = document.public_bars()
    marked = redacted_spans(text, bars)
    blocks = wire.blocks_from_json(document.redacted_blocks)
    start = document.redacted_text_start
    return {
        "document": document,
        "page_title": "Redacted document",
        "name_block": single_block(text, marked, 0, len(document.redacted_name)),
        "leaves": reading.leaves(blocks, document.kind, text, marked, start),
        "categories": counted(bar.label for bar in bars),
        "hidden_count": len(bars),
        "facts": facts_of(document),
        "kind_name": kind_name(document),
        "certificate": certificate_panel(document),
    }
