"""What people own in workspaces, for each kind of shared item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from accounts.models import User
from entries.leaving import let_go
from sharing import services
from sharing.models import Item
from workspaces.belongings import Belongings


def belongings_of(kind: type[Item], *, one: str, many: str) -> Belongings:
    """Return how a kind of item is counted, handed over and deleted, by workspace."""

    def items() -> Any:
        return kind._default_manager

    def owned_by(user: User) -> Mapping[str, int]:
        mine = items().filter(owner=user, envelope__entry__isnull=False)
        counted = mine.values_list("envelope__entry__workspace").annotate(Count("pk")).order_by()
        return dict(counted)

    def hand_over(wid: str, giver: User, taker: User) -> int:
        let_go(wid, giver)
        theirs = items().filter(owner=giver, envelope__entry__workspace=wid)
        return int(theirs.update(owner=taker))

    def delete_all(wid: str, by: User) -> None:
        services.delete_all(items().filter(envelope__entry__workspace=wid), by=by, why="workspace")

    def ends_by(wid: str, moments: Sequence[datetime]) -> Sequence[int]:
        counts = {
            f"by_{number}": Count("pk", filter=Q(expires_at__lte=moment))
            for number, moment in enumerate(moments)
        }
        found = items().filter(envelope__entry__workspace=wid).aggregate(**counts)
        return [found[name] for name in counts]

    return Belongings(one, many, owned_by, hand_over, delete_all, ends_by)
