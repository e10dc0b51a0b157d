"""Fixtures: see tests/workspaces/cast.py, tests/cast.py and the worlds of pastes and documents."""

from tests.cast import alice, charlie, fresh_status, visitors
from tests.documents.world import make_document
from tests.pastebin.world import detector, make, scan
from tests.workspaces.cast import team

__all__ = (
    "alice",
    "charlie",
    "detector",
    "fresh_status",
    "make",
    "make_document",
    "scan",
    "team",
    "visitors",
)
