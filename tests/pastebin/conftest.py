"""Fixtures of the pastebin: see tests/pastebin/world.py."""

from tests.pastebin.world import (
    alice,
    charlie,
    detector,
    fresh_status,
    make,
    scan,
    visitors,
)

__all__ = ("alice", "charlie", "detector", "fresh_status", "make", "scan", "visitors")
