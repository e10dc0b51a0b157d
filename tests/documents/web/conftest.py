"""Fixtures of the pages of documents: see tests/documents/web/world.py."""

from tests.documents.web.world import alice, charlie, fresh_status, make, visitors

__all__ = ("alice", "charlie", "fresh_status", "make", "visitors")
