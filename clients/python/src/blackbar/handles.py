"""Maps of redacted texts, kept in memory under handles: a few, for a while."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from blackbar.texts import Redacted

_MOST_CHARACTERS = 20_000_000


@dataclass(frozen=True, slots=True, repr=False)
class _Kept:
    redacted: Redacted
    characters: int
    until: float


class Handles:
    """Redactions by handle; the oldest go when there are too many or too long ones.

    most:    how many are kept
    seconds: for how long
    """

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def keep(self, redacted: Redacted) -> str | None:
        """Keep what restores a text and return its handle; None if nothing can be restored."""
        can_restore = redacted.map.keys()
        entities = tuple(one for one in redacted.entities if one.replacement in can_restore)
        if not entities:
            return None
        handle = secrets.token_urlsafe(12)
        characters = sum(len(one.original) + len(one.replacement) for one in entities)
        until = self._clock() + self._seconds
        # Without the text: its owner has that.
        kept = replace(redacted, text="", entities=entities)
        self._kept[handle] = _Kept(kept, characters, until)
        self._forget()
        return handle if handle in self._kept else None

    def find(self, handle: str) -> Redacted | None:
        """Return what is kept under a handle."""
        self._forget()
        kept = self._kept.get(handle)
        return kept.redacted if kept is not None else None

    def __len__(self) -> int:
        return len(self._kept)

    def _forget(self) -> None:
        now = self._clock()
        for handle in [name for name, kept in self._kept.items() if kept.until <= now]:
            del self._kept[handle]
        while self._kept and (
            len(self._kept) > self._most
            or sum(kept.characters for kept in self._kept.values()) > _MOST_CHARACTERS
        ):
            self._kept.popitem(last=False)
