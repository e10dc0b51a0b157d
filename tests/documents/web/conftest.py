"""Fixtures of the pages of documents: see tests/documents/web/world.py and tests/cast.py."""

from tests.cast import alice, charlie, fresh_status, visitors
from tests.documents.web.world import make

__all__ = ("alice", "charlie", "fresh_status", "make", "visitors")
