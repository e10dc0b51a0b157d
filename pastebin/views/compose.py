"""The compose page: write or drop a text, get links."""

from __future__ import annotations

import logging
import threading
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from psycopg_pool import PoolTimeout

from accounts import proof
from accounts.models import User
from accounts.pace import count_post, too_often
from accounts.quotas import Limit, QuotaExceededError
from anonymizer.text import Style
from inference.events import wait_for_end
from inference.room import QueueFullError
from inference.status import DetectorStatus, detector_status, note_outage
from pastebin import services
from pastebin.forms import ComposeForm
from pastebin.models import Paste
from pastebin.views.rows import paste_row
from sharing.access import give_cookie
from sharing.places import Offer, offer_for, remember

logger = logging.getLogger("blackbar.web")
RECENT = 6
# Requests of one process that may wait for their scan, out of its threads.
_waiting = threading.BoundedSemaphore(8)
_OUTAGE = (
    "The server cannot reach its database or its cache at the moment. Nothing was stored; "
    "your text is still here. Please send it again in a minute."
)


@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """Show the form; on POST store the paste and lead to its links."""
    try:
        if request.method == "POST":
            return _create(request)
        return _page(request, ComposeForm(offer=_offer(request)), 200)
    except QueueFullError as exc:
        return _later(request, str(exc), seconds=30)
    except (DatabaseError, PoolTimeout, redis.RedisError) as exc:
        logger.error("compose: %s", type(exc).__name__)
        note_outage()
        return _later(request, _OUTAGE, seconds=10)


def _create(request: HttpRequest) -> HttpResponse:
    owner = request.user if isinstance(request.user, User) else None
    if owner is None and not settings.ANONYMOUS_PASTES:
        return _page(request, ComposeForm(), 403)
    form = ComposeForm(request.POST, request.FILES, offer=_offer(request))
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        count_post(request)
    except QuotaExceededError as exc:
        return _too_often(request, form, exc.limit)
    if proof.is_needed(owner):
        try:
            proof.take(request.POST.get("proof", ""))
        except proof.ProofError as exc:
            form.add_error(None, str(exc))
            return _page(request, form, 422)
    data = form.cleaned_data
    created = services.create_paste(
        text=data["text"],
        title=data["title"],
        owner=owner,
        place=data["place"],
        style=Style(data["style"]),
        operating_point=data["operating_point"],
        expires_at=data["expires_at"],
        burn=data["burn"],
    )
    remember(request.session, data["place"])
    if len(data["text"]) <= settings.LONG_TEXT_CHARACTERS and detector_status().ready:
        _wait_a_moment(created.paste)
    response = redirect("pastebin:paste_links", pid=created.paste.pid)
    give_cookie(response, created.paste, created.token, "links")
    return response


def _offer(request: HttpRequest) -> Offer | None:
    return offer_for(request.user if isinstance(request.user, User) else None, request.session)


def _wait_a_moment(paste: Paste) -> None:
    """Wait for a scan that is likely to end soon: the next page then shows the links at once.

    Only a few requests wait at a time, so that a rush of pastes leaves threads for everybody else.
    """
    if _waiting.acquire(blocking=False):
        try:
            wait_for_end(paste.scan.id, settings.SUBMIT_WAIT_MS / 1000)
        finally:
            _waiting.release()


def _page(request: HttpRequest, form: ComposeForm, status: int) -> HttpResponse:
    signed_in = isinstance(request.user, User)
    context: dict[str, Any] = {
        "form": form,
        "recent": _recent(request) if signed_in else [],
        "max_characters": settings.MAX_PASTE_CHARACTERS,
        "can_post": signed_in or settings.ANONYMOUS_PASTES,
        "needs_proof": proof.is_needed(request.user),
        "detector": detector_status(),
    }
    return render(request, "pastebin/compose.html", context, status=status)


def _too_often(request: HttpRequest, form: ComposeForm, limit: Limit) -> HttpResponse:
    form.add_error(None, too_often(limit))
    page = _page(request, form, 429)
    page["Retry-After"] = str(limit.seconds_left)
    return page


def _recent(request: HttpRequest) -> list[Any]:
    assert isinstance(request.user, User)
    pastes = Paste.objects.live().owned_by(request.user).with_scan().defer("redacted_text")
    return [paste_row(request, paste) for paste in pastes[:RECENT]]


def _later(request: HttpRequest, sentence: str, *, seconds: int) -> HttpResponse:
    """Say why nothing is taken now, with everything that was typed, without the database."""
    request.user = AnonymousUser()
    form = ComposeForm(request.POST or None)
    form.is_valid()
    if form.is_bound:
        form.add_error(None, sentence)
    context = {
        "form": form,
        "recent": [],
        "max_characters": settings.MAX_PASTE_CHARACTERS,
        "can_post": True,
        "detector": DetectorStatus(ready=False, name=None, sentence=sentence),
    }
    response = render(request, "pastebin/compose.html", context, status=503)
    response["Retry-After"] = str(seconds)
    return response
