"""Fixtures: see tests/cast.py and tests/pastebin/world.py."""

from tests.cast import alice, charlie, fresh_status, visitors
from tests.pastebin.world import detector, make, scan

__all__ = ("alice", "charlie", "detector", "fresh_status", "make", "scan", "visitors")
