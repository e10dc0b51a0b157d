"""Corrections of a shared item: under a lock, sealed with the original, published at once.

Each change of marks is told to those who keep account of it (`register_witness`), in its own
transaction: who decided what stands beside the marks, or neither does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import transaction

from accounts.models import User
from anonymizer import corrections
from anonymizer.corrections import MAX_UNDO, Change, Cut, Edit, History
from audit.models import Action
from inference.engine.spans import Span
from inference.models import Scan
from inference.queue import seal_spans, unseal_spans
from sharing.hiding import own_labels
from sharing.models import Item, Shared
from sharing.recorded import changed, note
from sharing.services import ConflictError, GoneError, lock
from vault.envelope import DataKey

# Publishes an item under corrected spans: (item, key, text, spans); it saves what it changes.
Publish = Callable[[Item, DataKey, str, Sequence[Span]], None]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that hides a part of a picture where nothing was read, in pixels."""

    label: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, repr=False)
class Corrected:
    """What a correction did to an item.

    spans:        as they stand now
    by:           who did it; None for the holder of a private link
    why:          in their own words
    is_undo:      whether it takes an earlier correction back
    boxes_gone, boxes_new: of a picture
    """

    removed: tuple[Span, ...]
    added: tuple[Span, ...]
    spans: tuple[Span, ...]
    by: User | None
    why: str = ""
    is_undo: bool = False
    boxes_gone: tuple[Box, ...] = ()
    boxes_new: tuple[Box, ...] = ()


Witness = Callable[[Any, DataKey, Corrected], None]
_witnesses: list[Witness] = []


def register_witness(witness: Witness) -> None:
    """Make known who keeps account of corrections; apps do this once when loaded."""
    _witnesses.append(witness)


@transaction.atomic
def correct(
    *,
    item: Item,
    key: DataKey,
    revision: int,
    edits: Sequence[Edit],
    all_mentions: bool,
    cut: Callable[[Item], Cut],
    publish: Publish[Item],
    by: User | None = None,
    why: str = "",
) -> None:
    """Apply edits as one correction and publish the result.

    revision:     the one that the person saw; another one was made elsewhere since
    all_mentions: each edit goes for every place where the same value stands
    by:           who corrects; None for the holder of the private link
    Raises CorrectionError, ConflictError, GoneError; nothing is changed then.
    """
    locked = lock(item)
    text, before = read_marks(locked, key)
    if locked.revision != revision:
        raise ConflictError(
            "These marks were changed in another window. This is how they stand now; "
            "your last step was not applied."
        )
    history = read_history(locked, key)
    spans = corrections.apply_edits(
        text,
        before,
        edits,
        history,
        all_mentions=all_mentions,
        cut=cut(locked),
        labels=own_labels(locked),
    )
    _store(locked, key, spans, history)
    publish(locked, key, text, spans)
    tell(locked, key, before, spans, by, why=why, is_undo=edits[0].op == "undo")


@transaction.atomic
def take_back(
    *,
    item: Item,
    key: DataKey,
    change: Change,
    publish: Publish[Item],
    by: User | None = None,
) -> None:
    """Undo one earlier change, whatever was changed elsewhere in the item since, and publish.

    Raises ConflictError if its own places were changed since, GoneError.
    """
    locked = lock(item)
    text, before = read_marks(locked, key)
    undone = change.inverted()
    spans = with_change(before, undone)
    history = read_history(locked, key)
    history.undo = [*history.undo, undone][-MAX_UNDO:]
    history.redo = []
    _store(locked, key, spans, history)
    publish(locked, key, text, spans)
    tell(locked, key, before, spans, by, is_undo=True)


def with_change(spans: Sequence[Span], change: Change) -> list[Span]:
    """Return the spans under a change. Raises ConflictError where they are not as it found them."""
    removed = set(change.removed)
    rest = [span for span in spans if span not in removed]
    joined = sorted([*rest, *change.added], key=lambda span: span.start)
    overlap = any(first.end > second.start for first, second in pairwise(joined))
    if overlap or len(rest) != len(spans) - len(removed):
        raise ConflictError("This place was changed again since. Decide on it as it stands now.")
    return joined


def read_marks(item: Shared, key: DataKey) -> tuple[str, list[Span]]:
    """Open an item's original and its marks. Raises UnsealError, GoneError."""
    scan = Scan.objects.select_related("envelope").filter(envelope=item.envelope_id).first()
    if scan is None or not scan.is_done:
        raise GoneError("This is not ready yet.")
    return scan.envelope.unseal(key, scan.sealed_text, "text"), unseal_spans(scan, key)


def read_history(item: Shared, key: DataKey) -> History:
    """Open an item's correction history. Raises UnsealError."""
    if item.sealed_history is None:
        return History([], [])
    return corrections.history_from(item.envelope.unseal_json(key, item.sealed_history, "history"))


def tell(
    item: Shared,
    key: DataKey,
    before: Sequence[Span],
    after: Sequence[Span],
    by: User | None,
    *,
    why: str = "",
    is_undo: bool = False,
    boxes_gone: Sequence[Box] = (),
    boxes_new: Sequence[Box] = (),
) -> None:
    """Let a correction be kept account of; comes last in its transaction."""
    earlier, later = set(before), set(after)
    corrected = Corrected(
        removed=tuple(span for span in before if span not in later),
        added=tuple(span for span in after if span not in earlier),
        spans=tuple(after),
        by=by,
        why=why,
        is_undo=is_undo,
        boxes_gone=tuple(boxes_gone),
        boxes_new=tuple(boxes_new),
    )
    if not (corrected.removed or corrected.added or boxes_gone or boxes_new):
        return
    for witness in _witnesses:
        witness(item, key, corrected)
    gone = [*(span.label for span in corrected.removed), *(box.label for box in boxes_gone)]
    new = [*(span.label for span in corrected.added), *(box.label for box in boxes_new)]
    note(Action.ITEM_CORRECTED, item, by, **changed(gone, new))


def _store(item: Shared, key: DataKey, spans: Sequence[Span], history: History) -> None:
    sealed = seal_spans(item.envelope, key, spans)
    Scan.objects.filter(envelope=item.envelope_id).update(sealed_spans=sealed)
    item.sealed_history = item.envelope.seal_json(
        key, corrections.history_as_json(history), "history"
    )
    item.revision += 1
