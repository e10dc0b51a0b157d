"""Health checks: /healthz says that the process lives, /readyz which parts it can reach."""

from __future__ import annotations

from collections.abc import Callable

import redis
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from psycopg_pool import PoolTimeout

from inference.events import valkey
from inference.models import EngineWorker


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if every part is there, else 503; the body says which part is not."""
    parts = {
        "database": _check(_database),
        "broker": _check(_broker),
        "detector": _check(_detector),
    }
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"status": "ok" if is_ready else "unavailable", **parts}, status=200 if is_ready else 503
    )


def _check(part: Callable[[], str]) -> str:
    try:
        return part()
    except (Error, PoolTimeout, redis.RedisError):
        return "out of reach"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    valkey().ping()
    return "ok"


def _detector() -> str:
    workers = [worker for worker in EngineWorker.objects.all() if worker.is_alive]
    if any(worker.checkpoint for worker in workers):
        return "ok"
    return "no checkpoint" if workers else "no worker"
