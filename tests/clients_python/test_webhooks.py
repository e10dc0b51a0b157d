"""Webhooks: what is asked of the server, and how its answers are read."""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx
import pytest

from blackbar import AsyncClient, ConflictError, NewWebhook, Webhook
from tests.apart import apart
from tests.clients_python.scripted import Script, pauses, problem, told

__all__ = ("pauses",)
SECRET = "whsec_Q2FuYXJ5LTc3MzE="
HOOK: dict[str, Any] = {
    "id": "wh_0123456789abcdef0123",
    "url": "https://hooks.example/Canary-7731",
    "events": ["job.done", "job.failed"],
    "active": True,
    "disabled_at": None,
    "disabled_because": None,
    "failing_since": None,
    "previous_secret_until": "2026-11-22T10:00:00+00:00",
    "created_at": "2026-11-21T10:00:00+00:00",
}
SENT: dict[str, Any] = {
    "id": "msg_0123456789abcdef01234567",
    "type": "job.done",
    "thing_id": "x",
    "state": "delivered",
    "attempts": 1,
    "status": 204,
    "error": None,
    "occurred_at": "2026-11-21T10:00:00+00:00",
    "tried_at": "2026-11-21T10:00:01+00:00",
    "next_try_at": None,
}
PID, MSG = HOOK["id"], SENT["id"]


def test_a_webhook_is_made_changed_and_deleted() -> None:
    script = Script(
        told(HOOK | {"secret": SECRET}, 201),
        told({"webhooks": [HOOK]}),
        told(HOOK | {"active": False, "disabled_because": "You switched it off."}),
        told(HOOK | {"secret": SECRET}),
        httpx.Response(204),
    )
    webhooks = script.client().webhooks
    made = webhooks.create(HOOK["url"], ["job.done", "job.failed"])
    assert isinstance(made, NewWebhook)
    assert (made.secret, made.webhook.events) == (SECRET, ("job.done", "job.failed"))
    assert webhooks.list() == [made.webhook]
    off = webhooks.change(PID, active=False)
    assert (off.active, off.disabled_because) == (False, "You switched it off.")
    assert webhooks.rotate(PID).secret == SECRET
    webhooks.delete(PID)
    base = "/api/v1/webhooks"
    assert script.asked() == [
        f"POST {base}", f"GET {base}", f"PATCH {base}/{PID}", f"POST {base}/{PID}/secret",
        f"DELETE {base}/{PID}",
    ]  # fmt: skip
    bodies = [json.loads(request.content or b"null") for request in script.requests]
    assert bodies[0] == {"url": HOOK["url"], "events": HOOK["events"]}
    assert bodies[2] == {"active": False}


def test_what_was_sent_is_read_and_sent_again() -> None:
    page = {"deliveries": [SENT], "next_cursor": "c2"}
    script = Script(told(page), told(SENT, 202), told(SENT | {"state": "pending"}, 202))
    webhooks = script.client().webhooks
    found = webhooks.deliveries(PID, limit=1, cursor="c1")
    assert (found.deliveries[0].status, found.next_cursor) == (204, "c2")
    assert dict(script.requests[0].url.params) == {"limit": "1", "cursor": "c1"}
    assert webhooks.test(PID).type == "job.done"
    assert webhooks.redeliver(PID, MSG).state == "pending"


def test_nothing_that_makes_a_second_one_is_sent_again(pauses: list[float]) -> None:
    for call in ("create", "rotate", "test"):
        script = Script(problem(503, "unavailable"))
        with pytest.raises(Exception, match="out of reach"):
            getattr(script.client().webhooks, call)(PID)
        assert len(script.requests) == 1
    assert pauses == []


@pytest.mark.parametrize("code", ["too_many_webhooks", "disabled"])
def test_conflicts_have_a_sentence_and_say_nothing_of_the_server_s(code: str) -> None:
    with pytest.raises(ConflictError) as caught:
        Script(problem(409, code)).client().webhooks.test(PID)
    assert "webhook" in str(caught.value)
    assert "Canary" not in str(caught.value)


def test_neither_address_nor_secret_is_shown() -> None:
    script = Script(told(HOOK | {"secret": SECRET}, 201))
    made = script.client().webhooks.create(HOOK["url"])
    for shown in (repr(made), repr(made.webhook), str(made)):
        assert SECRET not in shown
        assert "Canary" not in shown


def test_the_same_is_awaited() -> None:
    script = Script(told({"webhooks": [HOOK]}), told(HOOK | {"secret": SECRET}))

    async def ask() -> tuple[list[Webhook], str]:
        transport = httpx.MockTransport(script)
        async with AsyncClient("https://blackbar.example", "k" * 20, transport=transport) as client:
            return await client.webhooks.list(), (await client.webhooks.rotate(PID)).secret

    (hook,), secret = apart(anyio.run, ask)
    assert (hook.id, secret) == (PID, SECRET)
