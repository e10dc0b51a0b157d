"""Webhooks, as the schema describes them: how they are kept, and what is sent to them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.schema import items
from api.schema.describe import answer, body_of, describe
from api.schema.values import Offset
from webhooks.models import MAX_URL, TEST_EVENT, DeliveryState, Event

EVENTS = [event.value for event in Event]
_ID = "wh_5d1f0c9ab27e4386d0c1"
_MESSAGE_ID = "msg_5d1f0c9ab27e4386d0c1a9f2"
_WEBHOOK = {
    "id": _ID,
    "url": "https://hooks.example.org/blackbar",
    "events": ["job.done", "job.failed"],
    "active": True,
    "disabled_at": None,
    "disabled_because": None,
    "failing_since": None,
    "previous_secret_until": None,
    "created_at": "2026-11-21T09:00:00+00:00",
}
_WITH_SECRET = _WEBHOOK | {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="}
_DELIVERY = {
    "id": _MESSAGE_ID,
    "type": "job.done",
    "thing_id": "b5s0Zc1Qm2nXaPkW",
    "state": "pending",
    "attempts": 0,
    "status": None,
    "error": None,
    "occurred_at": "2026-11-21T09:00:00+00:00",
    "tried_at": None,
    "next_try_at": "2026-11-21T09:00:00+00:00",
}


# What is sent: not an operation of this server, but one of the receiver's.
MESSAGE = {
    "type": "object",
    "description": "What became of a thing, and when; none of its content.",
    "properties": {
        "type": {"$ref": "#/components/schemas/MessageType"},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {
            "type": "object",
            "properties": {
                "kind": {"enum": ["job", "paste", "document", "test"]},
                "id": {"type": "string"},
                "state": {"type": "string", "description": "`done`, `ready`, `failed`, ..."},
            },
            "required": ["kind"],
        },
    },
    "required": ["type", "timestamp", "data"],
}
SENT = {
    "message": {
        "post": {
            "operationId": "onMessage",
            "summary": "Something has ended",
            "description": (
                "Sent to your address, signed as Standard Webhooks 1.0 has it: HMAC-SHA256 over"
                " `webhook-id.webhook-timestamp.body` with your secret. Any answer of 2xx ends the"
                " tries."
            ),
            "tags": ["webhooks"],
            "parameters": [
                {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
                for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"$ref": "#/components/schemas/WebhookMessage"},
                        "example": {
                            "type": "job.done",
                            "timestamp": "2026-11-21T09:00:00+00:00",
                            "data": {"kind": "job", "id": "b5s0Zc1Qm2nXaPkW", "state": "done"},
                        },
                    }
                },
            },
            "responses": {"204": {"description": "It has arrived."}},
        }
    }
}


class EventsField(serializers.ListField):
    """What a webhook is told of."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.ChoiceField(choices=EVENTS), **options)


class NewWebhook(serializers.Serializer[Any]):
    """A webhook to make."""

    url = serializers.URLField(
        max_length=MAX_URL, help_text="A public address with TLS; private networks are refused."
    )
    events = EventsField(required=False, min_length=1, help_text="All, if it is left out.")


class WebhookChange(serializers.Serializer[Any]):
    """What is to be another way."""

    url = serializers.URLField(max_length=MAX_URL, required=False)
    events = EventsField(required=False, min_length=1)
    active = serializers.BooleanField(required=False, allow_null=True)


class Webhook(serializers.Serializer[Any]):
    """A webhook, without its secret."""

    id = serializers.CharField()
    url = serializers.URLField()
    events = EventsField()
    active = serializers.BooleanField()
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_because = serializers.CharField(allow_null=True, help_text="A sentence for people.")
    failing_since = serializers.DateTimeField(allow_null=True)
    previous_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret before this one signs too."
    )
    created_at = serializers.DateTimeField()


class WebhookWithSecret(Webhook):
    """A webhook with its secret, which is in this answer and nowhere else."""

    secret = serializers.CharField(help_text="Checks signatures (Standard Webhooks, `whsec_`).")


class Webhooks(serializers.Serializer[Any]):
    """The account's webhooks, newest first."""

    webhooks = Webhook(many=True)


class Delivery(serializers.Serializer[Any]):
    """A message that was or is to be sent."""

    id = serializers.CharField(help_text="The same however often it is tried: `webhook-id`.")
    type = serializers.ChoiceField(choices=[*EVENTS, TEST_EVENT])
    thing_id = serializers.CharField(allow_blank=True, help_text="Id of what it is about.")
    state = serializers.ChoiceField(choices=list(DeliveryState.values))
    attempts = Offset()
    status = serializers.IntegerField(allow_null=True, help_text="The receiver's last answer.")
    error = serializers.CharField(allow_null=True, help_text="Why the last try failed.")
    occurred_at = serializers.DateTimeField()
    tried_at = serializers.DateTimeField(allow_null=True)
    next_try_at = serializers.DateTimeField(allow_null=True)


class Deliveries(serializers.Serializer[Any]):
    """A page of a list."""

    deliveries = Delivery(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="Null on the last page.")


list_webhooks = describe(
    "listWebhooks",
    "List your webhooks",
    tag="webhooks",
    answers={200: answer(Webhooks, "Newest first.", {"webhooks": [_WEBHOOK]})},
)
create = describe(
    "createWebhook",
    "Make a webhook",
    tag="webhooks",
    body=body_of(
        NewWebhook,
        for_jobs={"url": "https://hooks.example.org/blackbar", "events": ["job.done"]},
    ),
    answers={201: answer(WebhookWithSecret, "The webhook with its secret.", _WITH_SECRET)},
    problems=("too_many_webhooks",),
    headers={201: ("Location",)},
)
get = describe(
    "getWebhook",
    "Look at a webhook",
    tag="webhooks",
    answers={200: answer(Webhook, "What is known of it.", _WEBHOOK)},
)
change = describe(
    "changeWebhook",
    "Change a webhook, or switch it on or off",
    tag="webhooks",
    body=body_of(WebhookChange, switch_off={"active": False}),
    answers={200: answer(Webhook, "The webhook as it is now.", _WEBHOOK)},
)
delete = describe(
    "deleteWebhook",
    "Delete a webhook",
    tag="webhooks",
    text="Deletes its log too; what was not sent yet never is.",
    answers={204: answer(None, "It is gone.")},
)
secret = describe(
    "renewWebhookSecret",
    "Give a webhook a new secret",
    tag="webhooks",
    text="For a day both sign.",
    answers={200: answer(WebhookWithSecret, "The webhook with its new secret.", _WITH_SECRET)},
)
test = describe(
    "testWebhook",
    "Send a test message",
    tag="webhooks",
    answers={202: answer(Delivery, "It will be sent.", _DELIVERY | {"type": TEST_EVENT})},
    problems=("disabled",),
)
deliveries = describe(
    "listDeliveries",
    "List what was sent to a webhook",
    tag="webhooks",
    text="Deliveries of the last 30 days, newest first.",
    answers={200: answer(Deliveries, "A page.", {"deliveries": [_DELIVERY], "next_cursor": None})},
    problems=("invalid",),
    parameters=items.PAGE,
)
redeliver = describe(
    "redeliver",
    "Send a message again",
    tag="webhooks",
    text="Under the id that it had.",
    answers={202: answer(Delivery, "It will be sent.", _DELIVERY)},
    problems=("disabled",),
)
