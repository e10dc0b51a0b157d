"""Fixtures: see tests/workspaces/cast.py, tests/cast.py and tests/pastebin/world.py."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.cast import alice, charlie, fresh_status, visitors
from tests.pastebin.world import detector, make, scan
from tests.workspaces.cast import team

__all__ = ("alice", "charlie", "detector", "fresh_status", "make", "scan", "team", "visitors")


@pytest.fixture
def sealed_folder(tmp_path: Path, settings: Settings) -> Path:
    """Have files sealed in a folder of one test's own."""
    sealed = settings.STORAGES["sealed"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"sealed": sealed}
    return tmp_path
