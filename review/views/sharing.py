"""Who is to review an item, and whether it may be shared."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from review import services
from review.approval import ApprovalError
from review.approval import approve as approve_item
from review.approval import unapprove as unapprove_item
from review.items import Reviewed, open_item
from review.views.item import status_context
from sharing.access import Access
from sharing.services import ConflictError, GoneError
from workspaces.access import Seat, in_workspace
from workspaces.roles import May


@in_workspace(May.OPEN)
@require_POST
def assign(request: HttpRequest, seat: Seat, pid: str) -> HttpResponse:
    """Say who is to review an item; nobody if `to` is empty."""
    access, error = open_item(seat, pid), ""
    entry = access.item.entry
    if entry is None:
        raise Http404
    try:
        person = services.reviewer_named(seat.workspace.pk, request.POST.get("to", "")[:200])
        services.assign(workspace=seat.workspace.pk, pks=[entry.pk], to=person, by=seat.user)
        entry.assignee = person
    except services.AssignError as exc:
        error = str(exc)
    return _status(request, seat, access, error)


@in_workspace(May.OPEN)
@require_POST
def approve(request: HttpRequest, seat: Seat, pid: str) -> HttpResponse:
    """Let an item be shared as its marks stand at `revision`."""
    access, error = open_item(seat, pid), ""
    revision = request.POST.get("revision", "")[:9]
    try:
        approve_item(
            item=access.item,
            user=seat.user,
            revision=int(revision) if revision.isascii() and revision.isdigit() else -1,
        )
    except GoneError as exc:
        raise Http404 from exc
    except (ApprovalError, ConflictError) as exc:
        error = str(exc)
    return _status(request, seat, access, error)


@in_workspace(May.OPEN)
@require_POST
def unapprove(request: HttpRequest, seat: Seat, pid: str) -> HttpResponse:
    """Take an approval back."""
    access = open_item(seat, pid)
    try:
        unapprove_item(item=access.item, user=seat.user)
    except GoneError as exc:
        raise Http404 from exc
    return _status(request, seat, access)


def _status(
    request: HttpRequest, seat: Seat, access: Access[Reviewed], error: str = ""
) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        if error:
            messages.error(request, error)
        return redirect("review:item", wid=seat.workspace.wid, pid=access.item.pid)
    item = open_item(seat, access.item.pid).item
    entry = item.entry
    context = status_context(seat, item) | {
        "status_error": error,
        "undecided_count": entry.undecided if entry else 0,
    }
    # 200 for refusals, too: htmx shows nothing of other answers.
    return render(request, "review/_status.html", context)
