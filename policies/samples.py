"""Items of a workspace as samples for its policies.

Pastes and documents are known to upper layers only; here they are reached by the relations of
their envelopes.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.models import Action
from audit.record import record
from inference.models import Scan, ScanQuerySet, ScanState
from policies.trial import MAX_SAMPLE_CHARACTERS
from workspaces.access import Seat

MOST_ITEMS = 200
_SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Sample:
    """An item that rules can be tried on; the title is the redacted one."""

    pid: str
    title: str

    @property
    def short_title(self) -> str:
        """The title as a choice in a form."""
        title = self.title
        return title if len(title) <= _SHOWN_CHARACTERS else title[: _SHOWN_CHARACTERS - 1] + "…"


def samples_of(seat: Seat) -> list[Sample]:
    """Return the workspace's latest items that are ready, for who may open originals."""
    if not seat.may_open:
        return []
    rows = (
        _scans(seat)
        .order_by("-envelope__entry__created_at")
        .values_list(
            "envelope__entry__pid",
            "envelope__paste__redacted_title",
            "envelope__document__redacted_name",
        )
    )
    return [
        Sample(pid, title or name or f"Untitled, {pid}") for pid, title, name in rows[:MOST_ITEMS]
    ]


@transaction.atomic
def open_sample(seat: Seat, pid: str) -> str | None:
    """Return an item's original text as far as samples go, None if it is not there to open.

    Raises UnsealError.
    """
    if not seat.may_open:
        return None
    found = _scans(seat).select_related("envelope__entry").filter(envelope__entry__pid=pid).first()
    if found is None:
        return None
    envelope = found.envelope
    text = envelope.unseal(envelope.open_for_service(), found.sealed_text, "text")
    record(
        Action.ITEM_OPENED,
        workspace=seat.workspace.wid,
        actor=seat.user,
        kind=envelope.entry.kind,
        thing=pid,
        detail={"sample": True},
    )
    return text[:MAX_SAMPLE_CHARACTERS]


def _scans(seat: Seat) -> ScanQuerySet:
    """Return the finished scans of the items that are shown in the workspace."""
    now = timezone.now()
    shown = Q()
    for item in ("envelope__paste", "envelope__document"):
        lasts = Q(**{f"{item}__expires_at": None}) | Q(**{f"{item}__expires_at__gt": now})
        shown |= Q(**{f"{item}__isnull": False, f"{item}__withheld": ""}) & lasts
    return Scan.objects.filter(
        shown,
        state=ScanState.DONE,
        envelope__entry__workspace=seat.workspace,
        envelope__entry__trashed_at=None,
    )
