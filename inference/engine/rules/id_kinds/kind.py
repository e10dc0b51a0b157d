"""What a rule knows about one kind of identity number."""

from __future__ import annotations

from dataclasses import dataclass

MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"


@dataclass(frozen=True, slots=True)
class IdKind:
    """One kind of identity number.

    subtype: SSN, NATIONAL_ID, TAX_ID, HEALTH_ID, PASSPORT, DRIVER_LICENSE, DEVICE_ID or VEHICLE_ID
    name:    how it is called in a reason
    alone:   pattern of the form that is telling without any words, "" if there is none
    check:   module of python-stdnum that validates it, "" if there is no checksum
    words:   what announces it, separated by bars, as written (they are folded before use)
    shape:   pattern of what may follow the words; "" to use `alone`
    lax:     the form in `alone` convinces even where the check fails
    """

    subtype: str
    name: str
    alone: str = ""
    check: str = ""
    words: str = ""
    shape: str = ""
    lax: bool = False


def digits(*counts: int) -> str:
    """Return a pattern for so many digits with single separators between any of them."""
    return "(?:" + "|".join(rf"\d(?:[ .\-/]?\d){{{n - 1}}}" for n in sorted(counts)[::-1]) + ")"
