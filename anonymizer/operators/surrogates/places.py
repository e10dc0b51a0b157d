"""Postal addresses: streets and towns that are not there, in the shape of the original."""

from __future__ import annotations

import random
import re

_STREETS = (
    "Alder", "Bramble", "Cedar Hill", "Copper", "Elderberry", "Fallow", "Gable", "Harrow", "Ivy",
    "Juniper", "Kestrel", "Lantern", "Mallow", "Nettle", "Orchard View", "Pebble", "Quarry",
    "Rowan", "Saffron", "Thistle", "Umber", "Violet", "Willowbrook", "Yarrow",
)  # fmt: skip
_TOWNS = (
    "Ashwick", "Belmere", "Carrowby", "Dunmarsh", "Elmford", "Fernholt", "Greyhaven", "Hollowfield",
    "Inverlea", "Kirkdale", "Larkstone", "Marwell", "Northmere", "Oakhurst", "Pinecombe",
    "Ravensby", "Stonebeck", "Thornlea", "Westmarsh", "Wynford",
)  # fmt: skip
# What stays, since it names no place by itself: kinds of streets and of units.
_KINDS = re.compile(
    r"^(?:st|street|ave|avenue|rd|road|blvd|boulevard|ln|lane|dr|drive|ct|court|loop|way|square|sq"
    r"|apt|suite|ste|unit|floor|fl|no|nr|po|p\.o|box|rue|via|calle|avenida|av|rua|plaza|place|pl"
    r"|platz|allee|weg|de|del|della|la|le|les|des|du|da|do|van|of|the)\.?$",
    re.IGNORECASE,
)
_GERMANIC = re.compile(r"(?:straße|strasse|str\.|gasse|weg|platz|allee|straat|laan|gade|gatan)$")
_WORDS = re.compile(r"[^\W\d_]+(?:[.'’\-][^\W\d_]+)*\.?|\d+|\s+|.", re.DOTALL)
_RUN = re.compile(r"[^,;\n]+|[,;\n]")


def address(value: str, chance: random.Random) -> str | None:
    """Return an address with other numbers, streets and towns; line ends and commas stay."""
    if not any(char.isascii() and char.isalpha() for char in value) and any(
        char.isalpha() for char in value
    ):
        return None  # nothing realistic is known in other scripts
    parts = _RUN.findall(value)
    made = []
    for index, part in enumerate(parts):
        names = _STREETS if index == 0 and len(parts) > 1 else _TOWNS
        made.append(_part(part, names, chance))
    return "".join(made)


def _part(part: str, names: tuple[str, ...], chance: random.Random) -> str:
    """Return one part; the first of several neighbouring words becomes a name, others go."""
    pieces: list[str] = []
    named = False
    for piece in _WORDS.findall(part):
        if piece.isdecimal():
            pieces.append(_number(piece, chance))
        elif not piece[0].isalpha() or _KINDS.match(piece):
            pieces.append(piece)
        elif len(piece) == 2 and piece.isupper():  # a state, or half of a British post code
            pieces.append("".join(chance.choice("ABCDEFGHJKLMNPRSTWXY") for _ in piece))
        elif not named:
            named = True
            ending = _GERMANIC.search(piece.lower())
            name = chance.choice(names)
            made = name.split()[0] + piece[ending.start() :] if ending else name
            pieces.append(made.upper() if piece.isupper() and len(piece) > 2 else made)
        elif pieces and pieces[-1].isspace():
            pieces.pop()
    return "".join(pieces)


def _number(digits: str, chance: random.Random) -> str:
    first = chance.choice("123456789")
    return first + "".join(chance.choice("0123456789") for _ in digits[1:])
