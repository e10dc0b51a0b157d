"""The reader: the original with its marks, for its owner and the holder of the private link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anonymizer.corrections import CorrectionError, parse_edits
from anonymizer.reading import Marked, original_spans, single_block
from documents import reading, services
from documents.changes import changed_places
from documents.formats.model import Kind
from documents.forms import megabytes
from documents.models import CleanState, Document, State
from documents.progress import clean_progress_of, pause_of
from documents.services import Original
from documents.summary import summarise
from documents.views.links import progress_context
from documents.views.panel import certificate_panel
from documents.views.rows import absolute, facts_of, kind_name, page_noun
from sharing.access import Access, access_to_correct, access_to_original, access_to_read
from sharing.corrections import read_history
from sharing.policies import own_labels
from sharing.recorded import note_opening, receipts_of
from sharing.services import ConflictError, GoneError

LONG_FROM_MARKS = 600
LONG_FROM_LEAVES = 12
POLL_CLEAN_SECONDS = 1.2


@never_cache
@require_safe
@sensitive_variables()
def document_original(request: HttpRequest, pid: str) -> HttpResponse:
    """Show the reader; who may not open it is led to the public page."""
    try:
        access = access_to_original(request, Document, pid)
    except Http404:
        return redirect("documents:document_public", pid=pid)
    document = access.item
    if document.state == State.FAILED:
        note_opening(access)
        return render(request, "documents/document_failed.html", _failed_context(access))
    if not document.is_public:
        return redirect("documents:document_links", pid=pid)
    if document.kind == Kind.PICTURE:
        return redirect("images:canvas", pid=pid)
    note_opening(access)
    return render(request, "documents/document_original.html", _reader_context(request, access))


@never_cache
@require_POST
@sensitive_variables()
def document_spans(request: HttpRequest, pid: str) -> HttpResponse:
    """Apply corrections and return the parts of the reader that they changed."""
    access = access_to_correct(request, Document, pid)
    try:
        revision, edits, all_mentions = parse_edits(request.body)
        before = _marks(access.item, services.read_original(access.item, access.key))
        services.correct(
            document=access.item,
            key=access.key,
            revision=revision,
            edits=edits,
            all_mentions=all_mentions,
            by=access.user,
        )
    except GoneError as exc:
        raise Http404 from exc
    except ConflictError as exc:
        note_opening(access, why="conflict")
        context = _reader_context(request, access_to_read(request, Document, pid))
        context |= {"message": str(exc)}
        return render(request, "documents/_reader.html", context, status=409)
    except CorrectionError as exc:
        return JsonResponse({"error": str(exc)}, status=400)
    access = access_to_read(request, Document, pid)
    if access.item.revision != revision + 1:  # corrected elsewhere in the same moment
        return render(request, "documents/_reader.html", _reader_context(request, access))
    return render(request, "documents/_reader_change.html", _change(request, access, before))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def document_clean(request: HttpRequest, pid: str) -> HttpResponse:
    """Say how far the clean file is; on POST have it made again."""
    ask = access_to_correct if request.method == "POST" else access_to_read
    access = ask(request, Document, pid)
    if not access.item.is_public:
        raise Http404
    if request.method == "POST":
        rasterise = request.POST.get("rasterise") == "on"
        services.ask_for_clean(access.item, access.key, rasterise=rasterise)
        if not request.headers.get("HX-Request"):
            return redirect("documents:document_original", pid=pid)
        access = access_to_read(request, Document, pid)
    return render(request, "documents/_clean.html", _clean_context(access.item))


def _marks(document: Document, original: Original) -> list[Marked]:
    """Return the marked places of the whole text, as the reader shows them."""
    redaction = services.redaction_of(document, original)
    model_name = document.scan.checkpoint.partition("@")[0] + " model"
    return original_spans(original.text, original.spans, redaction.bars, redaction.text, model_name)


def _reader_context(request: HttpRequest, access: Access[Document]) -> dict[str, Any]:
    document = access.item
    original = services.read_original(document, access.key)
    marked = _marks(document, original)
    parts = reading.parts(original.blocks, document.kind)
    leaves = [reading.leaf(part, original.text, marked, document.text_start) for part in parts]
    return _frame_context(request, access, original, marked, parts) | {
        "leaves": leaves,
        "is_long": len(marked) > LONG_FROM_MARKS or len(leaves) > LONG_FROM_LEAVES,
        "receipts": receipts_of(access),
        "message": None,
    }


def _change(
    request: HttpRequest, access: Access[Document], before: Sequence[Marked]
) -> dict[str, Any]:
    """What a correction changed: leaves with other marks, and figures of marks elsewhere."""
    document = access.item
    original = services.read_original(document, access.key)
    marked = _marks(document, original)
    parts = reading.parts(original.blocks, document.kind)
    start = document.text_start
    changed = changed_places(before, marked, parts, start)
    leaves = [reading.leaf(part, original.text, marked, start) for part in changed.parts]
    return _frame_context(request, access, original, marked, parts) | {
        "leaves": leaves,
        "figures": changed.figures,
    }


def _frame_context(
    request: HttpRequest,
    access: Access[Document],
    original: Original,
    marked: Sequence[Marked],
    parts: Sequence[reading.Part],
) -> dict[str, Any]:
    """Everything but the leaves: name, legend, figures, state of the clean file."""
    document, text = access.item, original.text
    start, pages = document.text_start, document.page_count
    summary = summarise(text, marked, parts, start, pages, own_labels(document))
    history = read_history(document, access.key)
    return _clean_context(document) | {
        "is_member": access.is_member,
        "home": access.home,
        "name_block": single_block(text, marked, 0, document.name_characters),
        "summary": summary,
        "categories": summary.categories,
        "hidden_count": summary.total,
        "revision": document.revision,
        "can_undo": bool(history.undo),
        "can_redo": bool(history.redo),
        "has_pages": document.kind == Kind.PDF and pages > 0,
        "page_count": pages,
        "page_noun": page_noun(document),
        "facts": facts_of(document, with_kind=False),
        "notes": document.notes,
        "public_url": absolute(request, "document_public", document.pid),
    }


def _clean_context(document: Document) -> dict[str, Any]:
    is_made = document.clean_state == CleanState.MAKING or (
        document.clean_state == CleanState.READY and not document.has_clean_file
    )
    return {
        "document": document,
        "kind_name": kind_name(document),
        "clean": "making" if is_made else document.clean_state,
        "clean_progress": clean_progress_of(document) if is_made else None,
        "certificate": certificate_panel(document),
        "poll_ms": 1000 * pause_of(document, POLL_CLEAN_SECONDS),
    }


def _failed_context(access: Access[Document]) -> dict[str, Any]:
    document = access.item
    return progress_context(document) | {
        "size": megabytes(document.size_bytes),
        "is_member": access.is_member,
        "home": access.home,
    }
