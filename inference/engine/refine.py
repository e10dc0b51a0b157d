"""From what the model found to what is hidden: doubts, rules, union, repeats, edges, reasons."""

from __future__ import annotations

from collections.abc import Iterable

from inference.engine import rules
from inference.engine.doubts import without_doubtful
from inference.engine.edges import complete_words, with_forms_of_address, without_particles
from inference.engine.merge import union
from inference.engine.repeats import find_repeats
from inference.engine.spans import Span
from inference.engine.subtypes import with_subtypes

# What the model saw, said of the place and not of the value.
_REASONS = {
    "private_person": "Reads like a person's name where it stands.",
    "private_address": "Reads like where somebody lives or can be found.",
    "private_email": "Reads like an e-mail address.",
    "private_phone": "Reads like a telephone number.",
    "private_url": "Reads like a link or address that leads to somebody.",
    "private_date": "Reads like a date that belongs to somebody.",
    "account_number": "Reads like a number that identifies somebody.",
    "secret": "Reads like a password or key.",
}


def refine(text: str, decoded: Iterable[Span], *, keeps_doubtful: bool = False) -> list[Span]:
    """Return all spans of a text, sorted and disjoint, from those that the decoder read.

    keeps_doubtful: drop nothing of what the model found
    """
    by_rule = rules.find_spans(text)
    seen = list(with_subtypes(text, map(explained, decoded)))
    if not keeps_doubtful:
        seen = without_doubtful(text, seen, by_rule)
    whole = without_particles(text, complete_words(text, seen))
    spans = union(text, [*whole, *by_rule])
    repeats = find_repeats(text, spans)
    if repeats:
        spans = union(text, [*spans, *repeats])
    return with_forms_of_address(text, spans)


def explained(span: Span) -> Span:
    """Return the model's span with the reason that a person reads."""
    reason = _REASONS.get(span.label, "Reads like something private where it stands.")
    return Span(span.start, span.end, span.label, span.score, "model", reason)
