"""Small pictures of figures: where each line, box and word stands. Templates write them as SVG.

All are 360 wide, which is what a phone shows of them one to one. Every figure stands at its mark;
there is nothing to be read off an axis. Colours are given by classes alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from anonymizer.categories import Category
from entries.models import Kind
from oversight.week import DayCount, Readiness, Weakness

WIDTH = 360
_ROW = 26
# Where names end and marks begin.
_NAMES = 104
_LONGEST_NAME = 15
# Most categories in a picture; the table has all.
MOST_ROWS = 12
_COLUMN, _COLUMN_HEIGHT, _COLUMN_TOP = 26, 96, 20
_GAP = 2


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle. css: its class; x, y, width, height as SVG has them."""

    css: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word at a place. anchor: which end of it stands there."""

    text: str
    x: str
    y: str
    anchor: str = "start"
    css: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Marks and words of one hue. css: the class that gives the hue."""

    css: str
    boxes: Sequence[Box] = ()
    words: Sequence[Word] = ()
    line: tuple[str, str, str] | None = None
    dots: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture. said: what it shows, in a sentence for who does not see it."""

    said: str
    height: int
    rows: Sequence[Row]
    width: int = WIDTH


def bars_of_spans(spans: Sequence[Category]) -> Picture:
    """Return a bar for each category, as long as there are places."""
    shown = _most(spans)
    most = max((category.count for category in shown), default=1) or 1
    room = WIDTH - _NAMES - 8 - 7 * len(f"{most:,}")
    rows = []
    for number, category in enumerate(shown):
        y = number * _ROW
        length = max(room * category.count / most, 1)
        rows.append(
            Row(
                css=category.css,
                boxes=(Box("hue", _at(_NAMES), _at(y + 5), _at(length), _at(_ROW - 10)),),
                words=(
                    Word(_short(category.name), "0", _at(y + 17)),
                    Word(f"{category.count:,}", _at(_NAMES + length + 6), _at(y + 17), css="num"),
                ),
            )
        )
    said = ", ".join(f"{category.name} {category.count:,}" for category in shown)
    return Picture(f"Hidden places by category: {said}.", max(len(shown), 1) * _ROW, rows)


def columns_of_days(days: Sequence[DayCount]) -> Picture:
    """Return a column for each day, cut into kinds."""
    most = max((day.total for day in days), default=1) or 1
    step = WIDTH / max(len(days), 1)
    floor = _COLUMN_TOP + _COLUMN_HEIGHT
    rows = []
    for number, day in enumerate(days):
        x, top = number * step + (step - _COLUMN) / 2, float(floor)
        boxes = []
        for kind in Kind:
            height = _COLUMN_HEIGHT * day.by_kind[kind] / most
            if height:
                top -= height
                shown = max(height - _GAP, 1)
                boxes.append(Box(f"of-{kind.value}", _at(x), _at(top), str(_COLUMN), _at(shown)))
        middle = _at(x + _COLUMN / 2)
        words = [
            Word(f"{day.day:%a}", middle, _at(floor + 18), "middle"),
            Word(f"{day.day.day}", middle, _at(floor + 34), "middle", "faint"),
            Word(f"{day.total:,}", middle, _at(top - 6), "middle", "num" if day.total else "faint"),
        ]
        rows.append(Row("", boxes, words))
    said = ", ".join(f"{day.day:%A} {day.total}" for day in days)
    return Picture(f"Items added on each day: {said}.", floor + 40, rows)


def spans_of_time(readiness: Sequence[Readiness]) -> Picture:
    """Return for each kind the way from its median to its 95th percentile, on a log scale."""
    ends = [max(value, 0.01) for one in readiness for value in (one.median, one.p95)]
    low, high = math.log(min(ends, default=1)), math.log(max(ends, default=1))
    left, right = 132.0, WIDTH - 66.0
    rows = []
    for number, one in enumerate(readiness):
        y = number * 36 + 18
        places = [
            left + (right - left) * ((math.log(max(value, 0.01)) - low) / (high - low or 1))
            for value in (one.median, one.p95)
        ]
        rows.append(
            Row(
                css="",
                line=(_at(places[0]), _at(places[1]), _at(y)),
                dots=((_at(places[0]), _at(y), "full"), (_at(places[1]), _at(y), "open")),
                words=(
                    Word(one.kind.label, "0", _at(y + 4)),
                    Word(duration(one.median), _at(places[0] - 9), _at(y + 4), "end", "num"),
                    Word(duration(one.p95), _at(places[1] + 9), _at(y + 4), "start", "faint num"),
                ),
            )
        )
    said = ", ".join(
        f"{one.kind.label} {duration(one.median)}, 95 % within {duration(one.p95)}"
        for one in readiness
    )
    return Picture(f"Time until ready, median: {said}.", max(len(readiness), 1) * 36, rows)


def two_sided(weaknesses: Sequence[Weakness]) -> Picture:
    """Return for each category what was missed (right) and what was wrong (left)."""
    shown = [one for one in weaknesses if one.missed or one.wrong]
    shown = sorted(shown, key=lambda one: -(one.missed + one.wrong))[:MOST_ROWS]
    most = max((max(one.missed, one.wrong) for one in shown), default=1) or 1
    axis = _NAMES + (WIDTH - _NAMES) / 2
    room = (WIDTH - _NAMES) / 2 - 10 - 7 * len(f"{most:,}")
    rows = [
        Row(
            css="",
            words=(
                Word("wrongly hidden", _at(axis - 8), "12", "end", "faint"),
                Word("missed", _at(axis + 8), "12", "start", "faint"),
            ),
        )
    ]
    for number, one in enumerate(shown):
        y = number * _ROW + 20
        boxes, words = [], [Word(_short(one.category.name), "0", _at(y + 17))]
        if one.wrong:
            length = max(room * one.wrong / most, 1)
            box = Box("hue hollow", _at(axis - 1 - length), _at(y + 5), _at(length), "16")
            boxes.append(box)
            words.append(Word(f"{one.wrong:,}", _at(axis - 7 - length), _at(y + 17), "end", "num"))
        if one.missed:
            length = max(room * one.missed / most, 1)
            boxes.append(Box("hue", _at(axis + 1), _at(y + 5), _at(length), "16"))
            words.append(Word(f"{one.missed:,}", _at(axis + 7 + length), _at(y + 17), css="num"))
        rows.append(Row(one.category.css, boxes, words))
    said = ", ".join(
        f"{one.category.name} {one.missed} missed and {one.wrong} wrong" for one in shown
    )
    return Picture(f"What people corrected: {said}.", len(shown) * _ROW + 22, rows)


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it: "0.6 s", "12 s", "3.5 min", "2.1 h"."""
    for most, unit, size in ((59.95, "s", 1.0), (3597.0, "min", 60.0), (math.inf, "h", 3600.0)):
        if seconds < most:
            value = seconds / size
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"
    return ""


def _most(spans: Sequence[Category]) -> list[Category]:
    """Return the categories with the most places, in the order in which they came."""
    kept = sorted(spans, key=lambda category: -category.count)[:MOST_ROWS]
    return [category for category in spans if category in kept]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _at(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
