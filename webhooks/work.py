"""The worker's side: claim what is due, send it, note what came of it.

    announced -> PENDING -> claim (lease) -> sent -> DELIVERED
                    ^                          |-> due again later, FAILED after the last try

A sender that dies loses its lease and the message is sent again under the same id: at least once.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from vault.envelope import UnsealError
from webhooks import sending, signing
from webhooks.models import TEST_EVENT, Delivery, DeliveryState, Webhook
from webhooks.services import secrets_of, switch_off

logger = logging.getLogger("blackbar.webhooks")
# Pauses after each failed try; after the last the message is given up: 17.6 hours in all.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18_000, 36_000))
# A webhook at which nothing has arrived for so long is switched off.
PATIENCE = timedelta(days=5)
LEASE = timedelta(seconds=sending.TOTAL_SECONDS * 4)
_slots = threading.BoundedSemaphore(settings.WEBHOOK_SENDERS)


def run_due() -> None:
    """Send what is due in threads of this process, as many as there are slots; returns at once."""
    while _slots.acquire(blocking=False):
        delivery = None
        try:
            delivery = claim()
        finally:
            if delivery is None:
                _slots.release()
        if delivery is None:
            return
        threading.Thread(target=_send_on, args=(delivery,), name="webhook", daemon=True).start()


def send_next() -> bool:
    """Send the most overdue message in this thread; False if there is none."""
    delivery = claim()
    if delivery is None:
        return False
    send(delivery)
    return True


@transaction.atomic
def claim() -> Delivery | None:
    """Lease the most overdue message, of one account one at a time; None if there is none.

    So an account whose receivers are slow waits for itself only.
    """
    busy = Delivery.objects.under_way().values("webhook__owner")
    rows = Delivery.objects.due().exclude(webhook__owner__in=busy).select_related("webhook")
    delivery = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if delivery is not None:
        delivery.lease_id, delivery.lease_expires_at = uuid.uuid4(), timezone.now() + LEASE
        delivery.save(update_fields=["lease_id", "lease_expires_at"])
    return delivery


def send(delivery: Delivery) -> None:
    """Try a claimed message once, and note what came of it."""
    body = body_of(delivery)
    status, error = 0, ""
    try:
        secrets = secrets_of(delivery.webhook)
        headers = signing.headers_for(secrets, delivery.pk, int(time.time()), body)
        status = sending.post(delivery.webhook.url, body, headers)
    except sending.SendError as exc:
        error = str(exc)
    except UnsealError:
        error = "The server no longer holds the key to the secret. Make a new secret."
    if status and not 200 <= status < 300:
        error = "Redirects are not followed." if 300 <= status < 400 else "It answered an error."
    _note(delivery, status, error)


def body_of(delivery: Delivery) -> bytes:
    """Return what is sent: which thing, what became of it, when. The same at every try."""
    kind, _, state = delivery.event.partition(".")
    data: dict[str, Any] = {"kind": kind, "id": delivery.thing_id, "state": state}
    if delivery.event == TEST_EVENT:
        data = {"kind": "test"}
    moment = delivery.occurred_at.isoformat()
    message = {"type": delivery.event, "timestamp": moment, "data": data}
    return json.dumps(message, separators=(",", ":")).encode()


@transaction.atomic
def _note(delivery: Delivery, status: int, error: str) -> None:
    """Write the outcome of a try, unless the lease was lost meanwhile."""
    now = timezone.now()
    attempts = delivery.attempts + 1
    changes: dict[str, Any] = {"state": DeliveryState.PENDING}
    if not error:
        changes = {"state": DeliveryState.DELIVERED}
    elif attempts > len(PAUSES):
        changes = {"state": DeliveryState.FAILED}
    else:
        pause = PAUSES[attempts - 1]
        # Apart from each other: after an outage not all come at once.
        changes["next_try_at"] = now + pause * random.uniform(1, 1.2)
    changed = Delivery.objects.filter(pk=delivery.pk, lease_id=delivery.lease_id).update(
        attempts=attempts,
        status=status,
        error=error,
        tried_at=now,
        lease_id=None,
        lease_expires_at=None,
        **changes,
    )
    webhook = Webhook.objects.select_for_update().filter(pk=delivery.webhook_id).first()
    if not changed or webhook is None:
        return
    logger.info("%s: try %d of %s, status %d", webhook, attempts, delivery.pk, status)
    _judge(webhook, status, error)


def _judge(webhook: Webhook, status: int, error: str) -> None:
    """Switch a webhook off whose receiver is gone, or has not answered well for days."""
    now = timezone.now()
    if not error:
        if webhook.failing_since is not None:
            webhook.failing_since = None
            webhook.save(update_fields=["failing_since"])
        return
    if webhook.failing_since is None:
        webhook.failing_since = now
        webhook.save(update_fields=["failing_since"])
    if status == 410:
        switch_off(webhook, "The receiver answered 410: it wants no more messages.")
    elif now - webhook.failing_since > PATIENCE:
        switch_off(webhook, f"Nothing has arrived for {PATIENCE.days} days. {error}")


def _send_on(delivery: Delivery | None) -> None:
    """Send a claimed message, and then whatever else is due."""
    try:
        while delivery is not None:
            send(delivery)
            delivery = claim()
    except Exception as exc:
        # Only the type: a driver's message may quote a row. The lease does the rest.
        logger.error("webhook sender interrupted (%s)", type(exc).__name__)
    finally:
        _slots.release()
        connection.close()
