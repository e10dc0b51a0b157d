"""Events by which a waiting request learns at once that a scan has ended.

An event is an id in Valkey and nothing else. Losing one costs the waiter its wait, never the
result: that lies in the database.
"""

from __future__ import annotations

import functools
import logging
from uuid import UUID

import redis
from django.conf import settings

logger = logging.getLogger("blackbar.events")
_KEEP_SECONDS = 30


@functools.cache
def valkey() -> redis.Redis:
    """Return this process's client; short timeouts, since nobody may hang on a lost server."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=8, health_check_interval=30
    )


def announce_end(scan_id: UUID) -> None:
    """Wake whoever waits for a scan. Never raises: waiting is a courtesy."""
    try:
        with valkey().pipeline(transaction=False) as pipe:
            pipe.rpush(_key(scan_id), 1)
            pipe.expire(_key(scan_id), _KEEP_SECONDS)
            pipe.execute()
    except redis.RedisError:
        logger.warning("scan %s: end not announced, Valkey is out of reach", scan_id)


def wait_for_end(scan_id: UUID, timeout_seconds: float) -> bool:
    """Block until the scan has ended; False when the time is up or Valkey is out of reach."""
    if timeout_seconds <= 0:
        return False
    try:
        return valkey().blpop([_key(scan_id)], timeout=timeout_seconds) is not None
    except redis.RedisError:
        return False


def _key(scan_id: UUID) -> str:
    return f"blackbar:scan-ended:{scan_id}"
