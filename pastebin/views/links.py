"""Progress of a new paste, then its two links."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from inference.models import Lane, ScanState
from inference.pace import SCANS
from inference.status import detector_status
from pastebin.models import Paste
from pastebin.services import retry_scan
from pastebin.views.rows import absolute
from sharing.access import access_of_creator, find_for_links, give_cookie, take_cookie_back
from sharing.links import qr_code
from sharing.places import home_of

POLL_FAST_SECONDS, POLL_SLOW_SECONDS = 0.3, 2.0


@never_cache
@vary_on_headers("HX-Request")
@require_safe
def paste_links(request: HttpRequest, pid: str) -> HttpResponse:
    """Show how far the scan is; once it has ended, the links. The private one is shown once."""
    paste, token = find_for_links(request, Paste, pid)
    context = _progress(paste)
    is_over = context["stage"] in {"done", "failed"}
    if is_over:
        context |= _links(request, paste, token)
    template = "pastebin/_links.html" if request.headers.get("HX-Request") else None
    response = render(request, template or "pastebin/paste_links.html", context)
    if context["stage"] == "done" and request.method == "GET":
        take_cookie_back(response, paste, "links")
    elif token is not None:
        # However long the scan takes: the link is not lost while its page is open.
        give_cookie(response, paste, token, "links")
    return response


@require_POST
def paste_retry(request: HttpRequest, pid: str) -> HttpResponse:
    """Queue a failed scan again."""
    access = access_of_creator(request, Paste, pid)
    retry_scan(access.item, access.key)
    return redirect("pastebin:paste_links", pid=pid)


def _progress(paste: Paste) -> dict[str, Any]:
    scan, detector = paste.scan, detector_status()
    pace, since = SCANS[Lane(scan.lane)], scan.created_at
    context: dict[str, Any] = {
        "paste": paste,
        "detector": detector,
        "position": None,
        "progress": None,
        "poll_ms": 1000 * pace.seconds(POLL_FAST_SECONDS, since),
        "can_delete": True,
    }
    if paste.is_public:
        return context | {"stage": "done", "stage_text": "Ready"}
    if scan.state == ScanState.FAILED:
        return context | {"stage": "failed", "stage_text": "Failed", "failure": scan.error}
    if scan.state == ScanState.RUNNING:
        text = "Looking for private details"
        progress = scan.progress_percent if scan.lane == "long" else None
        return context | {"stage": "scanning", "stage_text": text, "progress": progress}
    if not detector.ready:
        context["poll_ms"] = 1000 * pace.seconds(POLL_SLOW_SECONDS, since)
        return context | {"stage": "waiting", "stage_text": "Waiting for the detector"}
    position = scan.place_in_queue()
    return context | {"stage": "waiting", "stage_text": "In the queue", "position": position}


def _links(request: HttpRequest, paste: Paste, token: str | None) -> dict[str, Any]:
    public_url = absolute(request, "paste_public", paste.pid)
    private_url = f"{public_url}?token={token}" if token else None
    user = request.user if isinstance(request.user, User) else None
    return {
        "home": home_of(paste, user),
        "public_url": public_url,
        "raw_url": absolute(request, "paste_raw", paste.pid),
        "private_url": private_url,
        "public_qr": qr_code(public_url),
        "private_qr": qr_code(private_url) if private_url else None,
        "hidden_count": len(paste.bars),
        "category_count": len({bar.label for bar in paste.public_bars()}),
    }
