"""Deciding: one request for each key that a reviewer presses, answered by what it changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from anonymizer.corrections import CorrectionError
from documents.models import Document
from review import services
from review.items import Reviewed, open_item
from review.marks import listed, marked_text
from review.models import Verdict
from review.text import text_of
from review.views.item import fresh, item_context
from sharing.access import Access
from sharing.recorded import note_reading
from sharing.services import ConflictError, GoneError
from workspaces.access import Seat, in_workspace
from workspaces.roles import May

LARGEST_BODY = 20_000
_FAULT = "The server did not understand this decision."


@dataclass(frozen=True, slots=True)
class Wish:
    """What a page sends. revision, seen: of the page; start and end are code points."""

    verdict: Verdict
    start: int
    end: int
    label: str
    why: str
    all_mentions: bool
    revision: int
    seen: int


@in_workspace(May.OPEN)
@require_POST
@sensitive_variables()
def decide(request: HttpRequest, seat: Seat, pid: str) -> HttpResponse:
    """Decide on a place and return the parts of the page that it changed."""
    access = open_item(seat, pid)
    try:
        wish = _wish(request.body)
        services.decide(
            item=access.item,
            key=access.key,
            user=seat.user,
            verdict=wish.verdict,
            start=wish.start,
            end=wish.end,
            label=wish.label,
            why=wish.why,
            all_mentions=wish.all_mentions,
            seen=wish.seen,
        )
    except GoneError as exc:
        raise Http404 from exc
    except ConflictError as exc:
        return _parts(request, seat, access, None, status=409, message=str(exc))
    except CorrectionError as exc:
        return JsonResponse({"error": str(exc)}, status=400)
    return _parts(request, seat, access, wish.revision)


@in_workspace(May.OPEN)
@require_POST
@sensitive_variables()
def undo(request: HttpRequest, seat: Seat, pid: str) -> HttpResponse:
    """Take one's last decision back and return the parts of the page that it changed."""
    access = open_item(seat, pid)
    try:
        services.undo(item=access.item, key=access.key, user=seat.user)
    except GoneError as exc:
        raise Http404 from exc
    except ConflictError as exc:
        return _parts(request, seat, access, None, status=409, message=str(exc))
    except CorrectionError as exc:
        return JsonResponse({"error": str(exc)}, status=400)
    return _parts(request, seat, access, None)


def _parts(
    request: HttpRequest,
    seat: Seat,
    access: Access[Reviewed],
    page_revision: int | None,
    *,
    status: int = 200,
    message: str = "",
) -> HttpResponse:
    """Return the parts of the page, with as much of the text as has to be shown anew.

    page_revision: of the text that the page shows; None if all of it is sent
    """
    note_reading(access)
    before, opened = access.item.revision, fresh(seat, access)
    context = item_context(seat, opened, show=request.GET.get("show", "all"), message=message)
    now = opened.item.revision
    if page_revision is None or page_revision != before or now > before + 1:
        context["text"] = "whole"
    elif now != before:
        context["text"] = "leaves" if isinstance(opened.item, Document) else "whole"
    if context.get("text"):
        marked = marked_text(opened, listed(opened, context["comments"]))
        changed = None
        if context["text"] == "leaves":
            latest = opened.decided[-1].decision.batch
            batch = [told.said for told in opened.decided if told.decision.batch == latest]
            changed = {said.start for said in batch}
        context |= text_of(opened, marked, changed)
    return render(request, "review/_change.html", context, status=status)


def _wish(body: bytes) -> Wish:
    """Read what a page sends. Raises CorrectionError."""
    if len(body) > LARGEST_BODY:
        raise CorrectionError(_FAULT)
    try:
        data: dict[str, Any] = json.loads(body)
        return Wish(
            verdict=Verdict(data["verdict"]),
            start=int(data["start"]),
            end=int(data["end"]),
            label=str(data.get("label", "")),
            why=str(data.get("why", "")),
            all_mentions=data.get("all_mentions") is True,
            revision=int(data["revision"]),
            seen=int(data["seen"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as exc:
        raise CorrectionError(_FAULT) from exc
