"""Comments on an item under review."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from review import services
from review.items import Reviewed, open_item
from review.marks import comments_on
from review.views.item import fresh
from sharing.access import Access
from sharing.recorded import note_reading
from sharing.services import GoneError
from workspaces.access import Seat, in_workspace
from workspaces.roles import May


@in_workspace(May.OPEN)
@require_POST
@sensitive_post_parameters("text")
@sensitive_variables()
def comment(request: HttpRequest, seat: Seat, pid: str) -> HttpResponse:
    """Keep a comment; `start` and `end` name the place it is about."""
    access = open_item(seat, pid)
    error, text = "", request.POST.get("text", "")
    try:
        services.comment(
            item=access.item,
            key=access.key,
            author=seat.user,
            text=text,
            start=_number(request, "start"),
            end=_number(request, "end"),
        )
    except GoneError as exc:
        raise Http404 from exc
    except services.CommentError as exc:
        error = str(exc)
    return _comments(request, seat, access, error=error, kept=text if error else "")


@in_workspace(May.OPEN)
@require_POST
@sensitive_variables()
def resolve(request: HttpRequest, seat: Seat, pid: str, number: str) -> HttpResponse:
    """Mark a comment as dealt with; `open=1` opens it again."""
    access = open_item(seat, pid)
    entry = access.item.entry
    is_resolved = not request.POST.get("open")
    if entry is None or not services.resolve(
        entry=entry, number=int(number), user=seat.user, is_resolved=is_resolved
    ):
        raise Http404
    return _comments(request, seat, access)


def _comments(
    request: HttpRequest, seat: Seat, access: Access[Reviewed], *, error: str = "", kept: str = ""
) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        if error:
            messages.error(request, error)
        return redirect("review:item", wid=seat.workspace.wid, pid=access.item.pid)
    note_reading(access)
    opened = fresh(seat, access)
    context = {
        "seat": seat,
        "pid": access.item.pid,
        "comments": comments_on(opened),
        "comment_error": error,
        "comment_kept": kept,
        "comment_start": _number(request, "start"),
        "comment_end": _number(request, "end"),
    }
    return render(request, "review/_comments.html", context)


def _number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "0")[:9]
    return int(value) if value.isascii() and value.isdigit() else 0
