"""What anybody with the public link sees: the redacted text, as page and as plain text."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse
from django.views.decorators.http import require_safe

from anonymizer.categories import counted
from anonymizer.reading import blocks, redacted_spans, single_block
from pastebin.models import Paste
from pastebin.views.rows import state_of
from sharing.access import (
    Access,
    answer_for_robots,
    find,
    give_cookie,
    is_preview_robot,
    open_by_link,
)
from sharing.public_pages import public_page


@require_safe
def paste_public(request: HttpRequest, pid: str) -> HttpResponse:
    """Show the redacted text. With a right token, lead to the original instead."""
    token = request.GET.get("token")
    if token is not None:
        return _with_token(request, pid, token)
    return public_page(Paste, pid, request.path, _render_page)


@require_safe
def paste_raw(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the redacted text as plain text, never as anything a browser would run."""
    return public_page(Paste, pid, request.path, _render_raw)


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """Explain what is kept, who can read it, and what the detector cannot do."""
    return render(request, "how_it_works.html")


def _with_token(request: HttpRequest, pid: str, token: str) -> HttpResponse:
    """Exchange a token for a cookie and take it out of the address.

    A wrong token gives the public view. Robots that make previews get no content and burn
    nothing; burning asks with a button, which no robot presses.
    """
    if is_preview_robot(request):
        return answer_for_robots()
    paste = find(Paste, pid)
    access = open_by_link(request, paste, token)
    if access is None:
        return public_page(Paste, pid, f"/view/{pid}", _render_page)
    return _lead_to_original(access, token)


def _lead_to_original(access: Access[Paste], token: str) -> HttpResponse:
    paste = access.item
    view = "paste_open" if paste.burn else "paste_original"
    response = redirect(f"pastebin:{view}", pid=paste.pid)
    response["X-Robots-Tag"] = "noindex"
    give_cookie(response, paste, token, "original")
    return response


def _render_page(paste: Paste) -> HttpResponse:
    state = state_of(paste)
    context: dict[str, Any] = {
        "state": state,
        "page_title": "Redacted paste",
        "pid": paste.pid,
    }
    if state == "ready":
        context |= _public_context(paste)
    # Without the request: the bytes are the same for everybody, whoever is signed in.
    return HttpResponse(loader.render_to_string("pastebin/paste_public.html", context))


def _public_context(paste: Paste) -> dict[str, Any]:
    text = paste.redacted_text or ""
    bars = paste.public_bars()
    marked = redacted_spans(text, bars)
    title_end = len(paste.redacted_title)
    return {
        "paste": {
            "pid": paste.pid,
            "title_blocks": single_block(text, marked, 0, title_end),
            "blocks": blocks(text, marked, paste.redacted_text_start, len(text)),
        },
        "page_title": "Redacted paste",
        "categories": counted(bar.label for bar in bars),
        "expires_at": paste.expires_at,
        "created_at": paste.created_at,
        "raw_url": reverse("pastebin:paste_raw", args=[paste.pid]),
        "hidden_count": len(bars),
        "is_unreviewed": paste.is_unreviewed,
    }


def _render_raw(paste: Paste) -> HttpResponse:
    if paste.is_public:
        body, status = paste.redacted_text or "", 200
    else:
        body, status = "This paste is not ready yet.\n", 202
    return HttpResponse(body, status=status, content_type="text/plain; charset=utf-8")
