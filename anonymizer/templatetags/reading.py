"""Marked text in templates. Thousands of marks are written by one tag: includes take seconds."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from anonymizer.reading import OriginalSpan, RedactedSpan, Segment

register = template.Library()
# A text node beyond this is set apart, so that the page can do without kerning there.
FLAT_CHARACTERS = 5000
_FLAT = '<span class="flat">{}</span>'
_SPAN = (
    '<span class="span {}{}" role="button" tabindex="-1" data-tag="{}" data-by="{}"'
    ' data-value="{}" data-from="{}" data-to="{}" data-score="{}" data-found="{}" data-why="{}"'
    ' data-subtype="{}" data-mentions="{}" data-bar="{}">{}</span>'
)
_BAR = '<span class="bar {}" role="img" data-label="{}" aria-label="hidden: {}">{}</span>'


@register.simple_tag
def segments(parts: Iterable[Segment]) -> SafeString:
    """Write plain and marked segments; everything in them is escaped."""
    return format_html_join("", "{}", ((_written(part),) for part in parts))


def _written(part: Segment) -> str:
    span = part.span
    if isinstance(span, OriginalSpan):
        return _original(span, part.text)
    if isinstance(span, RedactedSpan):
        name = f"{span.name} {span.number}" if span.number else span.name
        return format_html_join("", _BAR, ((span.label, name, name, part.text),))
    if len(part.text) > FLAT_CHARACTERS:
        return format_html_join("", _FLAT, ((part.text,),))
    return part.text


def _original(span: OriginalSpan, text: str) -> SafeString:
    values = (
        span.label,
        (" unsure" if span.is_unsure else "") + (f" {span.state}" if span.state else ""),
        span.tag,
        span.detector,
        span.value,
        span.start,
        span.end,
        span.score_text,
        span.detector_text,
        span.reason,
        span.subtype,
        span.mentions,
        span.redacted,
        text,
    )
    return format_html_join("", _SPAN, (values,))
