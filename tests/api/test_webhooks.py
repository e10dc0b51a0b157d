"""Webhooks through the API: made, changed, tried, deleted; the scope admin decides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Scope, User
from tests.api.wire import NewKeyMaker, alice, get, new_key, own_network, send
from webhooks import services
from webhooks.models import Delivery, DeliveryState, Event, Webhook

__all__ = ("alice", "new_key", "own_network")
pytestmark = pytest.mark.django_db
HOOKS = "/api/v1/webhooks"
URL = "https://hooks.example.org/a"


@pytest.fixture(autouse=True)
def _no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "wake_sender", lambda: None)


def _call(client: Client, method: str, path: str, key: Any, body: Any = None) -> Any:
    return client.generic(
        method,
        path,
        "" if body is None else json.dumps(body),
        "application/json",
        headers={"Authorization": f"Bearer {key.bearer}"},
    )


def test_a_webhook_is_made_read_changed_and_deleted(client: Client, new_key: NewKeyMaker) -> None:
    key = new_key(Scope.ADMIN)
    made = send(client, HOOKS, {"url": URL, "events": ["paste.ready"]}, key)
    body = made.json()
    assert (made.status_code, made["Location"]) == (201, f"{HOOKS}/{body['id']}")
    assert services.secrets_of(Webhook.objects.get()) == [body.pop("secret")]
    assert get(client, made["Location"], key).json() == body
    assert get(client, HOOKS, key).json() == {"webhooks": [body]}
    changed = _call(client, "PATCH", made["Location"], key, {"url": f"{URL}/b", "active": False})
    assert (changed.json()["url"], changed.json()["active"]) == (f"{URL}/b", False)
    assert changed.json()["disabled_because"] == "You switched it off."
    assert _call(client, "PATCH", made["Location"], key, {"active": True}).json()["active"] is True
    assert _call(client, "DELETE", made["Location"], key).status_code == 204
    assert get(client, made["Location"], key).status_code == 404


def test_without_events_it_is_told_of_all(client: Client, new_key: NewKeyMaker) -> None:
    made = send(client, HOOKS, {"url": URL}, new_key(Scope.ADMIN)).json()
    assert made["events"] == [event.value for event in Event]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": 7},
        {"url": "http://hooks.example.org/"},
        {"url": "https://127.0.0.1/Canary-7731"},
        {"url": "https://" + "x" * 600},
        {"url": URL, "events": []},
        {"url": URL, "events": "paste.ready"},
        {"url": URL, "events": ["Canary-7731"]},
        {"url": URL, "events": [["paste.ready"]]},
        {"url": URL, "Canary-7731": 1},
    ],
)
def test_what_makes_no_sense_is_said_without_an_echo(
    client: Client, new_key: NewKeyMaker, body: Any
) -> None:
    answer = send(client, HOOKS, body, new_key(Scope.ADMIN))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "Canary" not in answer.content.decode()
    assert not Webhook.objects.exists()


def test_there_is_a_most(
    client: Client, new_key: NewKeyMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MAX_WEBHOOKS", 1)
    key = new_key(Scope.ADMIN)
    send(client, HOOKS, {"url": URL}, key)
    answer = send(client, HOOKS, {"url": URL}, key)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


def test_a_test_is_logged_and_sent_again(client: Client, new_key: NewKeyMaker) -> None:
    key = new_key(Scope.ADMIN)
    address = send(client, HOOKS, {"url": URL}, key)["Location"]
    sent = send(client, f"{address}/test", None, key)
    assert (sent.status_code, sent.json()["type"]) == (202, "webhook.test")
    Delivery.objects.update(state=DeliveryState.FAILED, attempts=8, status=500, error="x")
    send(client, f"{address}/test", None, key)
    first = get(client, f"{address}/deliveries?limit=1", key).json()
    rest = get(client, f"{address}/deliveries?cursor={first['next_cursor']}", key).json()
    (old,) = rest["deliveries"]
    assert (old["id"], old["status"], old["next_try_at"]) == (sent.json()["id"], 500, None)
    again = send(client, f"{address}/deliveries/{old['id']}/redelivery", None, key)
    assert (again.status_code, again.json()["state"]) == (202, "pending")
    assert again.json()["id"] == old["id"]
    _call(client, "PATCH", address, key, {"active": False})
    for path in ("/test", f"/deliveries/{old['id']}/redelivery"):
        refused = send(client, address + path, None, key)
        assert (refused.status_code, refused.json()["code"]) == (409, "disabled")


def test_a_new_secret_is_in_its_answer_only(client: Client, new_key: NewKeyMaker) -> None:
    key = new_key(Scope.ADMIN)
    made = send(client, HOOKS, {"url": URL}, key)
    fresh = send(client, f"{made['Location']}/secret", None, key).json()
    assert fresh["secret"] != made.json()["secret"]
    assert fresh["previous_secret_until"]
    assert "secret" not in get(client, made["Location"], key).json()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("POST", ""), ("GET", "/{id}"), ("PATCH", "/{id}"), ("DELETE", "/{id}"),
        ("POST", "/{id}/secret"), ("POST", "/{id}/test"), ("GET", "/{id}/deliveries"),
        ("POST", "/{id}/deliveries/{delivery}/redelivery"),
    ],
)  # fmt: skip
def test_other_scopes_strangers_and_nobody_get_nothing(
    client: Client, new_key: NewKeyMaker, method: str, path: str
) -> None:
    owner = new_key(Scope.ADMIN)
    webhook = services.create_webhook(owner=owner.key.owner, url=URL, events=list(Event)).webhook
    delivery = services.send_test(webhook)
    address = HOOKS + path.format(id=webhook.pk, delivery=delivery.pk)
    weak = _call(client, method, address, new_key(Scope.REDACT, Scope.READ, Scope.REVEAL), {})
    assert (weak.status_code, weak.json()["code"]) == (403, "scope_needed")
    stranger = new_key(Scope.ADMIN, owner=User.objects.create_user("charlie"))
    answer = _call(client, method, address, stranger, {})
    assert answer.status_code == (404 if path else {"GET": 200, "POST": 422}[method])
    assert webhook.pk not in answer.content.decode()
    assert client.generic(method, address).status_code == 401
    assert Webhook.objects.filter(pk=webhook.pk, disabled_at=None).exists()
