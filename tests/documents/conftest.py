"""Fixtures of documents: see tests/documents/world.py."""

from tests.documents.world import detector, make_document, scan

__all__ = ("detector", "make_document", "scan")
