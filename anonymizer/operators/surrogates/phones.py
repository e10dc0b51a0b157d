"""Telephone numbers from the ranges that regulators keep for films and examples."""

from __future__ import annotations

import random

import phonenumbers

# National numbers by country: fixed digits, X for a free one. Sources: NANPA 555-0100 to 0199,
# Ofcom and ACMA and ARCEP and Bundesnetzagentur and PTS, each on numbers for drama.
_RESERVED = {
    1: ("NXX55501XX",),
    44: ("7700900XXX", "2079460XXX", "1632960XXX", "1134960XXX"),
    61: ("491570XXX", "255501XXX"),
    33: ("19900XXXX", "639980XXX"),
    49: ("3023125XXX", "8999998XXX", "15228817XXX"),
    46: ("701740 6XX".replace(" ", ""), "84650 04XX".replace(" ", "")),
    353: ("209119XXX",),
}
_AREAS = ("202", "212", "303", "312", "404", "415", "503", "602", "617", "713", "808", "907")


def phone(value: str, chance: random.Random) -> str | None:
    """Return another number of the same country in the same shape.

    Where a country keeps numbers for examples, it is one of them; elsewhere the leading digits
    stay and the last ones change.
    """
    digits = "".join(char for char in value if char.isdecimal())
    if len(digits) < 5:
        return None
    country = _country(value, digits)
    national = _national(country, digits, chance) if country else None
    if national is not None:
        return _laid_into(value, national)
    changed = max(4, len(digits) - 5)
    tail = "".join(str(chance.randrange(10)) for _ in range(changed))
    return _laid_into(value, digits[:-changed] + tail)


def _country(value: str, digits: str) -> int | None:
    """Return the calling code that a number names or that its form tells."""
    for text, region in ((value, None), (value, "US"), (value, "GB"), (value, "DE"), (value, "FR")):
        if region is None and not value.lstrip(" (").startswith(("+", "00")):
            continue
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if region is None or phonenumbers.is_valid_number(number):
            return number.country_code
    return 1 if len(digits) == 10 and digits[0] in "23456789" else None


def _national(country: int, digits: str, chance: random.Random) -> str | None:
    """Return all digits of a reserved number with as many digits, prefixes included."""
    forms = _RESERVED.get(country, ())
    code = str(country)
    for prefix in ("00" + code, code, "0", ""):
        if not digits.startswith(prefix) or (not prefix and country != 1):
            continue
        fitting = [form for form in forms if len(form) == len(digits) - len(prefix)]
        if fitting:
            form = chance.choice(fitting).replace("NXX", chance.choice(_AREAS))
            return prefix + "".join(str(chance.randrange(10)) if c == "X" else c for c in form)
    if country == 1 and 7 <= len(digits) - digits.startswith("1") < 10:
        end = f"55501{chance.randrange(100):02d}"
        return digits[: len(digits) - 7] + end
    return None


def _laid_into(shape: str, digits: str) -> str:
    left = iter(digits)
    return "".join(next(left, "") if char.isdecimal() else char for char in shape)
