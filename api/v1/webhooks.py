"""Webhooks of the caller's account, and what was sent to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.schema import webhooks as schema
from api.schema.describe import described
from api.v1.base import NativeView, fields_of
from api.v1.cursors import page_of
from api.v1.problems import Problem
from webhooks import services
from webhooks.addresses import AddressError
from webhooks.models import Delivery, Event, Webhook

_NO_STORE = {"Cache-Control": "no-store"}


@described(get=schema.list_webhooks, post=schema.create)
class Webhooks(NativeView):
    """The collection."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"GET": "admin", "POST": "admin"}

    def get(self, request: Request) -> Response:
        """List the account's webhooks, newest first."""
        rows = Webhook.objects.filter(owner=_owner(request)).order_by("-created_at", "pk")
        return Response({"webhooks": [_as_json(row) for row in rows]}, headers=_NO_STORE)

    def post(self, request: Request) -> Response:
        """Make a webhook from `url` and `events` (all if left out); its secret is shown once."""
        data = fields_of(request, ("url", "events"))
        events = _read_events(data.get("events")) if "events" in data else list(Event)
        try:
            made = services.create_webhook(
                owner=_owner(request), url=_read_url(data.get("url")), events=events
            )
        except AddressError as exc:
            raise Problem(422, "invalid", errors={"url": [str(exc)]}) from exc
        except services.TooManyWebhooksError as exc:
            raise Problem(409, "too_many_webhooks", str(exc)) from exc
        address = reverse("api:v1:webhook", args=[made.webhook.pk])
        body = _as_json(made.webhook) | {"secret": made.secret}
        return Response(body, 201, headers=_NO_STORE | {"Location": address})


@described(get=schema.get, patch=schema.change, delete=schema.delete)
class OneWebhook(NativeView):
    """One of the account's webhooks."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"GET": "admin", "PATCH": "admin", "DELETE": "admin"}

    def get(self, request: Request, webhook_id: str) -> Response:
        """Return what is known of it; never its secret."""
        return Response(_as_json(_find(request, webhook_id)), headers=_NO_STORE)

    def patch(self, request: Request, webhook_id: str) -> Response:
        """Change `url` or `events`, or switch it on or off by `active`."""
        webhook = _find(request, webhook_id)
        data = fields_of(request, ("url", "events", "active"))
        active = data.get("active")
        if active is not None and not isinstance(active, bool):
            raise Problem(422, "invalid", errors={"active": ["It is true or false."]})
        url = _read_url(data["url"]) if "url" in data else None
        events = _read_events(data["events"]) if "events" in data else None
        try:
            services.change_webhook(webhook, url=url, events=events)
        except AddressError as exc:
            raise Problem(422, "invalid", errors={"url": [str(exc)]}) from exc
        if active is True and not webhook.is_active:
            services.switch_on(webhook)
        elif active is False and webhook.is_active:
            services.switch_off(webhook, "You switched it off.")
        return Response(_as_json(webhook), headers=_NO_STORE)

    def delete(self, request: Request, webhook_id: str) -> Response:
        """Delete it with its log; what was not sent yet never is."""
        _find(request, webhook_id).delete()
        return Response(status=204)


@described(post=schema.secret)
class WebhookSecret(NativeView):
    """A webhook's secret."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"POST": "admin"}

    def post(self, request: Request, webhook_id: str) -> Response:
        """Make a new secret; for a day both sign."""
        made = services.renew_secret(_find(request, webhook_id))
        return Response(_as_json(made.webhook) | {"secret": made.secret}, headers=_NO_STORE)


@described(post=schema.test)
class WebhookTest(NativeView):
    """A message to see that a receiver works."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"POST": "admin"}

    def post(self, request: Request, webhook_id: str) -> Response:
        """Send `webhook.test`."""
        try:
            delivery = services.send_test(_find(request, webhook_id))
        except services.DisabledError as exc:
            raise Problem(409, "disabled", str(exc)) from exc
        return Response(_delivery_as_json(delivery), 202, headers=_NO_STORE)


@described(get=schema.deliveries)
class Deliveries(NativeView):
    """What was or is to be sent to a webhook."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"GET": "admin"}

    def get(self, request: Request, webhook_id: str) -> Response:
        """List deliveries of the last 30 days, newest first; `cursor` goes on."""
        rows, cursor = page_of(request, _find(request, webhook_id).deliveries.all())
        listed = [_delivery_as_json(row) for row in rows]
        return Response({"deliveries": listed, "next_cursor": cursor}, headers=_NO_STORE)


@described(post=schema.redeliver)
class Redelivery(NativeView):
    """One delivery, once more."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"POST": "admin"}

    def post(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        """Send a message again under its id."""
        rows = _find(request, webhook_id).deliveries.select_related("webhook")
        delivery = rows.filter(pk=delivery_id).first()
        if delivery is None:
            raise Problem(404, "not_found")
        try:
            services.redeliver(delivery)
        except services.DisabledError as exc:
            raise Problem(409, "disabled", str(exc)) from exc
        delivery.refresh_from_db()
        return Response(_delivery_as_json(delivery), 202, headers=_NO_STORE)


def _owner(request: Request) -> User:
    # Behind needs_account: says so to the type checker.
    if not isinstance(request.user, User):
        raise Problem(401, "key_needed")
    return request.user


def _find(request: Request, webhook_id: str) -> Webhook:
    webhook = Webhook.objects.filter(owner=_owner(request), pk=webhook_id).first()
    if webhook is None:
        raise Problem(404, "not_found")
    return webhook


def _read_url(value: Any) -> str:
    longest = Webhook._meta.get_field("url").max_length or 0
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        sentence = f"It must be an address of up to {longest} characters."
        raise Problem(422, "invalid", errors={"url": [sentence]})
    return value


def _read_events(value: Any) -> list[Event]:
    names = [event.value for event in Event]
    if not isinstance(value, list) or not value or any(one not in names for one in value):
        sentence = f"It must be a list of {', '.join(names)}."
        raise Problem(422, "invalid", errors={"events": [sentence]})
    return [Event(one) for one in value]


def _as_json(webhook: Webhook) -> dict[str, Any]:
    disabled, failing, until = (
        webhook.disabled_at,
        webhook.failing_since,
        webhook.previous_until,
    )
    return {
        "id": webhook.pk,
        "url": webhook.url,
        "events": webhook.events,
        "active": webhook.is_active,
        "disabled_at": disabled.isoformat() if disabled else None,
        "disabled_because": webhook.disabled_because or None,
        "failing_since": failing.isoformat() if failing else None,
        "previous_secret_until": until.isoformat() if until else None,
        "created_at": webhook.created_at.isoformat(),
    }


def _delivery_as_json(delivery: Delivery) -> dict[str, Any]:
    is_waiting = delivery.state == "pending"
    return {
        "id": delivery.pk,
        "type": delivery.event,
        "thing_id": delivery.thing_id,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status": delivery.status or None,
        "error": delivery.error or None,
        "occurred_at": delivery.occurred_at.isoformat(),
        "tried_at": delivery.tried_at.isoformat() if delivery.tried_at else None,
        "next_try_at": delivery.next_try_at.isoformat() if is_waiting else None,
    }
