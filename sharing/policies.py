"""How a policy acts on what a scan found, at once and when an item is done again.

What the detector found, and what the rules made of it, are kept sealed beside the spans. What
people changed is the difference between that and the spans as they stand: so an item can be done
again under other rules, or under a later version, and no decision of a person is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from anonymizer.rules import apply_rules, is_always, joined
from audit.models import Action
from entries.services import follow
from inference import queue
from inference.engine.spans import Span
from inference.models import Scan
from policies.models import PolicyVersion
from sharing import public_cache
from sharing.counting import count_again
from sharing.hiding import (
    ends_under,
    own_labels,
    point_under,
    published_redaction_of,
    redaction_of,
    rules_for,
)
from sharing.models import Shared
from sharing.recorded import note
from sharing.services import GoneError, lock
from vault.envelope import DataKey, UnsealError

__all__ = [
    "applied",
    "ends_under",
    "own_labels",
    "point_under",
    "published_redaction_of",
    "redaction_of",
    "register_publisher",
    "rerun",
    "rerun_failed",
    "rules_for",
]

Spans = Sequence[Span]
# Cuts spans at the seams of an item's text.
Cut = Callable[[Spans], Spans]
_FOUND = "found"
_WAITING = "waits for a scan"
# Whoever shortens the life of what is older than its new policy allows can still save it.
_RESPITE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Publisher:
    """How a kind of item is cut and published.

    cut:     (item, key, text) -> what cuts spans at the seams of its text
    publish: (item, key, text, spans before, spans now) -> spans as they are to be kept; called
             with the item's row locked; it saves what it changes, revision and history too
    """

    cut: Callable[[Any, DataKey, str], Cut]
    publish: Callable[[Any, DataKey, str, Spans, Spans], Spans]


_publishers: dict[type[Shared], Publisher] = {}


def register_publisher(kind: type[Shared], publisher: Publisher) -> None:
    """Make known how a kind of item is published; apps do this once when loaded."""
    _publishers[kind] = publisher


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """What a scan left behind for later.

    spans: as the detector gave them
    made:  what the rules made of them, cut at the seams; people's corrections are not in it
    """

    spans: tuple[Span, ...]
    made: tuple[Span, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Applied:
    """What is hidden once a scan has ended.

    before: what was hidden before, where the item was done again; None at the first time
    """

    spans: list[Span]
    before: tuple[Span, ...] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Corrections:
    """What people changed of what the rules made."""

    removed: tuple[Span, ...]
    added: tuple[Span, ...]


def applied(item: Shared, scan: Scan, key: DataKey, text: str, found: Spans, cut: Cut) -> Applied:
    """Return which spans of a scanned item are hidden, and keep what the detector found.

    For the transaction that ends a scan, which stores what is kept beside it. Where the scan was
    made again for another policy, the item stands under it now, with a new revision and no history
    of corrections to undo; the caller saves both. Of what belongs to nobody nothing is kept.
    Raises UnsealError.
    """
    entry = item.entry
    if entry is None:
        return Applied(list(cut(found)))
    waiting = _read_waiting(scan, key)
    if waiting is not None:
        follow(entry, _version(waiting["version"]))
    made = _made(item, text, found, cut)
    scan.sealed_found = _sealed_found(scan, key, Found(tuple(found), tuple(made)))
    if waiting is None:
        return Applied(made)
    item.revision += 1
    item.sealed_history = None
    corrections = Corrections(_spans(waiting["removed"]), _spans(waiting["added"]))
    return Applied(list(cut(with_corrections(made, corrections))), _spans(waiting["before"]))


@transaction.atomic
def rerun(item: Shared, key: DataKey, version: PolicyVersion | None, actor: User) -> None:
    """Hide an item anew as a version of a policy says, None as without a policy.

    What people changed stays changed. The text is scanned again only if the version wants another
    operating point, or if nobody kept what was found; the item shows no text until that is done.
    Raises GoneError unless it is ready, UnsealError.
    """
    locked = lock(item)
    scan = Scan.objects.select_related("envelope").filter(envelope=locked.envelope_id).first()
    if locked.entry is None or scan is None or not scan.is_done:
        raise GoneError("This is not ready yet.")
    text = scan.envelope.unseal(key, scan.sealed_text, "text")
    current = tuple(queue.unseal_spans(scan, key))
    found = read_found(scan, key)
    point = point_under(version, scan.operating_point)
    locked.end_at(_ends(locked, version))
    if found is not None and point == scan.operating_point:
        follow(locked.entry, version)
        _do_again(locked, key, scan, text, found, current)
    else:
        _scan_again(locked, key, scan, found, current, version, point)
    again = {"policy": version.policy_id, "version": version.number} if version else {}
    note(Action.ITEM_RERUN, locked, actor, **again)


def rerun_failed(scan: Scan) -> bool:
    """Leave an item as it was whose text could not be scanned again; False for a first scan.

    For the transaction that ends a scan as failed.
    """
    envelope = scan.envelope
    if scan.sealed_found is None or envelope.service_wrap is None:
        return False
    try:
        key = envelope.open_for_service()
    except UnsealError:
        return False
    waiting = _read_waiting(scan, key)
    if waiting is None:
        return False
    former = waiting["former"]
    queue.call_off(
        scan,
        operating_point=waiting["point"],
        sealed_found=envelope.seal_json(key, former, _FOUND) if former else None,
    )
    return True


def with_corrections(made: Spans, corrections: Corrections) -> list[Span]:
    """Return what rules made, less what people removed, plus what they added.

    What lies within a removed span is removed, unless rules hide it always and did not before.
    """
    removed = corrections.removed
    kept = [
        span
        for span in made
        if not any(
            one.start <= span.start and span.end <= one.end and is_always(one) >= is_always(span)
            for one in removed
        )
    ]
    return joined([*corrections.added, *kept])


def read_found(scan: Scan, key: DataKey) -> Found | None:
    """Open what a scan found; None where that was not kept."""
    content = _unsealed(scan, key, _FOUND)
    return None if content is None else Found(_spans(content["spans"]), _spans(content["made"]))


def _do_again(
    item: Shared, key: DataKey, scan: Scan, text: str, found: Found, current: tuple[Span, ...]
) -> None:
    """Make spans of what was found, by the rules under which the item stands now, and publish."""
    publisher = _publishers[type(item)]
    cut = publisher.cut(item, key, text)
    corrections = _corrections(found.made, current)
    made = _made(item, text, found.spans, cut)
    spans = list(cut(with_corrections(made, corrections)))
    item.revision += 1
    item.sealed_history = None
    kept = publisher.publish(item, key, text, current, spans)
    Scan.objects.filter(pk=scan.pk).update(
        sealed_spans=queue.seal_spans(scan.envelope, key, kept),
        sealed_found=_sealed_found(scan, key, Found(found.spans, tuple(made))),
    )
    count_again(item, key, kept)


def _scan_again(
    item: Shared,
    key: DataKey,
    scan: Scan,
    found: Found | None,
    current: tuple[Span, ...],
    version: PolicyVersion | None,
    point: str,
) -> None:
    """Queue the scan again, and keep what people changed until it has ended."""
    if found is not None:
        corrections = _corrections(found.made, current)
    else:
        # From before anybody kept what was found: what people marked is all that is known.
        corrections = Corrections((), tuple(one for one in current if one.detector == "person"))
    waiting = {
        "version": version.pk if version else None,
        "point": scan.operating_point,
        "former": _found_as_json(found) if found else None,
        "removed": _as_json(corrections.removed),
        "added": _as_json(corrections.added),
        "before": _as_json(current),
    }
    sealed = scan.envelope.seal_json(key, waiting, _WAITING)
    queue.scan_again(scan, operating_point=point, sealed_found=sealed)
    public_cache.drop(item)


def _made(item: Shared, text: str, found: Spans, cut: Cut) -> list[Span]:
    rules = rules_for(item)
    return list(cut(found if rules is None else apply_rules(text, found, rules)))


def _corrections(made: Spans, current: Spans) -> Corrections:
    earlier, later = set(made), set(current)
    return Corrections(
        tuple(span for span in made if span not in later),
        tuple(span for span in current if span not in earlier),
    )


def _ends(item: Shared, version: PolicyVersion | None) -> Any:
    """Return when an item ends under a version; not before anybody could have noticed."""
    ends = ends_under(version, item.expires_at, since=item.created_at)
    if ends == item.expires_at or ends is None:
        return ends
    return max(ends, timezone.now() + _RESPITE)


def _version(pk: int | None) -> PolicyVersion | None:
    return None if pk is None else PolicyVersion.objects.get(pk=pk)


def _sealed_found(scan: Scan, key: DataKey, found: Found) -> bytes:
    return scan.envelope.seal_json(key, _found_as_json(found), _FOUND)


def _read_waiting(scan: Scan, key: DataKey) -> dict[str, Any] | None:
    return _unsealed(scan, key, _WAITING)


def _unsealed(scan: Scan, key: DataKey, name: str) -> dict[str, Any] | None:
    """Open what lies beside a scan, None if something else lies there or nothing does."""
    if scan.sealed_found is None:
        return None
    try:
        return scan.envelope.unseal_json(key, scan.sealed_found, name)
    except UnsealError:
        return None


def _found_as_json(found: Found) -> dict[str, Any]:
    return {"spans": _as_json(found.spans), "made": _as_json(found.made)}


def _as_json(spans: Spans) -> list[Mapping[str, Any]]:
    return [span.as_json() for span in spans]


def _spans(stored: Sequence[Mapping[str, Any]]) -> tuple[Span, ...]:
    return tuple(Span(**span) for span in stored)
