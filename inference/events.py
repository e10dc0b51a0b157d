"""Events by which a worker learns at once that a scan waits, and a request that it has ended.

An event is an id in Valkey, or nothing at all. Losing one costs a wait, never the result: rows in
the database say what is to be done and what was found.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection

logger = logging.getLogger("blackbar.events")
_KEEP_SECONDS = 30
# Shorter than the socket's timeout, after which a server counts as lost.
_LONGEST_READ_SECONDS = 5.0
# Threads of a web process in which no request waits for a scan.
_FOR_PAGES = 16
_followers: list[Callable[[UUID], None]] = []


@functools.cache
def valkey() -> redis.Redis:
    """Return this process's client; short timeouts, since nobody may hang on a lost server."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=8, health_check_interval=30
    )


def announce_end(scan_id: UUID) -> None:
    """Wake whoever waits for a scan, and tell who follows it. Never raises: both are a courtesy."""
    try:
        with valkey().pipeline(transaction=False) as pipe:
            pipe.rpush(_key(scan_id), 1)
            pipe.expire(_key(scan_id), _KEEP_SECONDS)
            pipe.delete(_followed(scan_id))
            *_, is_followed = pipe.execute()
    except redis.RedisError:
        logger.warning("scan %s: end not announced, Valkey is out of reach", scan_id)
        return
    if not is_followed:
        return
    for follower in _followers:
        try:
            follower(scan_id)
        except Exception as exc:  # only the type: a driver's message may quote a row
            logger.warning("scan %s: end not passed on (%s)", scan_id, type(exc).__name__)


def register_follower(follower: Callable[[UUID], None]) -> None:
    """Make known who is told, in the worker, of the ends that `follow` named; apps do this once.

    Called after the transaction that ended the scan.
    """
    _followers.append(follower)


def follow(scan_ids: Collection[UUID], seconds: int) -> None:
    """Have the followers told when these scans end, for so long. Never raises."""
    try:
        with valkey().pipeline(transaction=False) as pipe:
            for scan_id in scan_ids:
                pipe.set(_followed(scan_id), 1, ex=seconds)
            pipe.execute()
    except redis.RedisError:
        logger.warning("%d scans not followed, Valkey is out of reach", len(scan_ids))


def wait_for_end(scan_id: UUID, timeout_seconds: float) -> bool:
    """Block until the scan has ended; False when the time is up or Valkey is out of reach.

    False at once where as many requests of this process wait already as may: pages need threads
    too. Who waits holds no connection to the database, unless it is in a transaction.
    """
    if timeout_seconds <= 0 or not _waiting().acquire(blocking=False):
        return False
    try:
        if not connection.in_atomic_block:
            connection.close()
        return wait_for_any([scan_id], timeout_seconds) is not None
    except redis.RedisError:
        return False
    finally:
        _waiting().release()


@functools.cache
def _waiting() -> threading.BoundedSemaphore:
    threads = settings.WEB_THREADS
    return threading.BoundedSemaphore(max(1, threads // 2, threads - _FOR_PAGES))


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


def _followed(scan_id: UUID) -> str:
    return f"blackbar:scan-followed:{scan_id}"


def _key(scan_id: UUID) -> str:
    return f"blackbar:scan-ended:{scan_id}"
