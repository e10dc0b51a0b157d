"""Operators on text: what stands in the place of a span."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from anonymizer.categories import custom_name
from anonymizer.operators.policy import custom_type
from inference.engine.spans import Span

# Always as long: a mask of the value's own length would tell what it was.
MASK = "█" * 5
_FORM_OF_ADDRESS = re.compile(r"^(?:mrs?|ms|miss|mm?\.|mmes?|mlles?) (?=\S)")
_DIGITS_OF_A_NUMBER = 6
# Its gaps tell days from months: 1.12.2024 is not 11.2.2024.
_DATE = re.compile(r"\d{1,4}([./\- ])\d{1,2}\1\d{1,4}(?!\d)")


class Style(StrEnum):
    """How spans are hidden."""

    PLACEHOLDER = "placeholder"
    NUMBERED = "numbered"
    MASK = "mask"


@dataclass(frozen=True, slots=True)
class Bar:
    """One hidden span as the public sees it.

    start, end: code points of the redacted text, half-open
    number:     the same for the same value, 0 where the style does not number
    """

    start: int
    end: int
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text with its spans hidden; bars stand in the order of the spans they hide."""

    text: str
    bars: tuple[Bar, ...]


def redact(text: str, spans: Sequence[Span], style: Style) -> Redaction:
    """Hide spans in a text.

    spans: sorted and disjoint, code points of text.
    Raises ValueError if they are not: an overlap would leave a tail in sight.
    """
    numbers = _numbers(text, spans) if style is Style.NUMBERED else [0] * len(spans)
    pieces: list[str] = []
    bars: list[Bar] = []
    read = written = 0
    for span, number in zip(spans, numbers, strict=True):
        if not read <= span.start < span.end <= len(text):
            raise ValueError("Spans must be sorted, disjoint, not empty and inside the text.")
        kept = text[read : span.start]
        replacement = _replacement(span.label, number, style)
        start = written + len(kept)
        bars.append(Bar(start, start + len(replacement), span.label, number))
        pieces += (kept, replacement)
        written, read = start + len(replacement), span.end
    pieces.append(text[read:])
    return Redaction("".join(pieces), tuple(bars))


def split_at(spans: Sequence[Span], boundaries: Sequence[int]) -> list[Span]:
    """Cut spans at boundaries (ascending code points), so that each part lies in one piece."""
    parts: list[Span] = []
    for span in spans:
        start = span.start
        for index in range(bisect_right(boundaries, start), len(boundaries)):
            if boundaries[index] >= span.end:
                break
            parts.append(_between(span, start, boundaries[index]))
            start = boundaries[index]
        parts.append(_between(span, start, span.end))
    return parts


def same_value(value: str) -> str:
    """Return what two spellings of one value share.

    Folded are case, white space, form, invisible signs, a form of address before a name, and the
    gaps between the groups of a number.
    """
    plain = unicodedata.normalize("NFKC", value).casefold()
    seen = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    folded = _FORM_OF_ADDRESS.sub("", " ".join(seen.split()))
    signs = "".join(filter(str.isalnum, folded))
    digits = sum(map(str.isdigit, signs))
    is_number = digits >= _DIGITS_OF_A_NUMBER and 2 * digits > len(signs)
    return signs if is_number and not _DATE.match(folded) else folded


def mentions_of(text: str, value: str) -> list[tuple[int, int]]:
    """Return where a value stands whole in a text, whatever its case and white space.

    Returns (start, end) in code points, in order, not overlapping.
    """
    words = value.split()
    if not words:
        return []
    before = r"(?<!\w)" if _joins_words(value.strip()[0]) else ""
    after = r"(?!\w)" if _joins_words(value.strip()[-1]) else ""
    pattern = before + r"\s+".join(map(re.escape, words)) + after
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]


def _joins_words(char: str) -> bool:
    # Scripts from the CJK radicals on are written without spaces: there a word has no edges.
    return char.isalnum() and char < "\u2e80"


def _numbers(text: str, spans: Sequence[Span]) -> list[int]:
    """Number the values of each label by first appearance, past numbers the text holds already."""
    taken = {(name, int(number)) for name, number in re.findall(r"<([A-Z_]+)_(\d{1,9})>", text)}
    given: dict[tuple[str, str], int] = {}
    last: dict[str, int] = {}
    for span in spans:
        value = (span.label, same_value(text[span.start : span.end]))
        if value not in given:
            number = last.get(span.label, 0) + 1
            while (_name(span.label), number) in taken:
                number += 1
            given[value] = last[span.label] = number
    return [given[span.label, same_value(text[span.start : span.end])] for span in spans]


def _replacement(label: str, number: int, style: Style) -> str:
    if style is Style.MASK:
        return MASK
    return f"<{_name(label)}_{number}>" if number else f"<{_name(label)}>"


def _name(label: str) -> str:
    """Return a label as placeholders hold it: PRIVATE_PERSON, PROJECT_CODE."""
    own = custom_name(label)
    return label.upper() if own is None else custom_type(own)


def _between(span: Span, start: int, end: int) -> Span:
    return Span(start, end, span.label, span.score, span.detector, span.reason, span.subtype)
