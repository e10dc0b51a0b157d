"""What is hidden, made of what the detector found and what the rules say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from anonymizer.categories import category_of
from anonymizer.operators.policy import Operator
from anonymizer.rules.model import Rules
from anonymizer.text import same_value
from inference.engine.spans import Span

_PERSON = "person"
_ALWAYS = "On the list of what is always hidden."


def apply_rules(text: str, spans: Sequence[Span], rules: Rules) -> list[Span]:
    """Return the spans of a text that are hidden under rules: sorted and disjoint.

    spans: what was found, code points of text

    - A category that is off, a score below its threshold, or a value that the rules never hide
      takes a finding away; for the first two only where it holds for every mention of the value,
      since what is hidden in one place is not left in another.
    - A term that is never hidden takes away what it equals or covers. Where it stands inside a
      longer finding, that stays whole: a part of it would tell the rest.
    - What the rules always hide is hidden whatever else they say, and so is what a person marked.
    - Where two overlap they become one over both, so that nothing of either is left in sight:
      under the label of a person's mark, else of a list, else of an own category, else of the
      first finding.
    """
    marks = [span for span in spans if span.detector == _PERSON]
    found = [span for span in spans if span.detector != _PERSON]
    found = _certain_and_on(text, found, rules)
    guessed = _without_never(text, [*_of_categories(text, rules), *found], rules)
    return joined([*marks, *_always(text, rules), *guessed])


def is_always(span: Span) -> bool:
    """Say whether a span is hidden because the rules always hide it."""
    return span.detector == "rule" and span.reason == _ALWAYS


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans sorted and disjoint; those that overlap become one over all of them.

    It is a person's mark if one of them is; else what comes first in `spans` gives the label.
    """
    ranked = sorted(
        ((span.start, span.detector != _PERSON, place, span) for place, span in enumerate(spans)),
    )
    result: list[Span] = []
    best: tuple[bool, int] = (True, 0)
    for start, is_found, place, span in ranked:
        if not result or start >= result[-1].end:
            result.append(span)
            best = (is_found, place)
            continue
        last = result[-1]
        first, end = last.start, max(last.end, span.end)
        if (is_found, place) < best:
            # A list knows no subtypes; what it hides under the same label keeps the finer one.
            finer = last.subtype if last.label == span.label else ""
            last = replace(span, subtype=span.subtype or finer)
            best = (is_found, place)
        elif not last.subtype and span.label == last.label:
            last = replace(last, subtype=span.subtype)
        result[-1] = replace(last, start=first, end=end)
    return result


def _certain_and_on(text: str, spans: Sequence[Span], rules: Rules) -> list[Span]:
    """Return the findings whose category is on and whose score, at its best mention, suffices."""
    values = [(span.label, same_value(text[span.start : span.end])) for span in spans]
    refined = {
        value: span.subtype for span, value in zip(spans, values, strict=True) if span.subtype
    }
    hidden = {
        value
        for span, value in zip(spans, values, strict=True)
        if span.score >= rules.thresholds.get(span.label, 0.0)
        and _is_on(span, refined.get(value, ""), rules)
    }
    return [span for span, value in zip(spans, values, strict=True) if value in hidden]


def _is_on(span: Span, subtype: str, rules: Rules) -> bool:
    named = span if span.subtype else replace(span, subtype=subtype)
    return rules.operator_for(named) is not Operator.KEEP


def _of_categories(text: str, rules: Rules) -> list[Span]:
    """Return what the workspace's own categories find, as far as they are on."""
    found = []
    for category in rules.categories:
        reason = f"Matches the category “{category_of(category.label).name}” of the policy."
        made = [_made(place, category.label, reason) for place in category.terms.matcher.find(text)]
        found += [span for span in made if _is_on(span, "", rules)]
    return found


def _always(text: str, rules: Rules) -> Iterator[Span]:
    for one in rules.always:
        for place in one.terms.matcher.find(text):
            yield _made(place, one.label, _ALWAYS)


def _without_never(text: str, spans: Sequence[Span], rules: Rules) -> list[Span]:
    if not rules.never:
        return list(spans)
    covered = rules.never.matcher.covers(text, [(span.start, span.end) for span in spans])
    return [span for span, is_never in zip(spans, covered, strict=True) if not is_never]


def _made(place: tuple[int, int], label: str, reason: str) -> Span:
    return Span(place[0], place[1], label, 1.0, "rule", reason)
