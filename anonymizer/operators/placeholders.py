"""Placeholders such as [PERSON_1]: how they are written, and recognised after a rewrite.

A language model changes case, puts spaces, quotes or escapes inside the brackets, or moves the
possessive into them. All of that is read; what lacks its brackets is not, since plain words may
look like that. The expression is fixed: nothing that comes from a user becomes part of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PAIRS = {"[": "]", "<": ">", "［": "］", "【": "】", "&lt;": "&gt;"}
_QUOTE = "[\"'`“”‘’«»*]{0,3}"
_ESCAPE = r"\\{0,2}"
# Bounded at every step, so that no text makes it slow.
_PLACEHOLDER = re.compile(
    rf"{_ESCAPE}(?P<open>\[|<|［|【|&lt;)[ \t\u00a0]{{0,3}}{_QUOTE}[ \t]?"
    rf"(?P<name>[A-Za-z]{{1,24}}(?:{_ESCAPE}[_ \-][A-Za-z]{{1,24}}){{0,4}}){_ESCAPE}"
    r"(?:[_\-]| ){1,2}(?P<number>[1-9][0-9]{0,8})"
    rf"(?P<possessive>['’]s)?[ \t]?{_QUOTE}[ \t\u00a0]{{0,3}}"
    rf"{_ESCAPE}(?P<close>\]|>|］|】|&gt;)"
)
_JOINTS = re.compile(r"[\\_ \-]+")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder found in a text.

    key:        the same for every spelling, "PERSON_1"
    possessive: "'s" if it was moved into the brackets
    """

    start: int
    end: int
    key: str
    possessive: str


def find_placeholders(text: str) -> Iterator[Placeholder]:
    """Yield everything that reads as a placeholder, from left to right."""
    position = 0
    while match := _PLACEHOLDER.search(text, position):
        if _PAIRS[match["open"]] != match["close"]:
            position = match.start("name")
            continue
        name = _JOINTS.sub("_", match["name"]).strip("_").upper()
        key = f"{name}_{match['number']}"
        # A lone backslash before the bracket belongs to the text, not to an escape.
        is_escaped = text[match.start("close") - 1] == "\\"
        start = match.start() if is_escaped else match.start("open")
        yield Placeholder(start, match.end(), key, match["possessive"] or "")
        position = match.end()


def key_of(placeholder: str) -> str | None:
    """Return the key of a string that is one whole placeholder, else None."""
    found = next(find_placeholders(placeholder), None)
    is_whole = found is not None and (found.start, found.end) == (0, len(placeholder))
    return found.key if found is not None and is_whole and not found.possessive else None


def written(name: str, number: int) -> str:
    """Return a placeholder as it stands in a redacted text; number 0 is left out."""
    return f"[{name}_{number}]" if number else f"[{name}]"
