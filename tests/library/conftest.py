"""Fixtures: see tests/library/world.py, tests/workspaces/cast.py and tests/pastebin/world.py."""

from tests.cast import alice, charlie, fresh_status, visitors
from tests.library.world import make_in, other
from tests.pastebin.world import detector, make, scan
from tests.workspaces.cast import team

__all__ = (
    "alice",
    "charlie",
    "detector",
    "fresh_status",
    "make",
    "make_in",
    "other",
    "scan",
    "team",
    "visitors",
)
