"""Health checks: whether the process lives, which parts it can reach, whether it takes requests.

/healthz     the process answers
/readyz      every part is there: for people, monitoring, and the start
/readyz/web  requests may be sent here: for proxies
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import redis
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from config.schema_state import FITS, schema_state
from inference.events import valkey
from inference.models import EngineWorker

OUT_OF_REACH = "out of reach"
GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answers health checks before anything else, by whatever name or address this host is asked.

    What checks a container or a host does not know the names that people use (BLACKBAR_HOSTS).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._checks = {"/healthz": healthz, "/readyz": readyz, "/readyz/web": readyz_web}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a health check, or hand on."""
        check = self._checks.get(request.path_info)
        if check is None:
            return self._get_response(request)
        answer = check(request)
        answer["Cache-Control"] = "no-store"
        return answer


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if every part is there, else 503; the body says which part is not."""
    parts = {
        "database": _check(_database),
        "migrations": _check(schema_state),
        "broker": _check(_broker),
        "detector": _check(_detector),
    }
    return _answer(parts)


# Set once this process has seen a database that fits it.
_has_been_ready = threading.Event()


@require_safe
def readyz_web(request: HttpRequest) -> JsonResponse:
    """Answer 200 if a proxy may send requests here, else 503.

    Not before a database was seen whose migrations fit, and not after one that does not. An outage
    of all hosts' database or detector keeps none out: finished pages are served all the same, and
    whoever sends a form gets a page that says what is missing.
    """
    state = _check(schema_state)
    if state == FITS:
        _has_been_ready.set()
    elif state == OUT_OF_REACH and _has_been_ready.is_set():
        state = FITS
    return _answer({"migrations": state})


def _answer(parts: dict[str, str]) -> JsonResponse:
    is_ready = all(state == FITS for state in parts.values())
    return JsonResponse(
        {"status": FITS if is_ready else "unavailable", **parts}, status=200 if is_ready else 503
    )


def _check(part: Callable[[], str]) -> str:
    try:
        return part()
    except (Error, PoolTimeout, redis.RedisError):
        return OUT_OF_REACH


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
