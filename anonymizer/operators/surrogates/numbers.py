"""Numbers that identify somebody: the same shape, valid check digits, test ranges where known."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator

# First digits of the networks' published test numbers.
_TEST_CARDS = {
    "4": "400000", "51": "555555", "34": "371449", "37": "378282", "6": "601111", "35": "353011",
    "30": "305693", "36": "305693", "38": "305693", "2": "222300",
}  # fmt: skip


def same_shape(value: str, chance: random.Random) -> str | None:
    """Return a value with a digit for each digit and a letter for each letter; signs stay."""
    made = "".join(_like(char, chance) for char in value)
    return made if made != value else None


def card(value: str, chance: random.Random) -> str | None:
    """Return a number from a test range of the same network, with a valid check digit."""
    digits = [char for char in value if char.isdigit()]
    if len(digits) < 12:
        return same_shape(value, chance)
    plain = "".join(digits)
    start = next((_TEST_CARDS[n] for n in (plain[:2], plain[0]) if n in _TEST_CARDS), "555555")
    body = start + "".join(str(chance.randrange(10)) for _ in digits[len(start) + 1 :])
    return _laid_into(value, body + _luhn_digit(body))


def iban(value: str, chance: random.Random) -> str | None:
    """Return an IBAN of the same country with a bank that is not there and valid check digits."""
    plain = [char for char in value if char.isalnum()]
    if len(plain) < 8 or not all(char.isascii() for char in plain):
        return None
    # Numbers of banks do not begin with three nines.
    bank = ["9" if char.isdigit() else char.upper() for char in plain[4:7]]
    account = [_like(char.upper(), chance) for char in plain[7:]]
    country, body = "".join(plain[:2]).upper(), "".join(bank + account)
    if not country.isalpha():
        return None
    number = "".join(str(int(char, 36)) for char in f"{body}{country}00")
    check = 98 - int(number) % 97
    made = _laid_into(value, f"{country}{check:02d}{body}")
    return made.lower() if value.islower() else made


def social_security(value: str, chance: random.Random) -> str | None:
    """Return a US number that is never given out (area from 900, group 00), in the same shape."""
    digits = [char for char in value if char.isdigit()]
    if len(digits) != 9:
        return same_shape(value, chance)
    return _laid_into(value, f"{chance.randint(900, 999)}00{chance.randint(1, 9999):04d}")


def _like(char: str, chance: random.Random) -> str:
    if char.isdigit():
        zero = ord(char) - int(char) if char.isdecimal() else ord("0")
        return chr(zero + chance.randrange(10))
    if char.isalpha() and char.isascii():
        letters = string.ascii_uppercase if char.isupper() else string.ascii_lowercase
        return chance.choice(letters)
    return char


def _laid_into(shape: str, signs: str) -> str:
    """Return the signs with the gaps of a shape."""
    left: Iterator[str] = iter(signs)
    return "".join(next(left, "") if char.isalnum() else char for char in shape)


def _luhn_digit(body: str) -> str:
    total = 0
    for index, char in enumerate(reversed(body)):
        doubled = int(char) * (2 if index % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
