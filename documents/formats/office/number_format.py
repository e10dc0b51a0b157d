"""Numbers as a sheet shows them, by their format code; dates always whole.

A text that tells less than the value (digits rounded off a whole number, a date without its day, a
format that shows nothing) gives way to the value itself: what is not shown cannot be found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

BUILT_IN: Final = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy-mm-dd",
    15: "yyyy-mm-dd",
    16: "yyyy-mm-dd",
    17: "yyyy-mm-dd",
    18: "hh:mm",
    19: "hh:mm:ss",
    20: "hh:mm",
    21: "hh:mm:ss",
    22: "yyyy-mm-dd hh:mm",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss",
    48: "0.0E+0",
    49: "@",
}
# Codes that East Asian versions of Excel use for dates.
BUILT_IN_DATES: Final = frozenset({*range(27, 37), *range(50, 59)})

_TOKENS = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)(?:-[^\]]*)?\]|\[(h+|m+|s+)\]|\[[^\]]*\]'
    r"|(AM/PM|A/P|General)|([#0?][#0?,]*(?:\.[#0?]+)?,*|\.[#0?]+)|([eE][+-][0#?]+)"
    r"|([ymdhsgb]+(?:\.0+)?)|(.)",
    re.IGNORECASE | re.DOTALL,
)
_EPOCH_1900: Final = datetime(1899, 12, 30)
_EPOCH_1904: Final = datetime(1904, 1, 1)
_Shower = Callable[[float], str]


def displayed(raw: str, code: str, *, is_1904: bool = False) -> str:
    """Return a number, given as the file writes it, as its format shows it."""
    if code == "General" and len(raw) < 16 and raw.isdecimal() and raw.isascii():
        return raw
    try:
        value = float(raw)
    except ValueError:
        return raw
    if value != value or value in {float("inf"), float("-inf")}:
        return raw
    shown = _shower(code, is_1904)(value)
    return shown if _tells_all(value, shown, code) else general(value)


def general(value: float) -> str:
    """Return a number with all of its digits and no exponent where it has up to 21 digits."""
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return repr(value) if abs(value) >= 1e21 else f"{value:.15g}"


def literals_of(code: str) -> str:
    """Return the text that a format code adds to numbers."""
    found = []
    for match in _TOKENS.finditer(code):
        found.append(match[1] or match[2] or match[3] or "")
        found.append(match[9] or "")
    return "".join(found)


def is_date(code: str) -> bool:
    """Say whether a format code shows dates or times."""
    section = code.partition(";")[0]
    return any(match[4] or match[8] for match in _TOKENS.finditer(section))


def _tells_all(value: float, shown: str, code: str) -> bool:
    if is_date(code):
        return bool(shown)
    digits = re.sub(r"\D", "", shown)
    wanted = general(abs(value))
    if value == int(value):
        scaled = str(int(abs(value) * 100))
        return wanted in digits or ("%" in code and scaled in digits)
    # Rounded decimals are what a person reads; the whole part must stand.
    whole = str(int(abs(value)))
    near = str(int(abs(value)) + 1)
    return bool(digits) and (whole in digits or near in digits or "%" in code)


@lru_cache(maxsize=2_000)
def _shower(code: str, is_1904: bool) -> _Shower:
    if not code or code.casefold() == "general" or code.strip() == "@":
        return general
    sections = _sections(code)
    if any(is_date(section) for section in sections[:1]):
        return lambda value: _date(value, code, is_1904)
    showers = [_number_shower(section) for section in sections[:3]]

    def show(value: float) -> str:
        if value < 0 and len(showers) > 1:
            return showers[1](-value)
        if value == 0 and len(showers) > 2:
            return showers[2](value)
        sign = "-" if value < 0 else ""
        return sign + showers[0](abs(value))

    return show


def _sections(code: str) -> list[str]:
    """Split a code at the semicolons that are not quoted."""
    return re.findall(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;])+|(?<=;)(?=;|$)|^(?=;)', code) or [code]


def _number_shower(section: str) -> _Shower:
    before, after, digits = "", "", ""
    exponent = False
    for match in _TOKENS.finditer(section):
        quoted, escaped, currency, _, word, number, power, _, sign = match.groups()
        literal = quoted or escaped or currency or sign or ""
        if word and word.casefold() == "general":
            digits = digits or "General"
        elif number and not digits:
            digits = number
        elif number and "/" in after:
            # A fraction; shown as a decimal number.
            return general
        elif power:
            exponent = True
        elif digits:
            after += literal
        else:
            before += literal
    if not digits:
        return lambda value: before
    return lambda value: f"{before}{_digits(value, digits, after, exponent)}{after}".strip()


def _digits(value: float, code: str, after: str, exponent: bool) -> str:
    if code == "General":
        return general(value)
    if "%" in after:
        value *= 100
    whole, _, decimals = code.partition(".")
    while whole.endswith(",") or decimals.endswith(","):
        whole, decimals = whole.removesuffix(","), decimals.removesuffix(",")
        value /= 1000
    places = min(len(decimals), 30)
    if exponent:
        return f"{value:.{places}E}"
    shown = f"{value:,.{places}f}" if "," in whole else f"{value:.{places}f}"
    if decimals.endswith("#") and "." in shown:
        least = len(decimals.rstrip("#?"))
        head, _, tail = shown.partition(".")
        tail = tail[:least] + tail[least:].rstrip("0")
        shown = f"{head}.{tail}" if tail else head
    width = whole.count("0")
    head, dot, tail = shown.partition(".")
    return head.rjust(width, "0") + dot + tail


def _date(value: float, code: str, is_1904: bool) -> str:
    """Return a date or time, as ISO writes it: all of it, whatever the code leaves out."""
    if any(match[4] for match in _TOKENS.finditer(code)):
        return _duration(value)
    epoch = _EPOCH_1904 if is_1904 else _EPOCH_1900
    try:
        # Excel counts a 29 February 1900 that never was.
        days = value + 1 if not is_1904 and 0 < value < 60 else value
        moment = epoch + timedelta(days=days)
    except OverflowError:
        return general(value)
    moment = _to_second(moment)
    if 0 <= value < 1:
        return _clock(moment.time())
    if moment.time() == time(0):
        return moment.date().isoformat()
    return f"{date.isoformat(moment.date())} {_clock(moment.time())}"


def _to_second(moment: datetime) -> datetime:
    try:
        return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    except OverflowError:
        return moment


def _clock(moment: time) -> str:
    return moment.isoformat("seconds" if moment.second else "minutes")


def _duration(value: float) -> str:
    seconds = round(value * 86_400)
    sign = "-" if seconds < 0 else ""
    minutes, second = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{second:02}"
