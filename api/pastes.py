"""Public JSON of a paste."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from anonymizer.categories import counted
from pastebin.models import Paste
from pastebin.views.rows import state_of
from sharing.public_pages import public_page


@require_safe
def public_paste(request: HttpRequest, pid: str) -> HttpResponse:
    """Return what the public page shows: redacted text, hidden places, counts. 404 as JSON.

    Span offsets are code points of `redacted_text`.
    """
    try:
        return public_page(Paste, pid, request.path, _as_json)
    except Http404:
        return JsonResponse({"error": "There is no such paste."}, status=404)


def _as_json(paste: Paste) -> HttpResponse:
    state = state_of(paste)
    body: dict[str, Any] = {"pid": paste.pid, "state": state}
    if state == "ready":
        bars = paste.public_bars()
        body |= {
            "title": paste.redacted_title,
            "redacted_text": paste.redacted_text,
            "text_start": paste.redacted_text_start,
            "spans": [{"start": bar.start, "end": bar.end, "label": bar.label} for bar in bars],
            "counts": {c.label: c.count for c in counted(bar.label for bar in bars) if c.count},
            "created_at": paste.created_at.isoformat(),
            "expires_at": paste.expires_at.isoformat() if paste.expires_at else None,
        }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=200 if state == "ready" else 202,
        content_type="application/json",
    )
