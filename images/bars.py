"""Bars over a picture, as the canvas shows and changes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from anonymizer.categories import CATEGORIES, category_of
from documents.formats.model import Page, SolidBar
from documents.formats.picture.bars import bars_over
from inference.engine.spans import Span

MOST_BARS = 2_000
BLACK, WHITE, BY_CATEGORY = FILLS = ("black", "white", "category")
# The hues of static/css/tokens.css in the light theme: what is exported has one look.
COLOURS: Mapping[str, tuple[int, int, int]] = {
    "private_person": (0x27, 0x39, 0x92),
    "private_address": (0x76, 0x29, 0x01),
    "private_email": (0x05, 0x68, 0x45),
    "private_phone": (0x61, 0x33, 0x65),
    "private_url": (0x02, 0x76, 0x9C),
    "private_date": (0x77, 0x6F, 0x02),
    "account_number": (0x71, 0x3C, 0xCB),
    "secret": (0xC3, 0x27, 0x62),
    "custom1": (0x4B, 0x5D, 0x16),
    "custom2": (0x9A, 0x1B, 0x8C),
    "custom3": (0x0F, 0x6B, 0x66),
    "custom4": (0x8F, 0x33, 0x44),
    "custom5": (0x3D, 0x4A, 0x63),
    "custom6": (0x9A, 0x44, 0x08),
    "custom7": (0x2A, 0x5F, 0x1F),
    "custom8": (0x5B, 0x3F, 0xA0),
}
_OTHER_COLOUR = (0x55, 0x52, 0x4C)
_ID = re.compile(r"[a-z0-9-]{1,24}", re.ASCII)


class BarsError(Exception):
    """Raised when bars that were sent make no sense for this picture; nothing was changed."""


@dataclass(frozen=True, slots=True)
class PlacedBar:
    """A rectangle over a picture, in whole pixels of the righted picture.

    id:         unique among the bars of the picture
    is_on:      whether it hides what is under it
    start, end: code points of the file's text that it was made for; equal for one drawn by hand
    is_moved:   whether it no longer lies where it was made
    score, detector, reason, subtype: of the span it was made for
    """

    id: str
    x: int
    y: int
    width: int
    height: int
    label: str
    is_on: bool = True
    start: int = 0
    end: int = 0
    is_moved: bool = False
    score: float = 1.0
    detector: str = "person"
    reason: str = "Drawn by hand."
    subtype: str = ""

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Return x, y, width and height."""
        return (self.x, self.y, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Bars:
    """All bars of a picture, the lowest first, and how they are filled."""

    fill: str
    bars: tuple[PlacedBar, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `bars_from_json` reads."""
        return {"fill": self.fill, "bars": [asdict(bar) for bar in self.bars]}

    def solid(self) -> tuple[SolidBar, ...]:
        """Return what is painted."""
        return tuple(self._solid(bar) for bar in self.bars if bar.is_on)

    def _solid(self, bar: PlacedBar) -> SolidBar:
        if self.fill == BY_CATEGORY:
            category = CATEGORIES.get(bar.label)
            colour = colour_of(bar.label)
            return SolidBar(*bar.place, colour, category.name.upper() if category else "")
        return SolidBar(*bar.place, (255, 255, 255) if self.fill == WHITE else (0, 0, 0))


def colour_of(label: str) -> tuple[int, int, int]:
    """Return the hue of a label, grey for one of another checkpoint."""
    return COLOURS.get(category_of(label).css, _OTHER_COLOUR)


def bars_from_json(value: Mapping[str, Any]) -> Bars:
    """Return bars as they were sealed."""
    return Bars(value["fill"], tuple(PlacedBar(**bar) for bar in value["bars"]))


def bars_of_spans(page: Page, text: str, spans: Iterable[Span]) -> Bars:
    """Return the bars over spans, as they are before anybody changes them.

    text, spans: of the file, without its name
    """
    made = [
        PlacedBar(
            "",
            bar.x,
            bar.y,
            bar.width,
            bar.height,
            span.label,
            start=span.start,
            end=span.end,
            score=span.score,
            detector=span.detector,
            reason=span.reason,
            subtype=span.subtype,
        )
        for span in spans
        for bar in bars_over(page, text, span.start, span.end)
    ]
    once = {bar.place: bar for bar in reversed(made)}.values()
    return Bars(
        BLACK, tuple(replace(bar, id=f"b{n}") for n, bar in enumerate(reversed(once), start=1))
    )


def parsed(value: object, former: Bars, size: tuple[int, int], own: Collection[str] = ()) -> Bars:
    """Return bars that a person sent; what is known of a bar is kept by its id.

    size: width and height of the picture
    own:  labels of the categories that the picture's policy has of its own
    Raises BarsError.
    """
    fill = value.get("fill") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(fill, str) or fill not in FILLS:
        raise BarsError("The server did not understand these bars.")
    listed = value.get("bars")
    if not isinstance(listed, list) or len(listed) > MOST_BARS:
        raise BarsError(f"A picture takes up to {MOST_BARS:,} bars.")
    known = {bar.id: bar for bar in former.bars}
    bars = [_bar(item, known, size, own) for item in listed]
    if len({bar.id for bar in bars}) != len(bars):
        raise BarsError("Two bars have the same id.")
    return Bars(fill, tuple(bars))


def _bar(
    item: object,
    known: Mapping[str, PlacedBar],
    size: tuple[int, int],
    own: Collection[str],
) -> PlacedBar:
    if not isinstance(item, Mapping):
        raise BarsError("The server did not understand these bars.")
    name, label, is_on = item.get("id"), item.get("label"), item.get("on", True)
    place = [item.get(key) for key in ("x", "y", "width", "height")]
    if not isinstance(name, str) or not _ID.fullmatch(name) or not isinstance(is_on, bool):
        raise BarsError("The server did not understand these bars.")
    former = known.get(name)
    if not isinstance(label, str):
        raise BarsError("This category is not known.")
    is_known = label in CATEGORIES or label in own
    if not is_known and (former is None or label != former.label):
        raise BarsError("This category is not known.")
    x, y, width, height = _whole(place, size)
    if former is None:
        return PlacedBar(name, x, y, width, height, label, is_on)
    is_moved = former.is_moved or former.place != (x, y, width, height)
    return replace(
        former,
        x=x,
        y=y,
        width=width,
        height=height,
        label=label,
        is_on=is_on,
        is_moved=is_moved,
    )


def _whole(place: Sequence[object], size: tuple[int, int]) -> tuple[int, int, int, int]:
    if any(type(number) is not int for number in place):
        raise BarsError("A bar's place is in whole pixels.")
    x, y, width, height = (number for number in place if isinstance(number, int))
    if x < 0 or y < 0 or width < 1 or height < 1 or x + width > size[0] or y + height > size[1]:
        raise BarsError("A bar lies inside the picture.")
    return x, y, width, height
