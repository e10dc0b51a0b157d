"""The original, for its owner and for whoever holds the private link: read, correct, delete."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from anonymizer.categories import counted
from anonymizer.corrections import CorrectionError, parse_edits
from anonymizer.reading import blocks, original_spans, redacted_spans, single_block
from inference.models import ScanState
from pastebin import services
from pastebin.models import Paste
from pastebin.services import Original
from pastebin.views.rows import absolute
from sharing.access import (
    PURPOSES,
    Access,
    access_to_correct,
    access_to_original,
    access_to_read,
    access_to_remove,
    take_cookie_back,
)
from sharing.corrections import read_history
from sharing.policies import own_labels, redaction_of
from sharing.recorded import note_opening, receipts_of
from sharing.services import ConflictError, GoneError, delete


@never_cache
@require_safe
@sensitive_variables()
def paste_original(request: HttpRequest, pid: str) -> HttpResponse:
    """Show the original with its marks."""
    try:
        access = access_to_original(request, Paste, pid)
    except Http404:
        return redirect("pastebin:paste_public", pid=pid)
    if access.item.burn and not access.is_member:
        return redirect("pastebin:paste_open", pid=pid)
    if access.item.scan.state == ScanState.FAILED:
        note_opening(access)
        context = _context(request, access) | {"failure": access.item.scan.error}
        return render(request, "pastebin/paste_unscanned.html", context)
    if not access.item.is_public:
        return redirect("pastebin:paste_links", pid=pid)
    note_opening(access)
    return render(request, "pastebin/paste_original.html", _context(request, access))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def paste_open(request: HttpRequest, pid: str) -> HttpResponse:
    """Ask before a paste that can be read once is opened; on POST open and destroy it."""
    access = access_to_original(request, Paste, pid)
    if not access.item.burn:
        return redirect("pastebin:paste_original", pid=pid)
    if request.method != "POST":
        return render(request, "pastebin/paste_open.html", {"pid": pid})
    paste = access.item
    try:
        original = services.burn(paste, access.key, by=access.user)
    except GoneError as exc:
        raise Http404 from exc
    context = _read_context(request, paste, original) | {"burnt": True, "is_member": False}
    response = render(request, "pastebin/paste_original.html", context)
    take_cookie_back(response, paste, "original")
    return response


@never_cache
@require_POST
@sensitive_variables()
def paste_spans(request: HttpRequest, pid: str) -> HttpResponse:
    """Apply corrections and return the reader anew."""
    access = access_to_correct(request, Paste, pid)
    try:
        revision, edits, all_mentions = parse_edits(request.body)
        services.correct(
            paste=access.item,
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
        context = _context(request, access_to_read(request, Paste, pid)) | {"message": str(exc)}
        return render(request, "pastebin/_reader.html", context, status=409)
    except CorrectionError as exc:
        return JsonResponse({"error": str(exc)}, status=400)
    context = _context(request, access_to_read(request, Paste, pid))
    return render(request, "pastebin/_reader.html", context)


@require_POST
def paste_delete(request: HttpRequest, pid: str) -> HttpResponse:
    """Delete a paste for its owner, for the browser that made it, or for the private link."""
    access = access_to_remove(request, Paste, pid)
    delete(access.item, by=access.user)
    if access.is_member:
        response: HttpResponse = redirect("pastebin:paste_list")
    else:
        response = render(request, "pastebin/paste_deleted.html")
    for purpose in PURPOSES:
        take_cookie_back(response, access.item, purpose)
    return response


def _context(request: HttpRequest, access: Access[Paste]) -> dict[str, Any]:
    paste = access.item
    original = services.read_original(paste, access.key)
    history = read_history(paste, access.key)
    return _read_context(request, paste, original) | {
        "is_member": access.is_member,
        "item": paste,
        "home": access.home,
        "receipts": receipts_of(access),
        "can_undo": bool(history.undo),
        "can_redo": bool(history.redo),
    }


def _read_context(request: HttpRequest, paste: Paste, original: Original) -> dict[str, Any]:
    """What the reading page shows: the original with marks, and how the public sees it."""
    text, spans = original.text, original.spans
    redaction = redaction_of(paste, text, spans)
    bars = redaction.bars
    model_name = paste.scan.checkpoint.partition("@")[0] + " model"
    marked = original_spans(text, spans, bars, redaction.text, model_name)
    hidden = redacted_spans(redaction.text, bars)
    shown_title_end = len(paste.redacted_title)
    return {
        "paste": {
            "pid": paste.pid,
            "expires_at": paste.expires_at,
            "created_at": paste.created_at,
            "burn": paste.burn,
            "title_blocks": single_block(text, marked, 0, paste.title_characters),
            "blocks": blocks(text, marked, paste.text_start, len(text)),
        },
        "redacted_title": single_block(redaction.text, hidden, 0, shown_title_end),
        "redacted_blocks": blocks(
            redaction.text, hidden, paste.redacted_text_start, len(redaction.text)
        ),
        "categories": counted((span.label for span in spans), own_labels(paste)),
        "hidden_count": len(spans),
        "revision": paste.revision,
        "can_undo": False,
        "can_redo": False,
        "public_url": absolute(request, "paste_public", paste.pid),
        "raw_url": absolute(request, "paste_raw", paste.pid),
        "message": None,
        "burnt": False,
    }
