"""What a file is once it is read, as JSON: between two processes, and sealed at rest.

Numbers stand in flat lists, places on pages in whole hundredths (of a point or a pixel), so that
a thousand pages are written and read in seconds. Reading trusts nothing: what it returns has
blocks, pages and words that lie in order inside the text, or WireError is raised.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from documents.formats.model import (
    Block,
    Check,
    Cleaned,
    Extracted,
    Hidden,
    Kind,
    Page,
    Picture,
    Role,
    SolidBar,
    Word,
)

HUNDREDTHS = 100
LARGEST_PLACE = 10_000_000
LONGEST_SENTENCE = 1_000
MOST_SENTENCES = 2_000
LONGEST_TITLE = 2_000
_ROLES = tuple(Role)
_ROLE_NUMBERS = {role: number for number, role in enumerate(_ROLES)}
_BLOCK_NUMBERS = 8


class WireError(ValueError):
    """Raised when JSON is not what this module writes; the message quotes nothing of it."""


def parts_of(extracted: Extracted) -> Iterator[bytes]:
    """Yield a read file as pieces of bytes: its head, its text, then each page and picture."""
    yield as_bytes(
        {
            "kind": str(extracted.kind),
            "blocks": blocks_as_json(extracted.blocks),
            "pages": len(extracted.pages),
            "pictures": len(extracted.pictures),
            "notes": list(extracted.notes),
            "title": extracted.title[:LONGEST_TITLE],
        }
    )
    yield extracted.text.encode("utf-8", "surrogatepass")
    for page in extracted.pages:
        yield as_bytes(page_as_json(page))
    for picture in extracted.pictures:
        yield as_bytes(picture_as_json(picture))


def extracted_from(parts: Sequence[bytes]) -> Extracted:
    """Return a read file from its pieces; raises WireError unless everything in it agrees."""
    if len(parts) < 2:
        raise WireError("pieces are missing")
    head = _mapping(from_bytes(parts[0]))
    text = _text(parts[1])
    page_count, picture_count = _number(head.get("pages")), _number(head.get("pictures"))
    if len(parts) != 2 + page_count + picture_count:
        raise WireError("pieces are missing")
    pages = tuple(page_from_json(from_bytes(part)) for part in parts[2 : 2 + page_count])
    pictures = tuple(picture_from_json(from_bytes(part)) for part in parts[2 + page_count :])
    extracted = Extracted(
        kind=_kind(head.get("kind")),
        text=text,
        blocks=blocks_from_json(head.get("blocks")),
        pages=pages,
        pictures=pictures,
        notes=sentences(head.get("notes")),
        title=_string(head.get("title"), LONGEST_TITLE),
    )
    check(extracted)
    return extracted


def check(extracted: Extracted) -> None:
    """Raise WireError unless blocks, pages and words lie in order and inside the text."""
    length = len(extracted.text)
    _check_order(((block.start, block.end) for block in extracted.blocks), length)
    _check_order(((page.start, page.end) for page in extracted.pages), length)
    for numbered, page in enumerate(extracted.pages, 1):
        if page.number != numbered:
            raise WireError("pages are not in order")
    holders: tuple[Page | Picture, ...] = (*extracted.pages, *extracted.pictures)
    for holder in holders:
        if not 0 <= holder.start <= holder.end <= length:
            raise WireError("a page lies outside of the text")
        for word in holder.words:
            if not holder.start <= word.start < word.end <= holder.end:
                raise WireError("a word lies outside of its page")


def blocks_as_json(blocks: Sequence[Block]) -> dict[str, Any]:
    """Return blocks as one flat list of numbers, and the titles by the number of their block."""
    numbers: list[int] = []
    titles = {}
    for index, block in enumerate(blocks):
        numbers += (_ROLE_NUMBERS[block.role], block.start, block.end, block.level)
        numbers += (block.page, block.table, block.row, block.column)
        if block.title:
            titles[str(index)] = block.title[:LONGEST_TITLE]
    return {"numbers": numbers, "titles": titles}


def blocks_from_json(value: object) -> tuple[Block, ...]:
    """Return blocks from what `blocks_as_json` returns."""
    held = _mapping(value)
    numbers = _numbers(held.get("numbers"))
    titles = _mapping(held.get("titles"))
    if len(numbers) % _BLOCK_NUMBERS or max(numbers[::_BLOCK_NUMBERS], default=0) >= len(_ROLES):
        raise WireError("a block is incomplete")
    places = (iter(numbers),) * _BLOCK_NUMBERS
    blocks = [Block(_ROLES[role], *rest) for role, *rest in zip(*places, strict=True)]
    for index, title in titles.items():
        _give_title(blocks, index, _string(title, LONGEST_TITLE))
    return tuple(blocks)


def page_as_json(page: Page) -> list[Any]:
    """Return a page as a list of numbers and lists of numbers."""
    head = [page.number, _whole(page.width), _whole(page.height), page.start, page.end]
    return [*head, int(page.was_read_by_ocr), *_words_as_json(page.words)]


def page_from_json(value: object) -> Page:
    """Return a page from what `page_as_json` returns."""
    held = _list(value, 10)
    number, width, height, start, end, was_read = _numbers(held[:6])
    words = _words_from_json(held[6:])
    size = (width / HUNDREDTHS, height / HUNDREDTHS)
    return Page(number, *size, start, end, words, was_read_by_ocr=bool(was_read))


def picture_as_json(picture: Picture) -> list[Any]:
    """Return a picture as its part's name, numbers and lists of numbers."""
    head = [picture.part, picture.width, picture.height, picture.start, picture.end]
    return [*head, *_words_as_json(picture.words)]


def picture_from_json(value: object) -> Picture:
    """Return a picture from what `picture_as_json` returns."""
    held = _list(value, 9)
    width, height, start, end = _numbers(held[1:5])
    part, words = _string(held[0], LONGEST_TITLE), _words_from_json(held[5:])
    return Picture(part, width, height, start, end, words)


def cleaned_from(parts: Sequence[bytes], head: dict[str, Any]) -> Cleaned:
    """Return a clean file from its bytes and the sentences beside it."""
    if len(parts) != 1:
        raise WireError("pieces are missing")
    return Cleaned(parts[0], sentences(head.get("removed")))


def hidden_as_json(hidden: Sequence[Hidden]) -> list[list[Any]]:
    """Return spans as lists."""
    return [[span.start, span.end, span.label, span.replacement] for span in hidden]


def hidden_from_json(value: object) -> tuple[Hidden, ...]:
    """Return spans from what `hidden_as_json` returns."""
    spans = []
    for item in _list(value):
        start, end, label, replacement = _list(item, 4)
        _numbers([start, end])
        spans.append(Hidden(start, end, _string(label), _string(replacement, LONGEST_TITLE)))
    return tuple(spans)


def bars_as_json(bars: Sequence[SolidBar] | None) -> list[list[Any]] | None:
    """Return bars as lists, None as it is."""
    if bars is None:
        return None
    return [[bar.x, bar.y, bar.width, bar.height, *bar.colour, bar.tag] for bar in bars]


def bars_from_json(value: object) -> tuple[SolidBar, ...] | None:
    """Return bars from what `bars_as_json` returns."""
    if value is None:
        return None
    bars = []
    for item in _list(value):
        x, y, width, height, red, green, blue = _numbers(_list(item, 8)[:7])
        bars.append(SolidBar(x, y, width, height, (red, green, blue), _string(item[7])))
    return tuple(bars)


def checks_as_json(checks: Sequence[Check]) -> list[list[Any]]:
    """Return checks as lists."""
    return [[check.name, check.looked_at, list(check.survivors)] for check in checks]


def checks_from_json(value: object) -> tuple[Check, ...]:
    """Return checks from what `checks_as_json` returns."""
    checks = []
    for item in _list(value):
        name, looked_at, survivors = _list(item, 3)
        places = sentences(survivors, most=1_000_000)
        checks.append(Check(_string(name), _number(looked_at), places))
    if not checks:
        raise WireError("nothing was checked")
    return tuple(checks)


def sentences(value: object, *, most: int = MOST_SENTENCES) -> tuple[str, ...]:
    """Return a short list of short sentences."""
    held = _list(value)
    if len(held) > most:
        raise WireError("there are too many sentences")
    return tuple(_string(sentence) for sentence in held)


def as_bytes(value: object) -> bytes:
    """Return a value as compact JSON."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def from_bytes(content: bytes) -> Any:
    """Return the value of JSON; raises WireError where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise WireError("a piece is no JSON") from None


def _words_as_json(words: Sequence[Word]) -> list[list[int]]:
    """Return words as ranges, boxes, how many edges each has, and the edges."""
    ranges: list[int] = []
    boxes: list[float] = []
    edges: list[float] = []
    for word in words:
        ranges += (word.start, word.end)
        boxes += word.box
        edges += word.edges
    counts = [len(word.edges) for word in words]
    return [ranges, _all_whole(boxes), counts, _all_whole(edges)]


def _words_from_json(value: Sequence[object]) -> tuple[Word, ...]:
    ranges, counts = _numbers(value[0]), _numbers(value[2])
    boxes = _places(value[1])
    edges = _places(value[3])
    if len(ranges) != 2 * len(counts) or len(boxes) != 4 * len(counts):
        raise WireError("a word is incomplete")
    words = []
    at = 0
    for index, count in enumerate(counts):
        start, end = ranges[2 * index : 2 * index + 2]
        if count not in {0, end - start + 1}:
            raise WireError("a word is incomplete")
        x0, y0, x1, y1 = boxes[4 * index : 4 * index + 4]
        words.append(Word(start, end, (x0, y0, x1, y1), tuple(edges[at : at + count])))
        at += count
    if at != len(edges):
        raise WireError("a word is incomplete")
    return tuple(words)


def _all_whole(places: list[float]) -> list[int]:
    try:
        whole = [round(place * HUNDREDTHS) for place in places]
    except (OverflowError, ValueError):
        return list(map(_whole, places))
    limit = LARGEST_PLACE * HUNDREDTHS
    if whole and not -limit <= min(whole) <= max(whole) <= limit:
        return list(map(_whole, places))
    return whole


def _whole(place: float) -> int:
    """Return a place in hundredths; what lies nowhere (infinite, or no number) is put at 0."""
    if not math.isfinite(place):
        return 0
    return round(max(-LARGEST_PLACE, min(LARGEST_PLACE, place)) * HUNDREDTHS)


def _places(value: object) -> list[float]:
    limit = LARGEST_PLACE * HUNDREDTHS
    held = _list(value)
    if not _are_whole(held) or (held and not -limit <= min(held) <= max(held) <= limit):
        raise WireError("a place is none")
    return [place / HUNDREDTHS for place in held]


def _give_title(blocks: list[Block], index: str, title: str) -> None:
    if not (index.isascii() and index.isdecimal() and int(index) < len(blocks)):
        raise WireError("a title has no block")
    blocks[int(index)] = replace(blocks[int(index)], title=title)


def _check_order(ranges: Iterable[tuple[int, int]], length: int) -> None:
    before = 0
    for start, end in ranges:
        if not before <= start <= end <= length:
            raise WireError("parts of the text are out of order")
        before = end


def _are_whole(held: list[Any]) -> bool:
    # bool is an int to isinstance, so types are compared.
    return set(map(type, held)) <= {int}


def _numbers(value: object) -> list[int]:
    held = _list(value)
    if not _are_whole(held) or (held and not 0 <= min(held) <= max(held) < 1 << 40):
        raise WireError("a number is none")
    return held


def _number(value: object) -> int:
    return _numbers([value])[0]


def _list(value: object, length: int | None = None) -> list[Any]:
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise WireError("a list is missing")
    return value


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WireError("an object is missing")
    return value


def _string(value: object, longest: int = LONGEST_SENTENCE) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise WireError("a string is missing or too long")
    return value


def _kind(value: object) -> Kind:
    try:
        return Kind(_string(value))
    except ValueError:
        raise WireError("a kind is unknown") from None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise WireError("the text is no text") from None
