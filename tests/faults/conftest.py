"""One machine for all tests of this folder: its parts die and come back many times."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.machine import Machine, started
from tests.whole.conftest import Visitor

# Faults are noticed sooner than by default, so that a run is short; empty keeps the defaults.
QUICK = {"BLACKBAR_SCAN_LEASE_SECONDS": "3", "BLACKBAR_SWEEP_SECONDS": "1"}
_KEY = """
import sys
from accounts.keys import create_key
from accounts.models import User
owner, _ = User.objects.get_or_create(username="alice")
print(create_key(owner=owner, name="k", scopes=["redact", "read", "reveal", "admin"]).bearer)
"""


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A running server with databases of its own."""
    quick = {} if os.environ.get("BLACKBAR_FAULT_DEFAULTS") else QUICK
    with started(tmp_path_factory.mktemp("faults"), quick) as machine:
        yield machine


@pytest.fixture
def whole(machine: Machine) -> Machine:
    """The machine with every part running."""
    machine.wait_until_ready()
    return machine


@pytest.fixture(scope="session")
def alices_key(machine: Machine) -> str:
    """A key of an account, with every scope."""
    return machine.python(_KEY)


@pytest.fixture
def visitor(whole: Machine) -> Iterator[Visitor]:
    """Somebody who is not signed in."""
    visitor = Visitor(whole)
    yield visitor
    visitor.client.close()


@pytest.fixture
def api(whole: Machine) -> Iterator[httpx.Client]:
    """A program without a key."""
    with httpx.Client(base_url=whole.url, timeout=60) as client:
        yield client
