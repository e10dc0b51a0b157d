"""Limits on requests: counted at once in Valkey, kept in PostgreSQL.

A spend is one script in Valkey: all limits of a request are checked, then all are counted, or none
is. Of limits that last longer than a minute the count is also written to the database, from which
Valkey takes it again after it has lost it. Without Valkey nobody who has a limit is served.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis
from django.conf import settings
from django.db import connection, models
from django.db.models.functions import Greatest

from accounts.models import MadeOnce, QuotaUse

MINUTE = 60
DAY = 86_400
_KEY = "blackbar:quota:"
# An unlimited window is remembered in Valkey for as long; then it is read from the database.
_KEEP_SECONDS = 30 * DAY
_SPEND = """
for i = 1, #KEYS do
  local used = redis.call('GET', KEYS[i])
  if not used then return {'unknown', i} end
end
for i = 1, #KEYS do
  if tonumber(redis.call('GET', KEYS[i])) + tonumber(ARGV[2]) > tonumber(ARGV[2 + i]) then
    return {'over', i}
  end
end
local counts = {'ok'}
for i = 1, #KEYS do
  counts[i + 1] = redis.call('INCRBY', KEYS[i], ARGV[1])
end
return counts
"""
# Of a count that Valkey has lost nothing is taken: it would begin below what was used.
_GIVE_BACK = """
local used = redis.call('GET', KEYS[1])
if not used then return false end
return redis.call('DECRBY', KEYS[1], math.min(tonumber(used), tonumber(ARGV[1])))
"""


class QuotaExceededError(Exception):
    """Raised when a limit does not allow a request; nothing was counted."""

    def __init__(self, limit: Limit) -> None:
        super().__init__("The limit of requests is reached.")
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in a window.

    subject:        whose, such as "key 17"; never an address in plain
    window_seconds: None counts for ever
    """

    name: str
    subject: str
    requests: int
    window_seconds: int | None

    @property
    def row(self) -> str:
        """The name under which the present window is counted."""
        return f"{self.subject} {self.name} {self._window()}"

    @property
    def seconds_left(self) -> int | None:
        """Seconds until the window ends."""
        if self.window_seconds is None:
            return None
        return max(1, self.window_seconds - int(time.time()) % self.window_seconds)

    @property
    def is_kept(self) -> bool:
        """Say whether the count has to outlive Valkey."""
        return self.window_seconds is None or self.window_seconds > MINUTE

    def _window(self) -> int:
        return int(time.time()) // self.window_seconds if self.window_seconds else 0


@dataclass(frozen=True, slots=True)
class Use:
    """What was used of a limit.

    row: under which it was counted; the window may be over meanwhile
    """

    limit: Limit
    used: int
    row: str

    @property
    def left(self) -> int:
        """Requests that are left."""
        return max(0, self.limit.requests - self.used)


def spend(limits: Sequence[Limit], requests: int = 1) -> list[Use]:
    """Count requests against all limits, or against none.

    Raises QuotaExceededError, redis.RedisError.
    """
    if not limits:
        return []
    rows = [limit.row for limit in limits]
    arguments = [requests, requests, *(limit.requests for limit in limits)]
    for _ in range(len(limits) + 1):
        answer = _script(_SPEND)(keys=[_KEY + row for row in rows], args=arguments)
        if answer[0] != b"unknown":
            break
        index = int(answer[1]) - 1
        _remember(limits[index], rows[index])
    if answer[0] == b"over":
        raise QuotaExceededError(limits[int(answer[1]) - 1])
    uses = [
        Use(limit, int(used), row)
        for limit, used, row in zip(limits, answer[1:], rows, strict=True)
    ]
    _keep([use for use in uses if use.limit.is_kept])
    return uses


def give_back(uses: Sequence[Use], requests: int = 1) -> None:
    """Take a spend back: the request could not be served."""
    for use in uses:
        left = _script(_GIVE_BACK)(keys=[_KEY + use.row], args=[requests])
        if use.limit.is_kept:
            kept = models.F("used") - requests if left is None else models.Value(int(left))
            used = Greatest(kept, 0, output_field=models.IntegerField())
            QuotaUse.objects.filter(pk=use.row).update(used=used)


def used_of(limits: Sequence[Limit]) -> list[Use]:
    """Return what was used, without counting anything."""
    uses = []
    for limit in limits:
        row = limit.row
        counted: Any = _valkey().get(_KEY + row)
        if counted is None:
            _remember(limit, row)
            counted = _valkey().get(_KEY + row) or 0
        uses.append(Use(limit, int(counted), row))
    return uses


def take_once(name: str, seconds: int) -> bool:
    """Say whether a name is taken for the first time in so many seconds. Raises RedisError."""
    return bool(_valkey().set(f"{_KEY}once:{name}", 1, nx=True, ex=seconds))


def forget(row: str) -> None:
    """Let a count begin at nothing again, as the server's owner decided."""
    QuotaUse.objects.filter(pk=row).delete()
    _valkey().delete(_KEY + row)


def forget_ended() -> int:
    """Delete the counts of windows that are over, and requests that nobody repeats any more.

    Returns how many.
    """
    now = datetime.now(UTC)
    ended = [kind.objects.filter(ends_at__lt=now).delete()[0] for kind in (QuotaUse, MadeOnce)]
    return sum(ended)


def _remember(limit: Limit, row: str) -> None:
    """Put the kept count into Valkey, unless another request was faster."""
    kept = None
    if limit.is_kept:
        kept = QuotaUse.objects.filter(pk=row).values_list("used", flat=True).first()
    _valkey().set(_KEY + row, kept or 0, nx=True, ex=limit.seconds_left or _KEEP_SECONDS)


def _keep(uses: Sequence[Use]) -> None:
    """Write counts to the database, all at once; a higher one that is there already stays."""
    if not uses:
        return
    now = time.time()
    lefts = [use.limit.seconds_left for use in uses]
    ends = [
        None if left is None else datetime.fromtimestamp(now + left + 60, UTC) for left in lefts
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_quotause (subject, used, ends_at)"
            " SELECT * FROM unnest(%s::text[], %s::int[], %s::timestamptz[])"
            " ON CONFLICT (subject) DO UPDATE"
            " SET used = GREATEST(accounts_quotause.used, EXCLUDED.used)",
            [[use.row for use in uses], [use.used for use in uses], ends],
        )


def _end_of(limit: Limit) -> datetime | None:
    left = limit.seconds_left
    return None if left is None else datetime.fromtimestamp(time.time() + left + 60, UTC)


_kept_client: list[tuple[str, redis.Redis]] = []
_scripts: dict[tuple[str, str], Any] = {}


def _valkey() -> redis.Redis:
    """Return this process's client; short timeouts, since nobody may hang on a lost server."""
    if not _kept_client or _kept_client[0][0] != settings.REDIS_URL:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=3
        )
        _kept_client[:] = [(settings.REDIS_URL, client)]
    return _kept_client[0][1]


def _script(source: str) -> Any:
    """Return a script of this process's client; registered once."""
    found = _scripts.get((settings.REDIS_URL, source))
    if found is None:
        found = _scripts[settings.REDIS_URL, source] = _valkey().register_script(source)
    return found
