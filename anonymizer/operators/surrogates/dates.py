"""Dates shifted by days, in the format in which they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

_MONTHS = (
    "January February March April May June July August September October November December",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada"
    " grudnia",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)
_TABLES = tuple(tuple(names.split()) for names in _MONTHS)
_NUMERIC = re.compile(r"^(\d{1,4})([./\- ]|年|\. )(\d{1,2})([./\- ]|月|\. )(\d{1,4})(日?\.?)$")
_YEAR = r"(?:1[89]|20)\d\d"
_DAY_FIRST = re.compile(
    rf"^(?P<day>\d{{1,2}})(?P<a>(?:st|nd|rd|th|\.|º)?(?: de| of)? )(?P<month>[^\W\d_]+)"
    rf"(?P<b>\.?,?(?: de| del)? )(?P<year>{_YEAR})$",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"^(?P<month>[^\W\d_]+)(?P<a>\.? )(?P<day>\d{{1,2}})(?P<b>(?:st|nd|rd|th)?,? )"
    rf"(?P<year>{_YEAR})$",
    re.IGNORECASE,
)
_ENGLISH_ORDINAL = re.compile(r"(?:st|nd|rd|th)", re.IGNORECASE)


def shifted(value: str, days: int) -> str | None:
    """Return a date that is so many days off, written alike; None for what is no whole date."""
    numeric = _NUMERIC.match(value)
    if numeric:
        return _numeric(numeric, days)
    match = _DAY_FIRST.match(value) or _MONTH_FIRST.match(value)
    if match is None:
        return None
    for table in _TABLES:
        folded = [name.casefold() for name in table]
        if match["month"].casefold() in folded:
            month = folded.index(match["month"].casefold()) + 1
            return _worded(match, table, month, days)
    return None


def _numeric(match: re.Match[str], days: int) -> str | None:
    first, middle, last = int(match[1]), int(match[3]), int(match[5])
    order: Callable[[date], tuple[int, int, int]]
    if len(match[1]) == 4:
        when, order = _date(first, middle, last), lambda d: (d.year, d.month, d.day)
    elif len(match[5]) == 4 and middle <= 12 and not (match[2] == "/" and first <= 12):
        when, order = _date(last, middle, first), lambda d: (d.day, d.month, d.year)
    elif len(match[5]) == 4:
        when, order = _date(last, first, middle), lambda d: (d.month, d.day, d.year)
    else:
        return None
    moved = _moved(when, days)
    if moved is None:
        return None
    pads = any(part.startswith("0") for part in (match[1], match[3], match[5]))
    pads = pads or all(len(part) >= 2 for part in (match[1], match[3], match[5]))
    one, two, three = (f"{number:02d}" if pads else str(number) for number in order(moved))
    return f"{one}{match[2]}{two}{match[4]}{three}{match[6]}"


def _worded(match: re.Match[str], table: tuple[str, ...], month: int, days: int) -> str | None:
    moved = _moved(_date(int(match["year"]), month, int(match["day"])), days)
    if moved is None:
        return None
    name = table[moved.month - 1]
    given = match["month"]
    name = name.upper() if given.isupper() else name.lower() if given.islower() else name
    day = f"{moved.day:0{len(match['day'])}d}" if match["day"].startswith("0") else str(moved.day)
    a, b = (_ENGLISH_ORDINAL.sub(_ordinal(moved.day), match[part], count=1) for part in "ab")
    year = str(moved.year)
    if match.start("month") < match.start("day"):
        return f"{name}{a}{day}{b}{year}"
    return f"{day}{a}{name}{b}{year}"


def _ordinal(day: int) -> str:
    if 11 <= day <= 13:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _moved(when: date | None, days: int) -> date | None:
    try:
        return when + timedelta(days) if when else None
    except OverflowError:
        return None
