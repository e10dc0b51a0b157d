"""The record of a workspace, for who manages it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from audit.models import Action, Chain, Line
from audit.record import FIRST_DIGEST, record
from audit.verify import Fault, Verdict, broken_among, head_fault, verify
from oversight.csv_lines import as_csv
from oversight.filters import LINK, SERVER, read_filters
from oversight.lines import rows_of
from workspaces.access import Seat, in_workspace
from workspaces.roles import May

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class _Page:
    """Some lines, the latest first. older, newer: line numbers at which the next pages begin."""

    lines: list[Line]
    older: int | None
    newer: int | None


@in_workspace(May.MANAGE)
@require_safe
def record_page(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show a page of the record, and whether it is whole as far as is seen."""
    return _render(request, seat, None)


@in_workspace(May.MANAGE)
@require_POST
def record_verify(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Check the whole record, and show what was found."""
    return _render(request, seat, verify(seat.workspace.wid))


@in_workspace(May.MANAGE)
@require_POST
def record_csv(request: HttpRequest, seat: Seat) -> StreamingHttpResponse:
    """Return the lines that are asked for as CSV; that they were taken is recorded, too."""
    wid, filters = seat.workspace.wid, read_filters(request.GET)
    record(
        Action.RECORD_EXPORTED,
        workspace=wid,
        actor=seat.user,
        detail={"filtered": filters.is_set},
    )
    chain = Chain.objects.get(pk=wid)
    lines = filters.of(Line.objects.filter(workspace=wid, number__lte=chain.length))
    name = f"record-{timezone.now():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        as_csv(chain, lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _render(request: HttpRequest, seat: Seat, verdict: Verdict | None) -> HttpResponse:
    wid, filters = seat.workspace.wid, read_filters(request.GET)
    chain = Chain.objects.filter(pk=wid).first() or Chain(pk=wid, head=FIRST_DIGEST)
    page = _page(filters.of(Line.objects.filter(workspace=wid)), request)
    people = _people(seat)
    listed = {str(person.pk) for person in people} | {LINK, SERVER}
    context: dict[str, Any] = {
        "rows": rows_of(chain, page.lines),
        "filters": filters,
        "query": filters.query(),
        "older": filters.query(before=str(page.older)) if page.older else "",
        "newer": filters.query(after=str(page.newer)) if page.newer else "",
        "people": people,
        "is_listed": filters.who in listed,
        "actions": Action.choices,
        "who_else": ((LINK, "Private link"), (SERVER, "The server")),
        "length": chain.length,
        "head": bytes(chain.head).hex(),
        "verdict": verdict,
        "fault": _fault(chain, page.lines) if verdict is None else None,
    }
    return render(request, "oversight/record.html", context)


def _page(lines: QuerySet[Line], request: HttpRequest) -> _Page:
    """Return a page by line numbers: a long record has no last page to count to."""
    before, after = _number(request, "before"), _number(request, "after")
    if after is not None:
        found = list(lines.filter(number__gt=after).order_by("number")[: PAGE_ROWS + 1])
        shown = found[:PAGE_ROWS][::-1]
        newer = shown[0].number if len(found) > PAGE_ROWS else None
        return _Page(shown, shown[-1].number if shown else None, newer)
    if before is not None:
        lines = lines.filter(number__lt=before)
    found = list(lines.order_by("-number")[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    older = shown[-1].number if len(found) > PAGE_ROWS else None
    return _Page(shown, older, shown[0].number if before is not None and shown else None)


def _number(request: HttpRequest, name: str) -> int | None:
    written = request.GET.get(name, "")
    is_number = written.isascii() and written.isdigit() and len(written) <= 18
    return int(written) if is_number else None


def _people(seat: Seat) -> list[User]:
    members = User.objects.filter(memberships__workspace=seat.workspace)
    return list(members.only("username").order_by("username"))


def _fault(chain: Chain, lines: list[Line]) -> Fault | None:
    if chain.length == 0 and not lines:
        return None
    return head_fault(chain) or broken_among(lines)
