"""Corrections of a shared item: under a lock, sealed with the original, published at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction

from anonymizer import corrections
from anonymizer.corrections import Cut, Edit, History
from inference.engine.spans import Span
from inference.models import Scan
from inference.queue import seal_spans, unseal_spans
from sharing.models import Item, Shared
from sharing.services import ConflictError, GoneError, lock
from vault.envelope import DataKey

# Publishes an item under corrected spans: (item, key, text, spans); it saves what it changes.
Publish = Callable[[Item, DataKey, str, Sequence[Span]], None]


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
) -> None:
    """Apply edits as one correction and publish the result.

    revision:     the one that the person saw; another one was made elsewhere since
    all_mentions: each edit goes for every place where the same value stands
    Raises CorrectionError, ConflictError, GoneError; nothing is changed then.
    """
    locked = lock(item)
    scan = Scan.objects.select_related("envelope").filter(envelope=locked.envelope_id).first()
    if scan is None or not scan.is_done:
        raise GoneError("This is not ready yet.")
    if locked.revision != revision:
        raise ConflictError(
            "These marks were changed in another window. This is how they stand now; "
            "your last step was not applied."
        )
    text = scan.envelope.unseal(key, scan.sealed_text, "text")
    history = read_history(locked, key)
    spans = corrections.apply_edits(
        text,
        unseal_spans(scan, key),
        edits,
        history,
        all_mentions=all_mentions,
        cut=cut(locked),
    )
    sealed = seal_spans(locked.envelope, key, spans)
    Scan.objects.filter(pk=scan.pk).update(sealed_spans=sealed)
    locked.sealed_history = locked.envelope.seal_json(
        key, corrections.history_as_json(history), "history"
    )
    locked.revision += 1
    publish(locked, key, text, spans)


def read_history(item: Shared, key: DataKey) -> History:
    """Open an item's correction history. Raises UnsealError."""
    if item.sealed_history is None:
        return History([], [])
    return corrections.history_from(item.envelope.unseal_json(key, item.sealed_history, "history"))
