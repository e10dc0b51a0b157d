"""Events by which a worker learns at once that a scan waits, and a request that it has ended.

An event is an id in Valkey, or nothing at all. Losing one costs a wait, never the result: rows in
the database say what is to be done and what was found.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import redis
from django.conf import settings

logger = logging.getLogger("blackbar.events")
_KEEP_SECONDS = 30
# Shorter than the socket's timeout, after which a server counts as lost.
_LONGEST_READ_SECONDS = 5.0


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
    try:
        return wait_for_any([scan_id], timeout_seconds) is not None
    except redis.RedisError:
        return False


def wait_for_any(ids: Iterable[UUID], timeout_seconds: float) -> UUID | None:
    """Block until one of several is announced, and return it; None when the time is up.

    Each announcement wakes one that waits. Raises redis.RedisError.
    """
    keys = {_key(one).encode(): one for one in ids}
    deadline = time.monotonic() + timeout_seconds
    while (left := deadline - time.monotonic()) > 0:
        found: Any = valkey().blpop(list(keys), timeout=min(left, _LONGEST_READ_SECONDS))
        if found is not None:
            return keys[found[0]]
    return None


def ring() -> bool:
    """Tell every engine worker that listens that there is work; False if none does."""
    try:
        return bool(valkey().publish(_doorbell(), 1))
    except redis.RedisError:
        return False


def rings(stopping: threading.Event) -> Iterator[None]:
    """Yield when a worker has to look for work, until it is asked to stop.

    Rings that come while it is at work are one; whatever came before it listened counts too.
    """
    while not stopping.is_set():
        try:
            with valkey().pubsub(ignore_subscribe_messages=True) as bell:  # type: ignore[no-untyped-call]
                bell.subscribe(_doorbell())
                yield
                while not stopping.is_set():
                    if bell.get_message(timeout=1.0) is None:
                        continue
                    while bell.get_message() is not None:
                        pass
                    yield
        except redis.RedisError:
            stopping.wait(1.0)


def _doorbell() -> str:
    # Channels are the same in all databases of a server.
    database = valkey().connection_pool.connection_kwargs.get("db") or 0
    return f"blackbar:doorbell:{database}"


def _key(scan_id: UUID) -> str:
    return f"blackbar:scan-ended:{scan_id}"
