"""Bars that follow a change of marks: what is shown again, what is hidden again."""

from __future__ import annotations

import re
from dataclasses import replace

from anonymizer.corrections import Change
from documents.formats.model import Page
from images.bars import Bars, PlacedBar, bars_of_spans
from images.covered import spans_under
from inference.engine.spans import Span

_MADE = re.compile(r"b([0-9]{1,9})", re.ASCII)


def with_change(bars: Bars, page: Page, text: str, change: Change) -> Bars:
    """Return the bars that hide what a change hides and nothing of what it shows.

    text, change: of the file, without its name
    What is shown again keeps its bar, switched off; what is hidden gets one of its own.
    """
    placed = list(bars.bars)
    for span in change.removed:
        placed = [
            replace(bar, is_on=False) if _hides(bar, page, text, span) else bar for bar in placed
        ]
    for span in change.added:
        made = bars_of_spans(page, text, [span]).bars
        places = {bar.place for bar in made}
        placed = [bar for bar in placed if bar.is_on or bar.place not in places]
        numbers = (int(found[1]) for bar in placed if (found := _MADE.fullmatch(bar.id)))
        first = 1 + max(numbers, default=0)
        placed += [replace(bar, id=f"b{first + number}") for number, bar in enumerate(made)]
    return Bars(bars.fill, tuple(placed))


def _hides(bar: PlacedBar, page: Page, text: str, span: Span) -> bool:
    return bar.is_on and any(under.overlaps(span) for under in spans_under(page, text, [bar]))
