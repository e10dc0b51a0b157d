"""The pages of webhooks: made, shown once, tried, switched off; each faces the cast."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.conftest import (
    _fresh_limits,
    _standing_clock,
    alice,
    alice_client,
    charlie,
    charlie_client,
    make_person,
)
from webhooks import services, urls
from webhooks.models import Delivery, DeliveryState, Event, Webhook
from webhooks.services import NewSecret, create_webhook

__all__ = (
    "_fresh_limits", "_standing_clock", "alice", "alice_client", "charlie", "charlie_client",
    "make_person",
)  # fmt: skip
pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/a?token=Canary-7731"
LIST = "account_webhooks"
# name: method, and what the owner, a stranger and nobody are answered
TABLE = {
    "account_webhooks": ("GET", 200, 200, 302),
    "account_webhook": ("GET", 200, 404, 302),
    "account_webhook_change": ("POST", 302, 404, 302),
    "account_webhook_secret": ("POST", 200, 404, 302),
}


@pytest.fixture(autouse=True)
def _no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "wake_sender", lambda: None)


@pytest.fixture
def hook(alice: User) -> NewSecret:
    """A webhook of alice's."""
    return create_webhook(owner=alice, url=URL, events=[Event.JOB_DONE])


def _address(name: str, hook: NewSecret) -> str:
    return reverse(name, args=[] if name == LIST else [hook.webhook.pk])


def _call(client: Client, name: str, hook: NewSecret) -> Any:
    address = _address(name, hook)
    return client.get(address) if TABLE[name][0] == "GET" else client.post(address, {"action": "x"})


def test_every_address_is_in_the_table() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_owner_stranger_and_nobody(
    hook: NewSecret, alice_client: Client, charlie_client: Client, client: Client, name: str
) -> None:
    _, owner, stranger, nobody = TABLE[name]
    for who, status in ((charlie_client, stranger), (client, nobody), (alice_client, owner)):
        before = Webhook.objects.values().get()
        answer = _call(who, name, hook)
        assert answer.status_code == status
        if who is not alice_client:
            assert "Canary" not in answer.content.decode()
            assert Webhook.objects.values().get() == before
        if who is client:
            assert answer["Location"].startswith(reverse("account_login"))


def test_a_webhook_is_made_and_its_secret_shown_once(alice: User, alice_client: Client) -> None:
    answer = alice_client.post(reverse(LIST), {"url": URL, "events": ["job.done", "paste.ready"]})
    found = re.search(r"whsec_[A-Za-z0-9+/=]{44}", answer.content.decode())
    assert found
    assert "no-store" in answer["Cache-Control"]
    webhook = Webhook.objects.get()
    assert (webhook.owner, webhook.url, webhook.events) == (alice, URL, ["job.done", "paste.ready"])
    assert services.secrets_of(webhook) == [found[0]]
    assert found[0] not in alice_client.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {"url": "http://hooks.example.org/", "events": ["job.done"]},
        {"url": "https://10.0.0.1/", "events": ["job.done"]},
        {"url": "", "events": ["job.done"]},
        {"url": URL},
        {"url": URL, "events": ["job.unknown"]},
        {"url": "https://example.org/" + "x" * 500, "events": ["job.done"]},
    ],
)
def test_what_cannot_be_is_said(alice_client: Client, form: dict[str, Any]) -> None:
    answer = alice_client.post(reverse(LIST), form)
    assert answer.status_code == 200
    assert "field-error" in answer.content.decode()
    assert not Webhook.objects.exists()


def test_there_is_a_most(
    hook: NewSecret, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MAX_WEBHOOKS", 1)
    answer = alice_client.post(reverse(LIST), {"url": URL, "events": ["job.done"]})
    assert "too many" in answer.content.decode()
    assert Webhook.objects.count() == 1


def test_a_message_is_sent_again_and_the_log_says_how_it_stands(
    hook: NewSecret, alice_client: Client
) -> None:
    change, log = (_address(name, hook) for name in ("account_webhook_change", "account_webhook"))
    alice_client.post(change, {"action": "test"})
    Delivery.objects.update(
        state=DeliveryState.FAILED, attempts=8, status=500, error="It answered an error."
    )
    page = alice_client.get(log).content.decode()
    for said in ("Given up", "8 tries", "answered 500", "It answered an error."):
        assert said in page
    alice_client.post(change, {"redeliver": Delivery.objects.get().pk})
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 0)
    assert alice_client.post(change, {"redeliver": "msg_x"}).status_code == 404


def test_one_that_was_switched_off_says_why_and_is_switched_on(
    hook: NewSecret, alice_client: Client
) -> None:
    services.switch_off(hook.webhook, "The receiver answered 410: it wants no more messages.")
    log = _address("account_webhook", hook)
    change = _address("account_webhook_change", hook)
    assert "answered 410" in alice_client.get(log).content.decode()
    answer = alice_client.post(change, {"action": "test"}, follow=True)
    assert "switched off" in answer.content.decode()
    assert not Delivery.objects.exists()
    alice_client.post(change, {"action": "on"})
    assert Webhook.objects.get().is_active
    alice_client.post(change, {"action": "off"})
    assert Webhook.objects.get().disabled_because == "You switched it off."


def test_a_new_secret_is_shown_once(hook: NewSecret, alice_client: Client) -> None:
    answer = alice_client.post(_address("account_webhook_secret", hook))
    newest, former = services.secrets_of(Webhook.objects.get())
    assert newest in answer.content.decode()
    assert former == hook.secret
    assert newest not in alice_client.get(_address("account_webhook", hook)).content.decode()


def test_deleting_takes_the_log_along(hook: NewSecret, alice_client: Client) -> None:
    services.send_test(hook.webhook)
    answer = alice_client.post(_address("account_webhook_change", hook), {"action": "delete"})
    assert answer["Location"] == reverse(LIST)
    assert not Delivery.objects.exists()
