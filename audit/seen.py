"""What the record tells of one thing: whether it was opened lately, and by its private link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from audit.models import Action, Line

MOST_RECEIPTS = 100


@dataclass(frozen=True, slots=True)
class Receipts:
    """When an item's private link was opened, the latest first.

    is_all: False where only the latest are listed
    """

    times: tuple[datetime, ...]
    is_all: bool = True

    @property
    def latest(self) -> datetime | None:
        """The last time; None if it was never opened."""
        return self.times[0] if self.times else None


def was_recorded_lately(
    action: Action, thing: str, workspace: str, actor: User | None, within: timedelta
) -> bool:
    """Say whether somebody did something to a thing within the last hours."""
    return Line.objects.filter(
        thing=thing,
        workspace=workspace,
        action=action,
        actor=actor.pk if actor is not None else None,
        at__gt=timezone.now() - within,
    ).exists()


def link_receipts(thing: str, workspace: str) -> Receipts:
    """Return when the private link of a thing was opened."""
    rows = Line.objects.filter(thing=thing, workspace=workspace, action=Action.LINK_OPENED)
    times = list(rows.order_by("-number").values_list("at", flat=True)[: MOST_RECEIPTS + 1])
    return Receipts(tuple(times[:MOST_RECEIPTS]), len(times) <= MOST_RECEIPTS)
