"""The queue of a workspace: what waits for a person, the most doubtful first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from review.queue import PAGE_ROWS, SHOWS, counts, rows
from workspaces.access import Seat, in_workspace
from workspaces.roles import May

MOST_PAGES = 1_000


@in_workspace(May.OPEN)
@require_safe
def queue(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List what waits; ?show= is one of the filters, ?page= from one."""
    show, page = show_of(request), _page_of(request)
    found, counted = rows(seat, show, page), counts(seat)
    if not found and page > 1:  # what stood there was decided meanwhile
        return redirect(f"{request.path}?show={show}")
    context = {
        "show": show,
        "shows": [(name, title, counted[name]) for name, title in SHOWS.items()],
        "rows": found[:PAGE_ROWS],
        "following": page + 1 if len(found) > PAGE_ROWS else None,
        "before": page - 1 if page > 1 else None,
        "count": counted[show],
    }
    return render(request, "review/queue.html", context)


def show_of(request: HttpRequest) -> str:
    """Return which part of the queue a request is about."""
    show = request.GET.get("show", "")
    return show if show in SHOWS else "all"


def _page_of(request: HttpRequest) -> int:
    page = request.GET.get("page", "1")
    return min(max(int(page), 1), MOST_PAGES) if page.isascii() and page.isdigit() else 1
