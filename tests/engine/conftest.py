"""The bundled checkpoint, loaded once for all tests of the engine."""

import pytest

from inference.engine.engine import Engine


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine.load("compact")
