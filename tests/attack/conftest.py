"""Fixtures: see tests/cast.py and tests/pastebin/world.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.gradio import detached
from tests.cast import alice, charlie, fresh_status, visitors
from tests.pastebin.world import detector, make, scan

__all__ = ("alice", "charlie", "detector", "fresh_status", "make", "scan", "visitors")


@pytest.fixture(autouse=True)
def no_stream_is_left_open() -> Iterator[None]:
    """Who asks every address gets streams too, and has to close them: the process has few."""
    yield
    assert detached._attached._value == detached.MOST_ATTACHED
