"""Who knows on which marks people have decided: asked anew when marks are made again by rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inference.engine.spans import Span
from sharing.models import Shared
from vault.envelope import DataKey

# Writes into the entry which of the marks still wait for a person.
Counter = Callable[[Shared, DataKey, Sequence[Span]], None]
_counters: list[Counter] = []


def register_counter(counter: Counter) -> None:
    """Make known who counts; apps do this once when loaded."""
    _counters.append(counter)


def count_again(item: Shared, key: DataKey, spans: Sequence[Span]) -> None:
    """Have the marks counted of an item that was done again, once it is published."""
    for counter in _counters:
        counter(item, key, spans)
