"""Webhooks of an account, and what was sent to them. All of it takes the scope admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from blackbar.answers import Fields
from blackbar.documents import paging
from blackbar.steps import Request, Steps, address, encoded

Event = Literal[
    "job.done",
    "job.failed",
    "paste.ready",
    "paste.failed",
    "document.ready",
    "document.failed",
    "document.clean_ready",
    "document.clean_failed",
]


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told when something has ended.

    disabled_because:      why nothing is sent, in a sentence; None while something is
    failing_since:         when the present run of failed tries began
    previous_secret_until: so long the secret before the last one signs too
    """

    id: str
    url: str
    events: tuple[str, ...]
    active: bool
    disabled_at: datetime | None
    disabled_because: str | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_at: datetime

    def __repr__(self) -> str:
        return f"<Webhook {self.id}>"


@dataclass(frozen=True, slots=True, repr=False)
class NewWebhook:
    """A webhook and its secret, which the server never shows again.

    secret: for `verify_delivery`
    """

    webhook: Webhook
    secret: str

    def __repr__(self) -> str:
        return f"<NewWebhook {self.webhook.id}>"


@dataclass(frozen=True, slots=True)
class SentDelivery:
    """One message to a webhook, as its log has it.

    type:     of the event; "webhook.test" for a test
    state:    "pending", "delivered" or "failed"
    status:   what the receiver answered last
    error:    what went wrong, in a sentence
    """

    id: str
    type: str
    thing_id: str
    state: str
    attempts: int
    status: int | None
    error: str | None
    occurred_at: datetime
    tried_at: datetime | None
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Some deliveries, newest first. next_cursor: for the following ones, None at the end"""

    deliveries: tuple[SentDelivery, ...]
    next_cursor: str | None


def list_webhooks() -> Steps[list[Webhook]]:
    """Return the account's webhooks, newest first. Raises ProblemError, TransportError."""
    answer = yield Request("GET", address("webhooks"), is_repeatable=True)
    return [_webhook_from(one) for one in Fields(answer.json()).objects("webhooks")]


def get(webhook_id: str) -> Steps[Webhook]:
    """Return a webhook. Raises NotFoundError, ProblemError, TransportError."""
    answer = yield Request("GET", address("webhooks", webhook_id), is_repeatable=True)
    return _webhook_from(Fields(answer.json()))


def create(url: str, events: Sequence[Event] | None = None) -> Steps[NewWebhook]:
    """Make a webhook.

    url:    https:// to a public address, unless the server allows others
    events: what it is told of; everything if not given
    Raises InvalidError, ConflictError, ProblemError, TransportError.
    """
    body: dict[str, Any] = {"url": url}
    if events is not None:
        body["events"] = list(events)
    answer = yield Request("POST", address("webhooks"), body=encoded(body))
    return _new_webhook_from(Fields(answer.json()))


def change(
    webhook_id: str,
    *,
    url: str | None = None,
    events: Sequence[Event] | None = None,
    active: bool | None = None,
) -> Steps[Webhook]:
    """Change what is given of a webhook; `active` switches it on and off.

    Raises InvalidError, NotFoundError, ProblemError, TransportError.
    """
    given = {"url": url, "events": None if events is None else list(events), "active": active}
    body = {name: value for name, value in given.items() if value is not None}
    where = address("webhooks", webhook_id)
    answer = yield Request("PATCH", where, body=encoded(body), is_repeatable=True)
    return _webhook_from(Fields(answer.json()))


def rotate(webhook_id: str) -> Steps[NewWebhook]:
    """Make a new secret for a webhook; for a day the old one signs too.

    Raises NotFoundError, ProblemError, TransportError.
    """
    answer = yield Request("POST", address("webhooks", webhook_id, "secret"))
    return _new_webhook_from(Fields(answer.json()))


def delete(webhook_id: str) -> Steps[None]:
    """Delete a webhook with its log. Raises NotFoundError, ProblemError, TransportError."""
    yield Request("DELETE", address("webhooks", webhook_id), is_repeatable=True)


def test(webhook_id: str) -> Steps[SentDelivery]:
    """Have a message sent that means nothing.

    Raises ConflictError if the webhook is switched off, NotFoundError, ProblemError,
    TransportError.
    """
    answer = yield Request("POST", address("webhooks", webhook_id, "test"))
    return _delivery_from(Fields(answer.json()))


def deliveries(
    webhook_id: str, *, limit: int | None = None, cursor: str | None = None
) -> Steps[DeliveryPage]:
    """Return what was or is to be sent to a webhook, of the last 30 days.

    Raises NotFoundError, InvalidError, ProblemError, TransportError.
    """
    where = address("webhooks", webhook_id, "deliveries")
    answer = yield Request("GET", where, query=paging(cursor, limit), is_repeatable=True)
    told = Fields(answer.json())
    found = [_delivery_from(one) for one in told.objects("deliveries")]
    return DeliveryPage(tuple(found), told.text_or_none("next_cursor"))


def redeliver(webhook_id: str, delivery_id: str) -> Steps[SentDelivery]:
    """Have a message sent once more, under its id.

    Raises ConflictError if the webhook is switched off, NotFoundError, ProblemError,
    TransportError.
    """
    where = address("webhooks", webhook_id, "deliveries", delivery_id, "redelivery")
    answer = yield Request("POST", where)
    return _delivery_from(Fields(answer.json()))


def _webhook_from(told: Fields) -> Webhook:
    return Webhook(
        id=told.text("id"),
        url=told.text("url"),
        events=told.texts("events"),
        active=told.flag("active"),
        disabled_at=told.time_or_none("disabled_at"),
        disabled_because=told.text_or_none("disabled_because"),
        failing_since=told.time_or_none("failing_since"),
        previous_secret_until=told.time_or_none("previous_secret_until"),
        created_at=told.time("created_at"),
    )


def _new_webhook_from(told: Fields) -> NewWebhook:
    return NewWebhook(_webhook_from(told), told.text("secret"))


def _delivery_from(told: Fields) -> SentDelivery:
    return SentDelivery(
        id=told.text("id"),
        type=told.text("type"),
        thing_id=told.text("thing_id"),
        state=told.text("state"),
        attempts=told.whole("attempts"),
        status=told.whole_or_none("status"),
        error=told.text_or_none("error"),
        occurred_at=told.time("occurred_at"),
        tried_at=told.time_or_none("tried_at"),
        next_try_at=told.time_or_none("next_try_at"),
    )
