"""Rules tried on a sample: what they would hide, and what is different from other rules.

The sample is scanned by the real detector and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from anonymizer import redaction
from anonymizer.categories import category_of
from anonymizer.operators.apply import Hidden, Redacted, apply
from anonymizer.operators.policy import Operator
from anonymizer.redaction import Result
from anonymizer.rules import Rules, apply_rules
from policies.catalogue import OPERATORS

MAX_SAMPLE_CHARACTERS = 20_000
KINDS = ("hidden", "shown", "otherwise")
# What two ways of hiding share where only the number differs.
_SAME = frozenset({Operator.REPLACE, Operator.SURROGATE, Operator.HASH})


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a redacted sample; label is "" where nothing is hidden.

    is_changed: whether the other rules treat it in another way
    """

    text: str
    label: str = ""
    name: str = ""
    tag: str = ""
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch of the sample that two rules treat in different ways.

    kind:          "hidden" (newly), "shown" (no longer hidden) or "otherwise"
    start, end:    code points of the sample
    before, after: what stands there, in words; "" where it is not hidden
    """

    kind: str
    start: int
    end: int
    value: str
    label: str
    name: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class Trial:
    """A sample under two rules.

    before, after: cut for a page
    """

    old: Redacted
    new: Redacted
    before: tuple[Part, ...]
    after: tuple[Part, ...]
    differences: tuple[Difference, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many differences there are of each kind."""
        kinds = [one.kind for one in self.differences]
        return {kind: kinds.count(kind) for kind in KINDS}

    @property
    def hidden_after(self) -> int:
        """How many places the second rules hide."""
        return len(self.new.hidden)


def redact_under(result: Result, rules: Rules, key: bytes) -> Redacted:
    """Return a scanned text as rules hide it.

    key: of hashes and surrogates
    Numbers are the text's own: what is tried leaves no pseudonyms behind.
    """
    spans = apply_rules(result.text, result.spans, rules)
    return apply(result.text, spans, rules.policy, key=key)


def try_rules(text: str, *, before: Rules, after: Rules, key: bytes, wait_seconds: float) -> Trial:
    """Return what a sample becomes under rules, beside what it becomes under others.

    key: of hashes and surrogates
    Raises DetectionFailedError, StillRunningError (nothing of the sample is left then either),
    QueueFullError.
    """
    points = {before.operating_point, after.operating_point}
    results = {point: _scan(text, point, wait_seconds) for point in sorted(points)}
    old = redact_under(results[before.operating_point], before, key)
    new = redact_under(results[after.operating_point], after, key)
    told = [
        (stretch, difference)
        for stretch in _stretches(_hidden(old), _hidden(new))
        if (difference := _difference(text, stretch)) is not None
    ]
    return Trial(
        old=old,
        new=new,
        before=_parts(old, [stretch.before for stretch, _ in told if stretch.before]),
        after=_parts(new, [stretch.after for stretch, _ in told if stretch.after]),
        differences=tuple(difference for _, difference in told),
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Characters over which both rules do one thing each."""

    start: int
    end: int
    before: Hidden | None
    after: Hidden | None


def _scan(text: str, operating_point: str, wait_seconds: float) -> Result:
    try:
        (result,) = redaction.redact_now(
            [text], operating_point=operating_point, wait_seconds=wait_seconds
        )
    except redaction.StillRunningError as exc:
        redaction.discard(exc.submitted)
        raise
    return result


def _hidden(redacted: Redacted) -> list[Hidden]:
    return [one for one in redacted.hidden if one.operator is not Operator.KEEP]


def _stretches(before: Sequence[Hidden], after: Sequence[Hidden]) -> Iterator[_Stretch]:
    """Yield the stretches that either hides, cut wherever one of them begins or ends."""
    edges = {edge for one in (*before, *after) for edge in (one.span.start, one.span.end)}
    ordered = sorted(edges)
    was, now = iter([*before, None]), iter([*after, None])
    old, new = next(was), next(now)
    for start, end in pairwise(ordered):
        while old is not None and old.span.end <= start:
            old = next(was)
        while new is not None and new.span.end <= start:
            new = next(now)
        here_old = old if old is not None and old.span.start <= start else None
        here_new = new if new is not None and new.span.start <= start else None
        if here_old is not None or here_new is not None:
            yield _Stretch(start, end, here_old, here_new)


def _difference(text: str, one: _Stretch) -> Difference | None:
    before, after = one.before, one.after
    value = text[one.start : one.end].strip()
    if not any(map(str.isalnum, value)):
        return None
    if before is not None and after is not None:
        if _manner(before) == _manner(after):
            return None
        kind, shown = "otherwise", after
    elif after is not None:
        kind, shown = "hidden", after
    else:
        assert before is not None  # a stretch has at least one of the two
        kind, shown = "shown", before
    return Difference(
        kind=kind,
        start=one.start,
        end=one.end,
        value=value,
        label=shown.span.label,
        name=category_of(shown.span.label).name,
        before=_in_words(before),
        after=_in_words(after),
        reason=shown.span.reason,
    )


def _manner(one: Hidden) -> tuple[str, str, str, str]:
    """Return how something is hidden, but for its number and what was invented for it."""
    written = "" if one.operator in _SAME else one.replacement
    return one.span.label, one.operator, one.type, written


def _in_words(one: Hidden | None) -> str:
    return "" if one is None else f"{OPERATORS[one.operator]}: {one.replacement}"


def _parts(redacted: Redacted, changed: Sequence[Hidden]) -> tuple[Part, ...]:
    """Cut a redacted text into what is hidden and what is not."""
    starts = {one.start for one in changed}
    parts, read = [], 0
    for one in _hidden(redacted):
        if one.start > read:
            parts.append(Part(redacted.text[read : one.start]))
        category = category_of(one.span.label)
        parts.append(
            Part(one.replacement, one.span.label, category.name, category.tag, one.start in starts)
        )
        read = one.end
    if read < len(redacted.text):
        parts.append(Part(redacted.text[read:]))
    return tuple(parts)
