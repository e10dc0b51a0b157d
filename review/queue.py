"""The queue: which items of a workspace wait for somebody, lowest confidence first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from entries.models import Entry
from inference.models import ScanState
from workspaces.access import Seat

PAGE_ROWS = 50
# Beyond so many, the next item is looked for among the first ones.
_MOST_NEIGHBOURS = 5_000
SHOWS: Mapping[str, str] = {
    "all": "All",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "approval": "Waiting for approval",
}
_ITEM = "envelope__paste", "envelope__document"


@dataclass(frozen=True, slots=True)
class Row:
    """An item of the queue, as the list shows it. title: redacted; "" if it has none."""

    pid: str
    kind: str
    title: str
    lowest_score: float | None
    undecided: int
    awaits: bool
    assignee: str
    created_at: datetime

    @property
    def score_text(self) -> str:
        """The lowest score of what waits, as pages write it."""
        return f"{self.lowest_score:.2f}" if self.lowest_score is not None else ""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where an item stands in the queue; position is 0 for one that no longer waits."""

    position: int
    count: int
    following: str
    before: str


def waiting(seat: Seat) -> QuerySet[Entry]:
    """Return what waits in a workspace: marks to decide on, or an approval; annotates `awaits`."""
    lasts = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    shown = Q()
    for item in _ITEM:
        shown |= Q((f"{item}__withheld", ""))
    revision = Coalesce(*(f"{item}__revision" for item in _ITEM))
    found = (
        Entry.objects.present()
        .filter(lasts, shown, workspace=seat.workspace, envelope__scan__state=ScanState.DONE)
        .annotate(
            awaits=Case(
                When(needs_approval=True, approved_revision=None, then=Value(True)),
                When(Q(needs_approval=True) & ~Q(approved_revision=revision), then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            )
        )
    )
    return found.filter(Q(undecided__gt=0) | Q(awaits=True))


def filtered(seat: Seat, show: str) -> QuerySet[Entry]:
    """Return a part of the queue in its order. show: one of SHOWS"""
    found = waiting(seat).filter(_wanted(show, seat.user))
    return found.order_by(F("lowest_score").asc(nulls_last=True), "created_at", "pid")


def rows(seat: Seat, show: str, page: int) -> list[Row]:
    """Return one page of the queue, and one row more if another page follows. page: from one"""
    first = (page - 1) * PAGE_ROWS
    titled = filtered(seat, show).annotate(
        title=Coalesce("envelope__paste__redacted_title", "envelope__document__redacted_name")
    )
    names = ("pid", "kind", "title", "lowest_score", "undecided", "awaits")
    found = titled.values_list(*names, "assignee__username", "created_at")
    return [
        Row(pid, kind, title or "", score, undecided, awaits, assignee or "", created_at)
        for pid, kind, title, score, undecided, awaits, assignee, created_at in found[
            first : first + PAGE_ROWS + 1
        ]
    ]


def counts(seat: Seat) -> dict[str, int]:
    """Return how many items each filter shows, in one query."""
    wanted: dict[str, Any] = {show: Count("pk", filter=_wanted(show, seat.user)) for show in SHOWS}
    counted: dict[str, int] = waiting(seat).aggregate(**wanted)
    return counted


def neighbours(seat: Seat, show: str, pid: str) -> Neighbours:
    """Return what stands before and behind an item; the queue is a circle."""
    pids = list(filtered(seat, show).values_list("pid", flat=True)[:_MOST_NEIGHBOURS])
    others = [one for one in pids if one != pid]
    if not others:
        return Neighbours(1 if pids else 0, len(pids), "", "")
    if pid not in pids:
        return Neighbours(0, len(pids), others[0], others[-1])
    place = pids.index(pid)
    return Neighbours(
        place + 1, len(pids), pids[(place + 1) % len(pids)], pids[(place - 1) % len(pids)]
    )


def _wanted(show: str, user: User) -> Q:
    if show == "mine":
        return Q(assignee=user)
    if show == "unassigned":
        return Q(assignee=None)
    if show == "approval":
        return Q(awaits=True)
    return Q(pk__isnull=False)
