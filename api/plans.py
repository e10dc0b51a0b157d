"""Plans of the privacyfilter.run dialect: how often, how long, how many at once."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from accounts.limits import has_own_credits
from accounts.models import Plan
from accounts.quotas import DAY, Limit
from api.callers import Caller


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a plan allows besides its limits; no batch without a key."""

    characters: int
    batch_texts: int | None


def allowance_of(caller: Caller) -> Allowance:
    """Return how long a text and how large a batch may be."""
    paid = settings.PLAN_PAID_CHARACTERS
    match caller.key.plan if caller.key else None:
        case None:
            return Allowance(settings.PLAN_FREE_CHARACTERS, None)
        case Plan.PACK:
            return Allowance(paid, settings.PLAN_PACK_BATCH)
        case Plan.UNLIMITED:
            return Allowance(paid, settings.PLAN_UNLIMITED_BATCH)
    return Allowance(settings.MAX_PASTE_CHARACTERS, settings.API_BATCH_TEXTS)


def limits_of(caller: Caller) -> list[Limit]:
    """Return the limits of a caller's plan."""
    if caller.key is None:
        per_day = settings.PLAN_FREE_PER_DAY
        return [Limit("day", caller.subject, per_day, DAY)] if per_day else []
    if caller.key.plan == Plan.PACK and not has_own_credits(caller.key):
        return [Limit("pack", caller.subject, settings.PLAN_PACK_REQUESTS, None)]
    return []
