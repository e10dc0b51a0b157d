"""One item under review: its text with marks, what is known of each, what people said."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from review.approval import refusal
from review.items import Reviewed, open_item
from review.marks import (
    MOST_LISTED,
    Opened,
    categories_for,
    comments_on,
    history,
    listed,
    marked_text,
    open_for_review,
)
from review.queue import neighbours
from review.services import name_of, reviewers_of
from review.text import picture_of, text_of
from review.views.queue import show_of
from sharing.access import Access
from sharing.recorded import note_opening
from workspaces.access import Seat, in_workspace
from workspaces.roles import May


@in_workspace(May.OPEN)
@require_safe
@sensitive_variables()
def item(request: HttpRequest, seat: Seat, pid: str) -> HttpResponse:
    """Show an item with what is to be decided on."""
    access = open_item(seat, pid)
    note_opening(access, via="review")
    opened = open_for_review(access.item, access.key)
    show = show_of(request)
    queue = neighbours(seat, show, pid)
    context = item_context(seat, opened, show=show, with_text=True) | {
        "queue": queue,
        "categories": categories_for(access.item),
        "title": text_title(opened),
        "kind": opened.entry.get_kind_display(),
    }
    return render(request, "review/item.html", context)


def item_context(
    seat: Seat, opened: Opened, *, show: str = "all", with_text: bool = False, **also: Any
) -> dict[str, Any]:
    """Return what the parts of the page say: list, state, history, comments, perhaps the text."""
    comments = comments_on(opened)
    marks = listed(opened, comments)
    context: dict[str, Any] = {
        "seat": seat,
        "show": show,
        "pid": opened.item.pid,
        "item": opened.item,
        "revision": opened.item.revision,
        "seen": opened.seen,
        "marks": marks[:MOST_LISTED],
        "marks_left_out": max(0, len(marks) - MOST_LISTED),
        "mark_count": len(marks),
        "decided_count": sum(mark.state != "undecided" for mark in marks),
        "undecided_count": sum(mark.state == "undecided" for mark in marks),
        "history": history(opened),
        "comments": comments,
        "picture": picture_of(opened),
    }
    context |= status_context(seat, opened.item)
    if with_text:
        context |= text_of(opened, marked_text(opened, marks))
    return context | also


def status_context(seat: Seat, item: Reviewed) -> dict[str, Any]:
    """Return how an item stands: shared or not, by whom, who is to review it."""
    entry: Any = item.entry
    is_approved = entry.approved_revision == item.revision
    return {
        "entry": entry,
        "pid": item.pid,
        "seat": seat,
        "revision": item.revision,
        "awaits": item.awaits_approval,
        "is_approved": is_approved,
        "approver": name_of(entry.approved_by) if is_approved else "",
        "refusal": refusal(item, seat.user),
        "reviewers": [member.user for member in reviewers_of(entry.workspace_id)],
        "assignee": entry.assignee,
    }


def fresh(seat: Seat, access: Access[Reviewed]) -> Opened:
    """Open an item again after a change. Raises Http404."""
    again = open_item(seat, access.item.pid)
    return open_for_review(again.item, again.key)


def text_title(opened: Opened) -> str:
    """Return the title or the file's name as the workspace's lists show it: redacted."""
    title = getattr(opened.item, "redacted_title", "") or getattr(opened.item, "redacted_name", "")
    return " ".join(str(title).split())
