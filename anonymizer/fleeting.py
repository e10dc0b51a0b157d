"""The rows of texts that are kept nowhere: one round trip to the database in, one out.

A request waits for both, so they are written as single statements; through models each would be
five. Neither waits for the disk: what a crash of the database loses was kept for nobody, and what
it brings back, the sweep removes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from inference import queue
from inference.models import Scan
from vault.envelope import DataKey
from vault.models import Envelope
from vault.rows import prepared_cursor

_INSERT = """
WITH opened AS (
    INSERT INTO vault_envelope (id, service_wrap, service_key_id, created_at)
    SELECT id, wrap, key_id, now()
    FROM unnest(%s::uuid[], %s::bytea[], %s::text[]) AS row (id, wrap, key_id)
)
INSERT INTO inference_scan (
    id, envelope_id, sealed_text, lane, characters, consumer, operating_point,
    state, scanned_characters, checkpoint, attempts, error, created_at
)
SELECT id, envelope_id, sealed, lane, characters, %s, %s, 'pending', 0, '', 0, '', now()
FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[], %s::text[], %s::int[])
    AS row (id, envelope_id, sealed, lane, characters)
RETURNING set_config('synchronous_commit', 'off', true)
"""
# All texts go if all have ended, or none goes.
_TAKE = """
WITH asked AS (
    SELECT id, state FROM inference_scan WHERE id = ANY(%s) FOR UPDATE
), gone AS (
    DELETE FROM inference_scan
    WHERE id IN (SELECT id FROM asked)
      AND NOT EXISTS (SELECT FROM asked WHERE state IN ('pending', 'running'))
    RETURNING id, envelope_id, CASE WHEN state = 'done' THEN sealed_spans END AS sealed,
              set_config('synchronous_commit', 'off', true) AS "commit"
), closed AS (
    DELETE FROM vault_envelope WHERE id IN (SELECT envelope_id FROM gone)
)
SELECT id, sealed FROM gone
"""


@dataclass(frozen=True, slots=True, repr=False)
class Submitted:
    """A text under way, with the key to it."""

    scan_id: UUID
    envelope: Envelope
    key: DataKey
    text: str


def insert(texts: Sequence[str], *, consumer: str, operating_point: str) -> list[Submitted]:
    """Seal texts and queue their scans, all at once; on commit the worker is woken."""
    submitted, scans = [], []
    for text in texts:
        envelope, key = Envelope.new_for_service()
        scan = queue.new_scan(
            envelope=envelope,
            key=key,
            text=text,
            consumer=consumer,
            operating_point=operating_point,
        )
        submitted.append(Submitted(scan.pk, envelope, key, text))
        scans.append(scan)
    envelopes = [one.envelope for one in submitted]
    with prepared_cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                [envelope.pk for envelope in envelopes],
                [envelope.service_wrap for envelope in envelopes],
                [envelope.service_key_id for envelope in envelopes],
                consumer,
                operating_point,
                [scan.pk for scan in scans],
                [envelope.pk for envelope in envelopes],
                [scan.sealed_text for scan in scans],
                [str(scan.lane) for scan in scans],
                [scan.characters for scan in scans],
            ],
        )
    transaction.on_commit(queue.wake_worker)
    return submitted


def take(scan_ids: Sequence[UUID]) -> dict[UUID, bytes | None]:
    """Remove ended scans with their envelopes; returns the sealed spans, None for a failed one.

    Returns nothing, and removes nothing, while one of them is still to be done.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_TAKE, [list(scan_ids)])
        return dict(cursor.fetchall())


def remove(envelope_ids: Sequence[UUID]) -> None:
    """Delete texts, results and keys.

    Not through Django's collector, which looks for pastes, documents and files of each envelope:
    these have none, and if one had, the database would refuse.
    """
    scans = Scan.objects.filter(envelope_id__in=envelope_ids)
    scans._raw_delete(scans.db)
    envelopes = Envelope.objects.filter(pk__in=envelope_ids)
    envelopes._raw_delete(envelopes.db)
