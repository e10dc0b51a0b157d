"""What tests of the wire share: an engine at work beside the web, keys, calls."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts import keys
from accounts.keys import NewKey
from accounts.models import Plan, Scope, User
from inference import events
from inference.engine.engine import Engine
from inference.worker import ScanWorker
from tests.chosen_engine import ChosenEngine

committed = pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))
NewKeyMaker = Callable[..., NewKey]


@pytest.fixture(autouse=True)
def own_network(settings: Settings) -> None:
    """Count requests without a key apart from those of earlier tests."""
    settings.SECRET_KEY = "only-for-this-test-" + uuid.uuid4().hex


@pytest.fixture(scope="session")
def compact() -> Engine:
    """The bundled checkpoint."""
    return Engine.load("compact")


class Beside:
    """An engine worker in a thread, woken by the doorbell as in the engine's process."""

    def __init__(self, engine: Any) -> None:
        self.worker = ScanWorker()
        self.worker.engine = engine
        self._heard = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Beside:
        self._thread.start()
        assert self._heard.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self.worker.stop()
        self._thread.join(20)

    def _listen(self) -> None:
        try:
            for _ in events.rings(self.worker.stopping):
                self._heard.set()
                self.worker.run_pending()
        finally:
            connection.close()


@pytest.fixture
def engine_at_work(compact: Engine) -> Iterator[Beside]:
    """The bundled checkpoint at work."""
    with Beside(compact) as beside:
        yield beside


@pytest.fixture
def chosen() -> ChosenEngine:
    """An engine that finds Ann and her address, and fails on poison."""
    values = {"Ann Lee": "private_person", "ANN LEE": "private_person"}
    return ChosenEngine(values | {"ann@mail.example": "private_email"}, poison="poison")


@pytest.fixture
def chosen_at_work(chosen: ChosenEngine) -> Iterator[Beside]:
    """That engine at work."""
    with Beside(chosen) as beside:
        yield beside


@pytest.fixture
def alice(db: None) -> User:
    """The owner of keys."""
    return User.objects.create_user("alice")


@pytest.fixture
def new_key(alice: User) -> NewKeyMaker:
    """A function that makes a key."""

    def make(
        *scopes: Scope, owner: User | None = None, plan: Plan = Plan.OWN, **options: Any
    ) -> NewKey:
        may = scopes or (Scope.REDACT, Scope.READ)
        return keys.create_key(owner=owner or alice, name="k", scopes=may, plan=plan, **options)

    return make


def send(client: Client, path: str, body: Any, key: NewKey | None = None, **headers: str) -> Any:
    """Post JSON, with a key in the header if there is one."""
    if key is not None:
        headers["Authorization"] = f"Bearer {key.bearer}"
    return client.post(path, body, content_type="application/json", headers=headers)


def get(client: Client, path: str, key: NewKey | None = None) -> Any:
    """Get with a key in the header if there is one."""
    return client.get(path, headers={"Authorization": f"Bearer {key.bearer}"} if key else {})
