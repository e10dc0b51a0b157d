"""How many requests somebody may make: what the settings say, and the owner's rules beside them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.conf import settings

from accounts.models import ApiKey, RequestLimits, User
from accounts.quotas import DAY, MINUTE, Limit

# Rules of plans are read anew after so many seconds: they change seldom, and every request asks.
PLANS_KNOWN_SECONDS = 5.0
_WINDOWS = (("per_minute", "minute", MINUTE), ("per_day", "day", DAY), ("credits", "credits", None))
_known_plans: list[tuple[float, dict[str, RequestLimits]]] = []


def limits_of_key(key: ApiKey) -> list[Limit]:
    """Return the limits of requests with a key: its own, and those of its account."""
    rules = [rules_of(key), _plan_rules().get(key.plan)]
    own = _limits(f"key {key.pk}", "", rules, _defaults())
    return own + _limits(f"user {key.owner_id}", "account-", [rules_of(key.owner)], {})


def limits_of_session(user: User) -> list[Limit]:
    """Return the limits of somebody who is signed in: the account's, else those of any key."""
    rules, subject = rules_of(user), f"user {user.pk}"
    defaults = {
        name: value
        for name, value in _defaults().items()
        if rules is None or getattr(rules, name) is None
    }
    return _limits(subject, "", [], defaults) + _limits(subject, "account-", [rules], {})


def limits_of_network(network: str) -> list[Limit]:
    """Return the limits of requests without a key, by the digest of their address."""
    defaults = {
        "per_minute": settings.API_ANONYMOUS_PER_MINUTE,
        "per_day": settings.API_ANONYMOUS_PER_DAY,
    }
    return _limits(f"network {network}", "", [], defaults)


def rules_of(whose: ApiKey | User) -> RequestLimits | None:
    """Return the owner's rules for one key or account."""
    try:
        return whose.request_limits
    except RequestLimits.DoesNotExist:
        return None


def has_own_credits(key: ApiKey) -> bool:
    """Say whether the owner's rules say how many requests a key has in all."""
    rules = (rules_of(key), _plan_rules().get(key.plan))
    return any(rule is not None and rule.credits is not None for rule in rules)


def forget_plans() -> None:
    """Read the rules of plans anew at the next request of this process."""
    _known_plans.clear()


def _limits(
    subject: str, prefix: str, rules: Sequence[RequestLimits | None], defaults: dict[str, int]
) -> list[Limit]:
    """Return a limit for each window: the first rule that says something decides, 0 is none."""
    limits = []
    for field, name, window in _WINDOWS:
        said = [getattr(rule, field) for rule in rules if rule is not None]
        requests = next((value for value in said if value is not None), defaults.get(field, 0))
        if requests:
            limits.append(Limit(prefix + name, subject, requests, window))
    return limits


def _defaults() -> dict[str, int]:
    return {
        "per_minute": settings.API_KEY_PER_MINUTE,
        "per_day": settings.API_KEY_PER_DAY,
        "credits": settings.API_KEY_CREDITS,
    }


def _plan_rules() -> dict[str, RequestLimits]:
    """Return the rules of plans by plan."""
    now = time.monotonic()
    if not _known_plans or _known_plans[0][0] < now - PLANS_KNOWN_SECONDS:
        rows = RequestLimits.objects.exclude(plan=None)
        _known_plans[:] = [(now, {str(row.plan): row for row in rows})]
    return _known_plans[0][1]
