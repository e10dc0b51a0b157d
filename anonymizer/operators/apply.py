"""Hiding spans by a policy, and undoing it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from anonymizer.operators.placeholders import find_placeholders, written
from anonymizer.operators.policy import REVERSIBLE, Numbering, Operator, Policy, type_of
from anonymizer.operators.surrogates import Surrogates
from anonymizer.restore import Entity, restore
from anonymizer.text import MASK, same_value
from inference.engine.spans import Span

_HASH_CHARACTERS = 12
# How often numbers or surrogates are chosen anew when a text happens to hold them in pieces.
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Hidden:
    """One hidden span.

    type, number: of the placeholder; the same for the same value
    start, end:   code points of the redacted text
    """

    span: Span
    type: str
    number: int
    operator: Operator
    original: str
    replacement: str
    start: int = 0
    end: int = 0

    @property
    def entity(self) -> Entity:
        """What is needed to bring the original back."""
        return Entity(self.replacement, self.original, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A redacted text and what was hidden in it, in the order of the text."""

    text: str
    hidden: tuple[Hidden, ...]

    @property
    def entities(self) -> list[Entity]:
        """What restoring this text needs: what was replaced or given a surrogate."""
        return [
            one.entity
            for one in self.hidden
            if one.operator in REVERSIBLE and one.operator is not Operator.KEEP
        ]


def apply(
    text: str,
    spans: Sequence[Span],
    policy: Policy,
    *,
    key: bytes = b"",
    numbers: Sequence[int] | None = None,
) -> Redacted:
    """Hide spans in a text.

    spans:   sorted and disjoint, code points of text
    key:     makes hashes and surrogates the same from call to call; without one they are the same
             within this call only
    numbers: of the spans' placeholders, where they are not the text's own; 0 for none
    Raises ValueError if spans overlap: a tail would be left in sight.
    """
    _check(text, spans)
    types = types_of(text, spans, policy)
    secret = key or secrets.token_bytes(32)
    taken = {found.key for found in find_placeholders(text)}
    redacted = Redacted(text, ())
    for tried in range(_TRIES):
        own = _numbers(text, spans, types, policy.numbering, taken, skip=tried * 1000)
        write = _writer(text, policy, secret, surrogates=tried < _TRIES - 1, tried=tried)
        redacted = _written(text, spans, types, numbers or own, policy, write)
        if _comes_back(text, redacted):
            break
    return redacted


def _written(
    text: str,
    spans: Sequence[Span],
    types: Sequence[str],
    numbers: Sequence[int],
    policy: Policy,
    write: Callable[[Span, Operator, str, int], str],
) -> Redacted:
    pieces: list[str] = []
    hidden: list[Hidden] = []
    read = length = 0
    for span, name, number in zip(spans, types, numbers, strict=True):
        operator = policy.operator_for(span)
        replacement = write(span, operator, name, number)
        pieces += (text[read : span.start], replacement)
        start = length + span.start - read
        length, read = start + len(replacement), span.end
        original = text[span.start : span.end]
        hidden.append(Hidden(span, name, number, operator, original, replacement, start, length))
    return Redacted("".join([*pieces, text[read:]]), tuple(hidden))


def _writer(
    text: str, policy: Policy, secret: bytes, *, surrogates: bool, tried: int
) -> Callable[[Span, Operator, str, int], str]:
    """Return a function that writes what stands in a span's place."""
    maker = Surrogates(text, secret, tried)

    def write(span: Span, operator: Operator, name: str, number: int) -> str:
        value = text[span.start : span.end]
        match operator:
            case Operator.KEEP:
                return value
            case Operator.MASK:
                length = policy.mask_length
                return MASK[0] * (len(value) if length is None else length)
            case Operator.TAG:
                return f'<PII type="{name}">{value}</PII>'
            case Operator.CATEGORY:
                return f"[{name}]"
            case Operator.HASH:
                return f"[{name}_{_digest(secret, span.label, value)}]"
            case Operator.SURROGATE if surrogates:
                return maker.value_for(span) or written(name, number)
        return written(name, number)

    return write


def _digest(secret: bytes, label: str, value: str) -> str:
    """Return a short keyed digest: without the key not even a phone number can be tried out."""
    message = f"{label}\0{same_value(value)}".encode("utf-8", "surrogatepass")
    digest = hmac.new(secret, b"blackbar hash\0" + message, hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:_HASH_CHARACTERS]


def types_of(text: str, spans: Iterable[Span], policy: Policy) -> list[str]:
    """Return each span's type; a value that is refined anywhere is so everywhere."""
    refined: dict[tuple[str, str], str] = {}
    values = [(span.label, same_value(text[span.start : span.end])) for span in spans]
    for span, value in zip(spans, values, strict=True):
        if span.subtype:
            refined.setdefault(value, span.subtype)
    return [
        type_of(replace(span, subtype=refined.get(value, "")), policy.naming)
        for span, value in zip(spans, values, strict=True)
    ]


def _numbers(
    text: str,
    spans: Sequence[Span],
    types: Sequence[str],
    numbering: Numbering,
    taken: set[str],
    skip: int,
) -> list[int]:
    """Number values by first appearance, past what reads as a placeholder in the text already."""
    given: dict[tuple[str, str], int] = {}
    last: dict[str, int] = {}
    numbers = []
    for span, name in zip(spans, types, strict=True):
        value = (name, same_value(text[span.start : span.end]))
        if value not in given:
            counter = name if numbering is Numbering.TYPE else ""
            number = last.get(counter, skip) + 1
            while f"{name}_{number}" in taken:
                number += 1
            given[value] = last[counter] = number
        numbers.append(given[value])
    return numbers


def _comes_back(text: str, redacted: Redacted) -> bool:
    """Say whether the placeholders alone, without their places, bring the values back.

    A text can hold half a placeholder beside a span, or words that a surrogate completes.
    """
    entities = redacted.entities
    if not entities:
        return True
    if len(entities) != len(redacted.hidden):
        text = _without(redacted, text)
    placeless = [replace(entity, start=0, end=0) for entity in entities]
    return restore(redacted.text, placeless).text == text


def _without(redacted: Redacted, text: str) -> str:
    """Return the original with what cannot be restored as it stands in the redacted text."""
    pieces: list[str] = []
    read = 0
    for one in redacted.hidden:
        is_reversible = one.operator in REVERSIBLE
        pieces += (text[read : one.span.start], one.original if is_reversible else one.replacement)
        read = one.span.end
    return "".join([*pieces, text[read:]])


def _check(text: str, spans: Iterable[Span]) -> None:
    read = 0
    for span in spans:
        if not read <= span.start < span.end <= len(text):
            raise ValueError("Spans must be sorted, disjoint, not empty and inside the text.")
        read = span.end
