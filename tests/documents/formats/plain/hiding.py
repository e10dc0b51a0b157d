"""Hiding every mention of some values in a file, as a scan that finds all of them would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from documents import formats
from documents.formats import wire
from documents.formats.model import Check, Cleaned, Extracted, Hidden, ReadOptions
from documents.formats.survivors import HiddenValues

OPTIONS = ReadOptions()
REPLACEMENT = "<PRIVATE_PERSON>"


@dataclass(frozen=True)
class Hiding:
    """A file, before and after. checks: of the clean file; checks_before: of the original."""

    extracted: Extracted
    cleaned: Cleaned
    checks: tuple[Check, ...]
    checks_before: tuple[Check, ...]

    @property
    def text(self) -> str:
        """Return the clean file as UTF-8."""
        return self.cleaned.content.decode()

    @property
    def is_clean(self) -> bool:
        """Say whether every check passed."""
        return all(check.is_passed for check in self.checks)

    @property
    def was_clean(self) -> bool:
        """Say whether the original would have passed."""
        return all(check.is_passed for check in self.checks_before)


def read(content: bytes, name: str = "x.txt") -> Extracted:
    """Return a file, read, after checking that its blocks lie as they must."""
    extracted = formats.read(content, name, OPTIONS)
    wire.check(extracted)
    ends = [0, *(block.end for block in extracted.blocks)]
    starts = [*(block.start for block in extracted.blocks), len(extracted.text)]
    for end, start in zip(ends, starts, strict=True):
        assert set(extracted.text[end:start]) <= {"\n", "\t"}
    return extracted


def spans_of(extracted: Extracted, values: Sequence[str]) -> list[Hidden]:
    """Return a span for each mention, cut at the ends of blocks."""
    spans = []
    for value in values:
        at = extracted.text.find(value)
        while at >= 0:
            spans.append((at, at + len(value)))
            at = extracted.text.find(value, at + len(value))
    cut = []
    last = 0
    for start, end in sorted(spans):
        for block in extracted.blocks:
            low, high = max(start, block.start, last), min(end, block.end)
            if low < high:
                cut.append(Hidden(low, high, "private_person", REPLACEMENT))
                last = high
    return cut


def hide(content: bytes, name: str, *values: str) -> Hiding:
    """Return a file with all mentions of the values hidden."""
    extracted = read(content, name)
    spans = spans_of(extracted, values)
    cleaned = formats.write_clean(content, extracted, spans, options=OPTIONS)
    wanted = HiddenValues(values, redacted(extracted.text, spans))
    checks = formats.verify(cleaned.content, extracted.kind, wanted, options=OPTIONS)
    before = formats.verify(content, extracted.kind, wanted, options=OPTIONS)
    return Hiding(extracted, cleaned, checks, before)


def redacted(text: str, spans: Sequence[Hidden]) -> str:
    """Return what everybody may see."""
    for span in reversed(spans):
        text = text[: span.start] + span.replacement + text[span.end :]
    return text
