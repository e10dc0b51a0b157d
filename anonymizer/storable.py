"""Texts that a database and a page can hold, character for character."""

from __future__ import annotations

import re

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def normal_newlines(text: str) -> str:
    """Turn CRLF and CR into LF: a browser does so with every page it shows."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def storable(text: str) -> str:
    """Replace what neither PostgreSQL nor HTML can hold by a visible sign, one for one.

    NUL becomes U+2400, a lone surrogate U+FFFD; offsets stay as they are. The sealed original
    keeps the true characters.
    """
    return _LONE_SURROGATE.sub("\ufffd", text.replace("\0", "\u2400"))
