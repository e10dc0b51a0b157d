"""Fixtures: the world of the pastebin."""

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
