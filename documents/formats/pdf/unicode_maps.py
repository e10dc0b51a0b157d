"""ToUnicode maps of fonts: which text each character code stands for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

# A code with the number of its bytes: <01> and <0001> are two codes.
Code = tuple[int, int]

_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])")
_COMMENT = re.compile(rb"%[^\r\n]*")
_FRAME = re.compile(
    rb"\d+\s+begin(bfchar|bfrange|codespacerange)(?:\s|<[0-9A-Fa-f\s]*>|\[|\])*end\1"
    rb"|\b\d+ dict begin\b|/CMapType \d def\b"
)
_MOST_IN_RANGE = 65_536
_MOST_IN_SECTION = 100


def parsed(content: bytes) -> dict[Code, str]:
    """Return a map's entries; what is malformed is left out."""
    entries: dict[Code, str] = {}
    for section in _SECTION.finditer(_COMMENT.sub(b"", content)):
        tokens = [(hexed, opens) for hexed, opens, _ in _TOKEN.findall(section[2])]
        if section[1] == b"bfchar":
            _read_characters(tokens, entries)
        else:
            _read_ranges(tokens, entries)
    return entries


def beside(content: bytes) -> bytes:
    """Return what a map holds beside its entries, their counts and its kind."""
    return _FRAME.sub(b" ", content)


def written(entries: dict[Code, str], used: Collection[int] | None) -> bytes:
    """Return a map with the entries of the used codes only; of all where used is None."""
    kept = sorted(
        (size, code, text) for (code, size), text in entries.items() if used is None or code in used
    )
    return b"".join(_lines_of(kept))


def _lines_of(kept: list[tuple[int, int, str]]) -> Iterator[bytes]:
    yield b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
    yield b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
    sizes = sorted({size for size, _, _ in kept}) or [1]
    yield b"%d begincodespacerange\n" % len(sizes)
    for size in sizes:
        yield b"<%s> <%s>\n" % (b"00" * size, b"FF" * size)
    yield b"endcodespacerange\n"
    for start in range(0, len(kept), _MOST_IN_SECTION):
        section = kept[start : start + _MOST_IN_SECTION]
        yield b"%d beginbfchar\n" % len(section)
        for size, code, text in section:
            value = text.encode("utf-16-be", "surrogatepass").hex().upper()
            yield b"<%0*X> <%s>\n" % (2 * size, code, value.encode("ascii"))
        yield b"endbfchar\n"
    yield b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"


def _read_characters(tokens: list[tuple[bytes, bytes]], entries: dict[Code, str]) -> None:
    values = [_unhexed(hexed) for hexed, _ in tokens]
    for source, target in zip(values[::2], values[1::2], strict=False):
        if source:
            entries[int.from_bytes(source, "big"), len(source)] = _text_of(target)


def _read_ranges(tokens: list[tuple[bytes, bytes]], entries: dict[Code, str]) -> None:
    position = 0
    while position + 2 < len(tokens):
        low, high = _unhexed(tokens[position][0]), _unhexed(tokens[position + 1][0])
        first, last, size = int.from_bytes(low, "big"), int.from_bytes(high, "big"), len(low)
        count = min(last - first + 1, _MOST_IN_RANGE)
        position += 2
        if tokens[position][1]:
            position += 1
            offset = 0
            while position < len(tokens) and tokens[position][0]:
                entries[first + offset, size] = _text_of(_unhexed(tokens[position][0]))
                position, offset = position + 1, offset + 1
            position += 1
            continue
        target = _unhexed(tokens[position][0])
        position += 1
        base = int.from_bytes(target[-2:], "big")
        for offset in range(count):
            last_unit = ((base + offset) & 0xFFFF).to_bytes(2, "big")
            entries[first + offset, size] = _text_of(target[:-2] + last_unit)


def _unhexed(digits: bytes) -> bytes:
    plain = b"".join(digits.split())
    return bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode("ascii"))


def _text_of(value: bytes) -> str:
    if len(value) == 1:
        return value.decode("latin-1")
    return value.decode("utf-16-be", "replace")
