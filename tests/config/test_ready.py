"""When a host is ready: what its database has seen fits what its code knows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from config import health
from inference.models import EngineWorker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _just_started() -> Iterator[None]:
    """A process that has seen no database yet."""
    health._has_been_ready.clear()
    yield
    health._has_been_ready.clear()


def _parts(path: str = "/readyz") -> tuple[int, dict[str, str]]:
    answer = Client().get(path)
    return answer.status_code, answer.json()


def _applied(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('pastebin', %s, now())",
            [name],
        )


@contextlib.contextmanager
def _no_database() -> Iterator[None]:
    with patch.object(health, "schema_state", side_effect=OperationalError):
        yield


def test_it_waits_for_the_checkpoint() -> None:
    status, parts = _parts()
    assert (status, parts["detector"], parts["migrations"]) == (503, "no worker", "ok")
    worker = EngineWorker.objects.create(name="here:1", seen_at=timezone.now())
    assert _parts()[1]["detector"] == "no checkpoint"
    EngineWorker.objects.filter(pk=worker.pk).update(checkpoint="compact 1.0@0123")
    assert _parts()[0] == 200


def test_a_proxy_need_not_wait_for_the_checkpoint() -> None:
    assert _parts("/readyz/web") == (200, {"status": "ok", "migrations": "ok"})


@pytest.mark.parametrize("path", ["/readyz", "/readyz/web"])
def test_a_host_whose_database_lacks_a_migration_is_not_ready(path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'pastebin' AND name LIKE '0003%%'"
        )
    status, parts = _parts(path)
    assert (status, parts["migrations"]) == (503, "1 migrations are to be run")


@pytest.mark.parametrize("path", ["/readyz", "/readyz/web"])
def test_a_host_older_than_the_database_goes_on_unless_it_must_stop(path: str) -> None:
    _applied("0098_one_more_column")
    assert _parts(path)[1]["migrations"] == "ok"
    _applied("0099_stop_old_keys")
    status, parts = _parts(path)
    assert (status, parts["migrations"]) == (503, "newer than this version can work with")


def test_an_outage_of_the_database_takes_nobody_out_who_was_ready() -> None:
    with _no_database():
        assert _parts("/readyz/web")[0] == 503
    assert _parts("/readyz/web")[0] == 200
    with _no_database():
        assert _parts("/readyz/web")[0] == 200
        assert _parts("/readyz")[1]["migrations"] == "out of reach"
