"""The account of decisions: every change of marks leaves one, wherever it was made."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from django.utils import timezone

from accounts.models import User
from entries.models import Entry
from entries.services import note_decided
from inference.engine.spans import Span
from review.models import Decision, Verdict
from review.sealed import Places, Said, open_said, seal_said
from sharing import public_cache
from sharing.corrections import Corrected
from sharing.models import Shared
from vault.envelope import DataKey

Judged = tuple[Verdict, str, str, Said]


def keep_account(item: Shared, key: DataKey, corrected: Corrected) -> None:
    """Leave a decision for each place that a correction changed; an undo takes them back.

    Called in the transaction of the correction. What belongs to nobody has no account.
    """
    entry = item.entry
    if entry is None:
        return
    removed, added = corrected.removed, corrected.added
    if corrected.is_undo:
        removed, added = _take_back(entry, key, corrected)
    judged = [*judge(removed, added, corrected.why), *_judge_boxes(corrected)]
    leave(entry, key, judged, by=corrected.by, revision=item.revision)
    recount(item, key, corrected.spans)


def leave(
    entry: Entry, key: DataKey, judged: Iterable[Judged], *, by: User | None, revision: int
) -> None:
    """Write decisions that were made at once."""
    places, batch = Places(key), uuid.uuid4()
    Decision.objects.bulk_create(
        Decision(
            entry=entry,
            kind=verdict,
            label=label,
            former=former,
            reviewer=by,
            revision=revision,
            batch=batch,
            place=places.of(said.start, said.end, said.box),
            sealed=seal_said(entry.envelope, key, said),
        )
        for verdict, label, former, said in judged
    )


def judge(removed: Sequence[Span], added: Sequence[Span], why: str = "") -> list[Judged]:
    """Return what a difference of marks says of each place.

    A mark that gave way to a larger one is a part of that decision.
    """
    former = {(span.start, span.end): span for span in removed}
    judged: list[Judged] = []
    swallowed: set[Span] = set()
    starts = [span.start for span in removed]
    for span in added:
        twin = former.get((span.start, span.end))
        gone = (twin,) if twin else tuple(_under(span, removed, starts, swallowed))
        swallowed.update(gone)
        said = Said(span.start, span.end, why, gone, (span,))
        if twin is None:
            judged.append((Verdict.ADD, span.label, "", said))
        elif twin.label == span.label:
            judged.append((Verdict.ACCEPT, span.label, twin.label, said))
        else:
            judged.append((Verdict.RECATEGORISE, span.label, twin.label, said))
    for span in removed:
        if span not in swallowed:
            said = Said(span.start, span.end, why, (span,))
            judged.append((Verdict.REJECT, "", span.label, said))
    return judged


def recount(item: Shared, key: DataKey, spans: Sequence[Span]) -> None:
    """Write which marks still wait for a person, after any change of marks or decisions."""
    entry = item.entry
    if entry is None:
        return
    verdicts, places = latest_verdicts(entry), Places(key)

    def is_decided(span: Span) -> bool:
        return verdicts.get(places.of(span.start, span.end), Verdict.REJECT) != Verdict.REJECT

    if note_decided(entry, spans, is_decided, by_people=bool(verdicts)) and entry.shows_unreviewed:
        public_cache.drop(item)


def latest_verdicts(entry: Entry) -> dict[bytes, str]:
    """Return what was decided last, by the digest of the place."""
    rows = entry.decisions.standing().values_list("place", "kind")
    return {bytes(place): kind for place, kind in rows}


def _under(
    span: Span, removed: Sequence[Span], starts: Sequence[int], swallowed: set[Span]
) -> Iterator[Span]:
    """Yield what a new mark took the place of; removed is sorted and disjoint."""
    first = max(bisect_left(starts, span.start) - 1, 0)
    for former in removed[first : bisect_left(starts, span.end)]:
        if former.overlaps(span) and former not in swallowed:
            yield former


def _judge_boxes(corrected: Corrected) -> Iterator[Judged]:
    for box in corrected.boxes_new:
        yield Verdict.ADD, box.label, "", Said(0, 0, corrected.why, box=box)
    for box in corrected.boxes_gone:
        yield Verdict.REJECT, "", box.label, Said(0, 0, corrected.why, box=box)


def _take_back(
    entry: Entry, key: DataKey, corrected: Corrected
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Take the decisions back that a change undoes; returns what it changed beyond them."""
    removed, added = set(corrected.removed), set(corrected.added)
    undone: list[int] = []
    for decision in entry.decisions.standing().reverse():
        if not removed and not added:
            break
        said = open_said(entry.envelope, key, decision.sealed)
        brings, takes = set(said.removed), set(said.added)
        if (brings or takes) and brings <= added and takes <= removed:
            removed, added = removed - takes, added - brings
            undone.append(decision.pk)
    Decision.objects.filter(pk__in=undone).update(undone_at=timezone.now(), undone_by=corrected.by)
    return _in_order(removed), _in_order(added)


def _in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda span: span.start))
