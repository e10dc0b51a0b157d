"""Edges of spans: whole words and links, names without particles, with their form of address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from inference.engine.spans import Span

_FORM_OF_ADDRESS = re.compile(r"(?<!\w)(?:(?:Mr|Mrs|Ms|Miss)\.?|MM?\.|Mmes?|Mlles?)[ \u00a0]$")
_ADDRESS_REACH = 8
_WORD_REACH = 40
_LINK_REACH = 300
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,20}://|www\.", re.IGNORECASE)
_OF_LINK = "".join(c for c in map(chr, range(0x21, 0x7F)) if c not in "<>\"'`{}|\\^()[]")
# Letters and digits of scripts that put spaces between words: Latin, Greek, Cyrillic, Armenian.
_SPACED = re.compile("[^\\W_\u0590-\u1dff\u2000-\U0010ffff]+")
_AFTER_LINK = ".,;:!?*_"
# What Korean and Japanese write to the end of a name or date without belonging to it. After a name
# of two syllables a lone 가 or 이 may be its third.
_AFTER_NAME = re.compile(
    "(?<=[\uac00-\ud7af]{2})(?:께서는?|에게서?|에서|에[는도]?|까지|부터|님[의은이을]?|씨[는의가]?|[는를의])$"
    "|(?<=[\uac00-\ud7af]{3})[가이은을와과]$"
    "|(?<=[\u30a0-\u30ff\u4e00-\u9fff]{2})[のはがを]$"
)
_AFTER_DATE = re.compile("(?<=[년월일0-9])(?:에서|에[는도]?|부터|까지|[의은는])$")


def complete_words(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans stretched over the rest of a word or link they begin or end in the middle of.

    Of words only letters of scripts that put spaces between words, and digits, are added: in
    Chinese or Korean a neighbouring character may be another word.
    """
    for span in spans:
        start, end = span.start, span.end
        if span.label == "private_url":
            start, end = _whole_link(text, start, end)
        if _SPACED.match(text, start):
            before = _SPACED.match(text[max(0, start - _WORD_REACH) : start][::-1])
            start -= before.end() if before else 0
        after = _SPACED.match(text, max(0, end - 1), end + _WORD_REACH)
        end = after.end() if after else end
        changed = (start, end) != (span.start, span.end)
        yield replace(span, start=start, end=end) if changed else span


def with_forms_of_address(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return disjoint sorted spans, names with the form of address before them: it tells the sex.

    English forms as courts write them, without a full stop, and French ones.
    """
    stretched: list[Span] = []
    reached = 0
    for span in spans:
        if span.label == "private_person":
            before = text[max(reached, span.start - _ADDRESS_REACH) : span.start]
            form = _FORM_OF_ADDRESS.search(before)
            if form:
                span = replace(span, start=span.start - len(form.group()))
        stretched.append(span)
        reached = span.end
    return stretched


def _whole_link(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range of the link around a range, or the range if it is not in a link."""
    before, after = text[max(0, start - _LINK_REACH) : start], text[end : end + _LINK_REACH]
    first = start - len(before) + len(before.rstrip(_OF_LINK))
    last = end + len(after) - len(after.lstrip(_OF_LINK))
    if "://" not in text[first:last] and "www." not in text[first:last].lower():
        return start, end  # as the expression would find, at less cost
    link = _LINK.search(text[first:last])
    if link is None or first + link.start() > start:
        return start, end
    whole = text[first + link.start() : last].rstrip(_AFTER_LINK)
    return first + link.start(), max(end, first + link.start() + len(whole))


def without_particles(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans, names and dates without the particles that Korean and Japanese add to them."""
    for span in spans:
        endings = {"private_person": _AFTER_NAME, "private_date": _AFTER_DATE}.get(span.label)
        value = text[span.start : span.end]
        particle = endings.search(value) if endings else None
        yield replace(span, end=span.start + particle.start()) if particle else span
