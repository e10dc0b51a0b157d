"""JSON: shown with its layout and its strings as they are meant, written as valid JSON.

The text of a file is its layout with every string decoded, a line a block; a file on one long
line is laid out anew for reading. The file itself keeps its own layout: a writer changes only the
strings, numbers and other values that meet a hidden span, and those become strings.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from documents.formats.model import (
    Block,
    Check,
    Cleaned,
    DamagedError,
    Extracted,
    Hidden,
    Kind,
    ReadOptions,
    Role,
    TooLargeError,
)
from documents.formats.plain.checking import bytes_check, places_check
from documents.formats.plain.decoding import Source, notes_on, source_of
from documents.formats.plain.pieces import MOST_BLOCKS, rewritten
from documents.formats.survivors import HiddenValues

# A file with a longer line is laid out anew.
LONGEST_LINE = 500
_TOKEN = re.compile(
    r'"(?P<string>(?:[^"\\]+|\\.)*+)"|(?P<value>[^\s\[\]{}:,"]+)|(?P<sign>[\[\]{}:,])', re.DOTALL
)
_LINE = re.compile(r"[^\n]+")
_LONE = re.compile(r"[\ud800-\udfff]")
_CLOSING = {"{": "}", "[": "]"}
_CLOSERS = frozenset(_CLOSING.values())
_FOLLOWING = frozenset({":", ","})
DEEPEST_INDENT = 40


class Token(NamedTuple):
    """A string, another value or a sign: where it stands in the source, and what it says."""

    start: int
    end: int
    text: str
    kind: str


def read(content: bytes, options: ReadOptions) -> Extracted:
    """Return a file's layout with its strings as they are meant, its lines as blocks."""
    source = source_of(content, options.limits)
    parsed_values(source.text)
    text = shown(source)
    if len(text) > options.limits.characters:
        raise TooLargeError(
            f"This file is too long: at most {options.limits.characters:,} characters are taken."
        )
    blocks = tuple(Block(Role.CODE, *match.span()) for match in _LINE.finditer(text))
    if len(blocks) > MOST_BLOCKS:
        raise TooLargeError(f"This file has too many lines: at most {MOST_BLOCKS:,} are taken.")
    return Extracted(Kind.JSON, text, blocks, notes=notes_on(source))


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
) -> Cleaned:
    """Return valid JSON with each span replaced; all other signs stay as they were.

    A key that was changed to one that its object has already gets a number.
    """
    source = source_of(content, options.limits)
    edits = _edits(source.text, _changed(source, hidden))
    return Cleaned(source.edited(edits).encode("utf-8", "replace"))


def verify(clean: bytes, values: HiddenValues, *, options: ReadOptions) -> tuple[Check, ...]:
    """Return where a hidden value still stands: in the bytes, or in a parsed key or value."""
    parsed = parsed_values(source_of(clean, options.limits).text)
    return bytes_check(clean, values), places_check("values", _leaves(parsed), values)


def parsed_values(text: str) -> list[Any]:
    """Return the value of a text, or the values if it has one on each line (JSON Lines)."""
    try:
        return _values(text)
    except RecursionError:
        raise TooLargeError("This file is nested too deeply to be read.") from None
    except ValueError:
        raise DamagedError("This file could not be read: it is not valid JSON.") from None


def _values(text: str) -> list[Any]:
    # Numbers stay as they are written: a number of many digits is a value like another.
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)
    try:
        return [decoder.decode(text)]
    except ValueError:
        lines = [line for line in text.split("\n") if line.strip()]
        return [decoder.decode(line) for line in lines]


def shown(source: Source) -> str:
    """Return the text to read."""
    parts: list[str] = []
    for token, gap in _with_gaps(source.text):
        parts += (gap, f'"{token.text}"' if token.kind == "string" else token.text)
    return "".join(parts)


def _with_gaps(text: str) -> Iterator[tuple[Token, str]]:
    """Yield tokens and what stands before each in the text to read."""
    is_long = any(match.end() - match.start() > LONGEST_LINE for match in _LINE.finditer(text))
    return _laid_out(text) if is_long else _as_it_stands(text)


def _changed(source: Source, hidden: Sequence[Hidden]) -> dict[int, str]:
    """Return the new texts of strings and values that meet a hidden span, by their places."""
    met: list[Token] = [Token(0, 0, "", "sign")]

    def ranges() -> Iterator[tuple[int, int]]:
        at = 0
        for token, gap in _with_gaps(source.text):
            quote = token.kind == "string"
            start = at + len(gap) + quote
            at = start + len(token.text) + quote
            if token.kind != "sign":
                met[0] = token
                yield start, start + len(token.text)

    new = {}
    for _, text in rewritten(shown(source), ranges(), hidden):
        new[met[0].start] = text
    return new


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the strings, values and signs of valid JSON."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        said = meant(match[1]) if kind == "string" else match[0]
        yield Token(match.start(), match.end(), said, kind)


def meant(raw: str) -> str:
    """Return what stands between the quotes of a string, its escapes resolved.

    What is no character of a text (half of a pair) is U+FFFD.
    """
    if "\\" not in raw:
        return raw
    return _LONE.sub("\ufffd", json.loads(f'"{raw}"', strict=False))


def _as_it_stands(text: str) -> Iterator[tuple[Token, str]]:
    at = 0
    for token in tokens_of(text):
        yield token, text[at : token.start]
        at = token.end


def _laid_out(text: str) -> Iterator[tuple[Token, str]]:
    """Yield tokens, each value with a line of its own."""
    depth = 0
    before = ""
    for token in tokens_of(text):
        sign = token.text if token.kind == "sign" else ""
        if sign in _CLOSERS:
            depth -= 1
        if not before or sign in _FOLLOWING or (before in _CLOSING and sign == _CLOSING[before]):
            gap = ""
        else:
            gap = " " if before == ":" else "\n" + "  " * min(depth, DEEPEST_INDENT)
        if sign in _CLOSING:
            depth += 1
        before = sign or "value"
        yield token, gap


def _edits(text: str, new: dict[int, str]) -> Iterator[tuple[int, int, str]]:
    """Yield what changes in the source, the keys of each object kept apart.

    new: texts by the place of their token
    """
    objects = {key.start: place for key, place in _keys_of(text) if key.start in new}
    names: dict[int, set[str]] = {place: set() for place in objects.values()}
    for key, place in _keys_of(text) if names else ():
        if place in names and key.start not in new:
            names[place].add(key.text)
    for token in tokens_of(text) if new else ():
        if token.start in new:
            said = new[token.start]
            if token.start in objects:
                said = _unlike(said, names[objects[token.start]])
            yield token.start, token.end, json.dumps(said, ensure_ascii=False)


def _keys_of(text: str) -> Iterator[tuple[Token, int]]:
    """Yield the keys, each with the place of its object."""
    opened: list[int] = []
    for token, after in itertools.pairwise(tokens_of(text)):
        if token.kind != "sign":
            if after.text == ":" and after.kind == "sign":
                yield token, opened[-1]
        elif token.text in _CLOSING:
            opened.append(token.start)
        elif token.text in _CLOSERS:
            opened.pop()


def _unlike(name: str, names: set[str]) -> str:
    number = 1
    found = name
    while found in names:
        number += 1
        found = f"{name} ({number})"
    names.add(found)
    return found


def _leaves(values: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield every key and value as text, by its number."""
    waiting: list[Any] = [values]
    count = 0
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            count += 1
            yield f"value {count}", value
