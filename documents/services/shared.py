"""What the public sees of a document: its redacted reading, written and corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from accounts.models import User
from anonymizer.corrections import Change, CorrectionError, Edit
from anonymizer.storable import storable
from anonymizer.text import Redaction
from documents.formats import wire
from documents.formats.model import Block, Kind
from documents.layout import cut_at_blocks
from documents.models import CleanState, Document, State
from documents.pictures import follow
from documents.services.cleaned import queue_clean
from documents.services.opened import layout_of
from entries.services import note_published
from inference import queue as scans
from inference.engine.spans import Span
from inference.models import Scan
from sharing import corrections
from sharing.policies import published_redaction_of
from sharing.services import GoneError
from vault.envelope import DataKey


def correct(
    *,
    document: Document,
    key: DataKey,
    revision: int,
    edits: Sequence[Edit],
    all_mentions: bool,
    by: User | None = None,
    why: str = "",
) -> None:
    """Apply edits as one correction, publish the result, and have the clean file made anew.

    See sharing.corrections.correct for what it raises.
    """
    if document.kind == Kind.PICTURE:
        raise CorrectionError("What a picture hides is changed with its bars.")
    corrections.correct(
        item=document,
        key=key,
        revision=revision,
        edits=edits,
        all_mentions=all_mentions,
        cut=lambda locked: lambda spans: cut(locked, spans, layout_of(locked, key)[0]),
        publish=_republish,
        by=by,
        why=why,
    )


def take_back(*, document: Document, key: DataKey, change: Change, by: User | None = None) -> None:
    """Undo one correction and publish the result; see sharing.corrections.take_back."""
    corrections.take_back(item=document, key=key, change=change, publish=_republish, by=by)


def republish(document: Document, key: DataKey, spans: Sequence[Span]) -> None:
    """Publish a document under other spans, and have its clean file made anew.

    Called in the transaction of a change, with the document's row locked. Raises GoneError.
    """
    scan = Scan.objects.select_related("envelope").filter(envelope=document.envelope_id).first()
    if scan is None or document.state != State.READY:
        raise GoneError("This is not ready yet.")
    text = scan.envelope.unseal(key, scan.sealed_text, "text")
    kept = cut(document, spans, layout_of(document, key)[0])
    sealed = scans.seal_spans(document.envelope, key, kept)
    Scan.objects.filter(pk=scan.pk).update(sealed_spans=sealed)
    document.revision += 1
    _republish(document, key, text, kept)


def publish_again(
    document: Document, key: DataKey, text: str, before: Sequence[Span], spans: Sequence[Span]
) -> Sequence[Span]:
    """Publish a document that was done again under a policy; see sharing.policies.Publisher.

    Raises GoneError.
    """
    if document.state != State.READY:
        raise GoneError("This is not ready yet.")
    kept = follow(document, key, text, before, spans)
    _republish(document, key, text, kept)
    return kept


def _republish(document: Document, key: DataKey, text: str, spans: Sequence[Span]) -> None:
    write_redaction(document, text, spans, layout_of(document, key)[0])
    document.save(update_fields=["revision", "sealed_history"])
    queue_clean(document, key)


def write_redaction(
    document: Document, text: str, spans: Sequence[Span], blocks: Sequence[Block]
) -> None:
    """Hide the spans and store what is public. The spans are cut at the ends of blocks."""
    redaction = published_redaction_of(document, text, spans)
    document.redacted_text = storable(redaction.text)
    document.bars = [[bar.start, bar.end, bar.label, bar.number] for bar in redaction.bars]
    document.hidden_count = len(redaction.bars)
    shift = _Shift(spans, redaction)
    document.redacted_name = document.redacted_text[: shift.to(document.name_characters)]
    start, redacted_start = document.text_start, document.redacted_text_start
    document.redacted_blocks = wire.blocks_as_json(
        [
            Block(
                role=block.role,
                start=shift.to(start + block.start) - redacted_start,
                end=shift.to(start + block.end) - redacted_start,
                level=block.level,
                page=block.page,
                table=block.table,
                row=block.row,
                column=block.column,
                title=block.title,
            )
            for block in blocks
        ]
    )
    document.clean_state = CleanState.MAKING
    document.save(
        update_fields=[
            "redacted_text",
            "redacted_name",
            "redacted_blocks",
            "bars",
            "hidden_count",
            "clean_state",
            "state",
            "ready_at",
        ]
    )
    labels = [bar.label for bar in redaction.bars]
    note_published(document.entry, text=document.redacted_text, spans=spans, labels=labels)


def cut(document: Document, spans: Sequence[Span], blocks: Sequence[Block]) -> list[Span]:
    """Return spans cut at the end of the name and at the ends of blocks."""
    return cut_at_blocks(
        spans, blocks, start=document.text_start, name_end=document.name_characters
    )


def cutter(document: Document, key: DataKey, text: str) -> Callable[[Sequence[Span]], list[Span]]:
    """Return what cuts a document's spans at its seams; see sharing.policies.Publisher."""
    blocks = layout_of(document, key)[0]
    return lambda spans: cut(document, spans, blocks)


class _Shift:
    """Offsets of the redacted text for ascending offsets of the original, none inside a span."""

    def __init__(self, spans: Sequence[Span], redaction: Redaction) -> None:
        self._spans, self._bars, self._index = spans, redaction.bars, 0

    def to(self, offset: int) -> int:
        while self._index < len(self._spans) and self._spans[self._index].end <= offset:
            self._index += 1
        if self._index == 0:
            return offset
        last = self._index - 1
        return self._bars[last].end + offset - self._spans[last].end
