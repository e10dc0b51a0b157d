"""The bundled checkpoint, loaded once for all tests of detection, and pastes to publish."""

import pytest

from inference.engine.engine import Engine
from tests.cast import fresh_status
from tests.pastebin.world import detector, make, scan

__all__ = ("detector", "engine", "fresh_status", "make", "scan")


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine.load("compact")
