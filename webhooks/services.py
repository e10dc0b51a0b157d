"""What can be done with webhooks, and how the rest of the server says that something ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from vault.envelope import current_service_key_id, seal_for_service, unseal_for_service
from vault.planned import Planned
from webhooks import signing
from webhooks.addresses import check_url
from webhooks.models import TEST_EVENT, Delivery, DeliveryState, Event, Webhook

logger = logging.getLogger("blackbar.webhooks")
MAX_WEBHOOKS = 10
# Both secrets sign for this long after a new one was made.
OVERLAP = timedelta(days=1)
# The log goes this far back.
KEPT = timedelta(days=30)

_LISTENING = Planned(lambda owner: Webhook.objects.filter(owner=owner, disabled_at=None))
_sources: list[Callable[[], None]] = []


class WebhookError(Exception):
    """Base of what is raised here; the message is a sentence for the owner."""


class TooManyWebhooksError(WebhookError):
    """Raised when an account has as many webhooks as one may."""


class DisabledError(WebhookError):
    """Raised when something is to be sent to a webhook that is switched off."""


@dataclass(frozen=True, slots=True, repr=False)
class NewSecret:
    """A webhook and its new secret, which is shown nowhere else."""

    webhook: Webhook
    secret: str


@transaction.atomic
def create_webhook(*, owner: User, url: str, events: Collection[Event]) -> NewSecret:
    """Make a webhook. Raises AddressError, TooManyWebhooksError."""
    check_url(url)
    User.objects.select_for_update().get(pk=owner.pk)
    if Webhook.objects.filter(owner=owner).count() >= MAX_WEBHOOKS:
        raise TooManyWebhooksError("There are too many webhooks. Delete one first.")
    webhook, secret = Webhook(owner=owner, url=url, events=_sorted(events)), signing.new_secret()
    webhook.sealed_secret = seal_for_service(secret.encode(), _context(webhook))
    webhook.save(force_insert=True)
    return NewSecret(webhook, secret)


def change_webhook(
    webhook: Webhook, *, url: str | None = None, events: Collection[Event] | None = None
) -> None:
    """Change where a webhook goes and what it tells of. Raises AddressError."""
    if url is not None:
        check_url(url)
        webhook.url = url
    if events is not None:
        webhook.events = _sorted(events)
    webhook.save(update_fields=["url", "events"])


def switch_on(webhook: Webhook) -> None:
    """Send again what waits, and what comes."""
    webhook.disabled_at = webhook.failing_since = None
    webhook.disabled_because = ""
    webhook.save(update_fields=["disabled_at", "failing_since", "disabled_because"])
    transaction.on_commit(wake_sender)


def switch_off(webhook: Webhook, because: str) -> None:
    """Send nothing more; because is a sentence for the owner."""
    webhook.disabled_at, webhook.disabled_because = timezone.now(), because[:200]
    webhook.save(update_fields=["disabled_at", "disabled_because"])


@transaction.atomic
def renew_secret(webhook: Webhook) -> NewSecret:
    """Give a webhook another secret; for a day the old one signs too."""
    locked = Webhook.objects.select_for_update().get(pk=webhook.pk)
    secret = signing.new_secret()
    locked.sealed_previous = locked.sealed_secret
    locked.previous_until = timezone.now() + OVERLAP
    locked.sealed_secret = seal_for_service(secret.encode(), _context(locked))
    locked.save(update_fields=["sealed_secret", "sealed_previous", "previous_until"])
    return NewSecret(locked, secret)


def secrets_of(webhook: Webhook) -> list[str]:
    """Return what signs now, the newest first. Raises UnsealError."""
    sealed = [webhook.sealed_secret]
    if webhook.sealed_previous and (webhook.previous_until or timezone.now()) > timezone.now():
        sealed.append(webhook.sealed_previous)
    return [unseal_for_service(bytes(one), _context(webhook)).decode() for one in sealed]


def reseal_secrets() -> int:
    """Seal all secrets with the current service key; returns how many.

    Raises UnsealError if a key that is still in use is not configured.
    """
    current, resealed = f"{current_service_key_id()}:".encode(), 0
    for pk in Webhook.objects.values_list("pk", flat=True):
        with transaction.atomic():
            webhook = Webhook.objects.select_for_update().filter(pk=pk).first()
            for name in ("sealed_secret", "sealed_previous"):
                sealed = bytes(getattr(webhook, name, None) or b"")
                if webhook is None or not sealed or sealed.startswith(current):
                    continue
                value = unseal_for_service(sealed, _context(webhook))
                setattr(webhook, name, seal_for_service(value, _context(webhook)))
                webhook.save(update_fields=[name])
                resealed += 1
    return resealed


def announce(
    *, owner_id: int | None, event: Event, thing_id: str, occurred_at: datetime | None = None
) -> None:
    """Tell an account's webhooks that something ended; what belongs to nobody is told to nobody.

    Called in the transaction in which it ends: both are seen together, or neither. Saying the same
    twice sends it once.
    """
    if owner_id is None:
        return
    now = timezone.now()
    made = Delivery.objects.bulk_create(
        [
            Delivery(
                webhook=webhook,
                event=event.value,
                thing_id=thing_id,
                occurred_at=occurred_at or now,
                next_try_at=now,
            )
            for webhook in _LISTENING.all(owner=owner_id)
            if event.value in webhook.events
        ],
        ignore_conflicts=True,
    )
    if made:
        transaction.on_commit(wake_sender)


def send_test(webhook: Webhook) -> Delivery:
    """Send a message that means nothing, to see that it arrives. Raises DisabledError."""
    if not webhook.is_active:
        raise DisabledError("This webhook is switched off. Switch it on first.")
    now = timezone.now()
    delivery = Delivery.objects.create(
        webhook=webhook, event=TEST_EVENT, thing_id="test", occurred_at=now, next_try_at=now
    )
    transaction.on_commit(wake_sender)
    return delivery


def redeliver(delivery: Delivery) -> None:
    """Send a message once more under its id, from the first try on. Raises DisabledError."""
    if not delivery.webhook.is_active:
        raise DisabledError("This webhook is switched off. Switch it on first.")
    Delivery.objects.filter(pk=delivery.pk, lease_id=None).update(
        state=DeliveryState.PENDING, attempts=0, error="", next_try_at=timezone.now()
    )
    transaction.on_commit(wake_sender)


def wake_sender() -> None:
    """Tell a worker that there is something to send. Never raises: the sweep repeats it."""
    from webhooks.tasks import deliver

    _wake(deliver)


def wake_announcer() -> None:
    """Tell a worker that a source has something to announce. Never raises: the sweep asks too."""
    from webhooks.tasks import announce_ended

    _wake(announce_ended)


def register_source(source: Callable[[], None]) -> None:
    """Make known who announces what ended without a transaction to announce it in.

    Each is asked at every sweep, and when woken; apps do this once when loaded.
    """
    _sources.append(source)


def ask_sources() -> None:
    """Let everybody announce what has ended since the last time."""
    for source in _sources:
        source()


def forget_old() -> int:
    """Delete deliveries that are over and older than the log goes back; returns how many."""
    old = Delivery.objects.filter(created_at__lt=timezone.now() - KEPT)
    return old.exclude(state=DeliveryState.PENDING, webhook__disabled_at=None).delete()[0]


def _wake(task: Any) -> None:
    try:
        task.apply_async(retry=False)
    except Exception as exc:  # the broker's transport raises many kinds
        logger.warning("wake-up not sent (%s); the sweep will send it", type(exc).__name__)


def _sorted(events: Collection[Event]) -> list[str]:
    return [event.value for event in Event if event in set(events)]


def _context(webhook: Webhook) -> str:
    return f"secret of {webhook.pk}"
