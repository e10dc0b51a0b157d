"""Choices of a control, written without a template for each: lists and forms have hundreds."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

# Safe, so that nothing looks through them again.
_SELECTED, _PLAIN = SafeString(" selected"), SafeString("")


def options(choices: Iterable[tuple[object, object]], chosen: object = None) -> SafeString:
    """Return the options of a select, from values and what people read."""
    value_chosen = "" if chosen is None else str(chosen)
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (value, _SELECTED if value == value_chosen else _PLAIN, said)
            for value, said in ((str(key), said) for key, said in choices)
        ),
    )
