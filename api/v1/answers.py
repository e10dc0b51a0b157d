"""Redacted texts as the native API gives them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from anonymizer.operators.apply import Hidden, Redacted, apply
from anonymizer.redaction import Result
from api.callers import Caller
from api.v1.options import Options


def redacted_as_json(
    results: Sequence[Result], options: Options, caller: Caller
) -> list[dict[str, Any]]:
    """Return redacted texts, each with what was hidden in it. Raises UnsealError."""
    key = options.key_for(caller)
    texts = [(result.text, options.spans_of(result)) for result in results]
    numbers = options.numbers_for(caller, texts)
    return [
        as_json(
            text, apply(text, spans, options.policy, key=key, numbers=given), options.offset_unit
        )
        for (text, spans), given in zip(texts, numbers, strict=True)
    ]


def as_json(text: str, redacted: Redacted, unit: str) -> dict[str, Any]:
    """Return what was hidden in a text, with offsets in a unit."""
    before, after = Offsets(text, unit), Offsets(redacted.text, unit)
    return {
        "redacted_text": redacted.text,
        "entities": [_entity(one, before, after) for one in redacted.hidden],
        "counts": dict(Counter(one.span.label for one in redacted.hidden)),
        "characters": len(text),
        "offset_unit": unit,
    }


def _entity(one: Hidden, before: Offsets, after: Offsets) -> dict[str, Any]:
    return {
        "type": one.type,
        "label": one.span.label,
        "subtype": one.span.subtype or None,
        "number": one.number,
        "operator": one.operator,
        "original": one.original,
        "replacement": one.replacement,
        "start": before.of(one.span.start),
        "end": before.of(one.span.end),
        "redacted_start": after.of(one.start),
        "redacted_end": after.of(one.end),
        "score": round(one.span.score, 4),
        "detector": one.span.detector,
        "reason": one.span.reason,
    }


class Offsets:
    """Offsets of a text in the unit of an answer; asked for in ascending order."""

    def __init__(self, text: str, unit: str) -> None:
        self._text = text
        self._is_plain = unit == "code_point" or text.isascii()
        self._read = self._shift = 0

    def of(self, offset: int) -> int:
        """Return a code point's offset in the unit."""
        if self._is_plain:
            return offset
        if offset < self._read:
            self._read = self._shift = 0
        self._shift += sum(char > "\uffff" for char in self._text[self._read : offset])
        self._read = offset
        return offset + self._shift


def to_code_points(text: str, offset: int, unit: str) -> int:
    """Return the code point at an offset that a client counted; -1 for one inside a pair."""
    if unit == "code_point" or text.isascii():
        return offset
    encoded = text.encode("utf-16-le", "surrogatepass")[: 2 * offset]
    try:
        return len(encoded.decode("utf-16-le"))
    except UnicodeDecodeError:
        return -1
