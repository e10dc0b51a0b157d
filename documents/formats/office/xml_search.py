"""What an XML part says, read for a search: texts, attributes, names, and nothing overlooked.

The names and fixed values of the formats themselves ("header", "green", "Georgia" as a font) are
no survivors though people have such names; vocabulary.txt holds these words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote
from xml.parsers import expat

from documents.formats.survivors import folded

# Elements whose text a reader sees in one piece, by their names without namespace.
_BLOCKS: Final = frozenset(
    {"p", "h", "si", "is", "v", "t", "text", "title", "desc", "f", "definedName", "author"}
)
# Attributes that hold free text: searched whatever their words.
_FREE: Final = frozenset(
    {"descr", "title", "alt", "string", "tooltip", "display", "formatCode", "href"}
)
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Numbers of a measure, cells, ids.
_OWN_NUMBER: Final = re.compile(
    r"\d{1,10}|[a-z]{1,3}\d{1,7}|[0-9a-f]{6}|[0-9a-f]{8}|[0-9a-f]{20}|[01]{12}"
    r"|\d+(pt|in|cm|mm|em)"
)

_GUID: Final = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
# Where one word of a name like "NormalTable" ends and the next begins.
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class DeclaresTypeError(Exception):
    """Raised when XML declares a document type."""


class XmlSearch:
    """The texts and values of one part.

    blocks:     texts that are seen in one piece
    all:        every text in its order, but those that are only numbers of other things
    attributes: values of attributes, and names, that are not the format's own
    looked_at:  how many attributes there were
    """

    def __init__(self, part: bytes) -> None:
        self.blocks: set[str] = set()
        self.attributes: set[str] = set()
        self.all: list[str] = []
        self.looked_at = 0
        self._open: list[list[str]] = []
        self._is_index = False
        self._own: dict[str, bool] = {}
        self._parse(part)

    def texts(self) -> Iterator[str]:
        """Yield every text that a value may stand in, in each way in which it is written."""
        for block in self.blocks:
            yield from read_otherwise(block)

    def values(self) -> Iterator[str]:
        """Yield every attribute, in each way in which it is written."""
        for value in self.attributes:
            yield from read_otherwise(value)

    def _parse(self, part: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = self.attributes.add
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartDoctypeDeclHandler = _refuse
        parser.Parse(part, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._look_at(name)
        plain = name.rpartition(" ")[2]
        if plain == "c":
            self._is_index = attributes.get("t") == "s"
        if plain in _BLOCKS:
            self._open.append([])
        is_outward = attributes.get("TargetMode") == "External"
        for key, value in attributes.items():
            self._look_at(key)
            if key.rpartition(" ")[2] in _FREE or (is_outward and key == "Target"):
                self.attributes.add(value)
            else:
                self._look_at(value)

    def _look_at(self, value: str) -> None:
        self.looked_at += 1
        is_own = self._own.get(value)
        if is_own is None:
            is_own = self._own[value] = is_of_the_format(value)
        if not is_own:
            self.attributes.add(value)

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] in _BLOCKS:
            text = "".join(self._open.pop())
            if text:
                self.blocks.add(text)
                if self._open:
                    self._open[-1].append(text)

    def _text(self, text: str) -> None:
        if self._open and not self._is_index:
            self._open[-1].append(text)
            self.all.append(text)
        elif not self._open and not is_of_the_format(text):
            self.blocks.add(text)
            self.all.append(text)
        elif self._is_index and not text.strip().isdecimal():
            self.blocks.add(text)

    def _instruction(self, target: str, data: str) -> None:
        self.attributes.add(f"{target} {data}")

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        self._look_at(prefix or "")
        self._look_at(uri or "")


def read_otherwise(text: str) -> Iterator[str]:
    """Yield a text as it stands, and as an address or a sheet's cell would show it."""
    yield text
    if "%" in text:
        yield unquote(text)
    if "_x" in text:
        yield _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def is_of_the_format(value: str) -> bool:
    """Say whether a value is made of nothing but words that the formats use themselves."""
    if _GUID.fullmatch(value):
        return True
    parts = folded(value).split()
    return all(map(_is_own_word, parts)) or (
        bool(_HUMP.search(value)) and all(map(_is_own_word, folded(_HUMP.sub(" ", value)).split()))
    )


def _is_own_word(word: str) -> bool:
    words = vocabulary()
    return bool(word in words or word.rstrip("0123456789") in words or _OWN_NUMBER.fullmatch(word))


@cache
def vocabulary() -> frozenset[str]:
    """Return the words of the formats: elements, attributes, fixed values, usual fonts."""
    path = Path(__file__).with_name("vocabulary.txt")
    return frozenset(path.read_text(encoding="utf-8").split())


def _refuse(*_: object) -> None:
    raise DeclaresTypeError
