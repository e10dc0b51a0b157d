"""What the checks of plain files share."""

from __future__ import annotations

from collections.abc import Iterable

from documents.formats.model import Check
from documents.formats.survivors import HiddenValues


def bytes_check(clean: bytes, values: HiddenValues) -> Check:
    """Return whether a hidden value stands in the bytes of a file, whatever their encoding."""
    return Check("bytes", 1, ("the file",) if values.are_in_bytes(clean) else ())


def places_check(name: str, named: Iterable[tuple[str, str]], values: HiddenValues) -> Check:
    """Return where a hidden value stands among texts by their places: (place, text)."""
    count = 0
    survivors: dict[str, None] = {}
    for place, text in named:
        count += 1
        if values.are_in(text):
            survivors[place] = None
    return Check(name, count, tuple(survivors))
