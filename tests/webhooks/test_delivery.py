"""From the end of something to the receiver: announced once, signed, tried again, given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.erasure import erase_account
from accounts.models import User
from anonymizer import redaction
from documents.services import create_document
from documents.work import run_pending as read_files
from inference.worker import ScanWorker
from pastebin.services import create_paste
from tests.chosen_engine import ChosenEngine
from tests.webhooks.receiver import Received, Receiver
from webhooks import services, work
from webhooks.models import Delivery, DeliveryState, Event, Webhook
from webhooks.services import NewSecret, announce, create_webhook, redeliver, send_test
from webhooks.work import PATIENCE, PAUSES, send_next

pytestmark = pytest.mark.django_db(
    transaction=True, available_apps=list(django_settings.INSTALLED_APPS)
)
SECRET = "Canary-7731 Ann Lee"


@pytest.fixture(autouse=True)
def _no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sends but the test."""
    monkeypatch.setattr(services, "wake_sender", lambda: None)


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def hook(alice: User, receiver: Receiver) -> NewSecret:
    """alice's webhook, which is told of everything."""
    return create_webhook(owner=alice, url=receiver.url(), events=list(Event))


def _is_signed(got: Received, secret: str) -> bool:
    """Check a message as the Standard Webhooks specification says."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    head = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}."
    expected = base64.b64encode(hmac.new(key, head.encode() + got.body, hashlib.sha256).digest())
    signatures = got.headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(f"v1,{expected.decode()}", one) for one in signatures)


def _send_all() -> int:
    sent = 0
    while send_next():
        sent += 1
    return sent


def _make_due() -> None:
    Delivery.objects.filter(state=DeliveryState.PENDING).update(next_try_at=timezone.now())


def _events(receiver: Receiver) -> list[str]:
    return [json.loads(got.body)["type"] for got in receiver.received]


def _scan() -> None:
    worker = ScanWorker()
    worker.engine = ChosenEngine({"Ann Lee": "private_person"}, poison="poison")  # type: ignore[assignment]
    worker.run_pending()


def test_a_message_is_signed_and_names_ids_and_times_only(
    alice: User, hook: NewSecret, receiver: Receiver
) -> None:
    paste = create_paste(text=SECRET, title=SECRET, owner=alice).paste
    assert _send_all() == 0
    _scan()
    assert _send_all() == 1
    (got,) = receiver.received
    message = json.loads(got.body)
    moment = datetime.fromisoformat(message.pop("timestamp"))
    assert timezone.now() - moment < timedelta(minutes=5)
    data = {"kind": "paste", "id": paste.pid, "state": "ready"}
    assert message == {"type": "paste.ready", "data": data}
    assert _is_signed(got, hook.secret)
    assert not _is_signed(got, "whsec_" + base64.b64encode(bytes(32)).decode())
    assert abs(int(got.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 300
    everything = got.body.decode() + json.dumps(got.headers) + got.path
    assert "Canary" not in everything
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status, delivery.attempts) == ("delivered", 204, 1)


def test_each_end_is_told_to_who_asked_for_it(
    alice: User, hook: NewSecret, receiver: Receiver
) -> None:
    create_paste(text="poison", owner=alice)
    create_document(content=b"Dear Ann Lee", name="a.txt", owner=alice)
    create_document(content=b"\x7fELF" + bytes(100), name="a.pdf", owner=alice)
    read_files()
    for _ in range(3):
        _scan()
    read_files()
    _send_all()
    assert sorted(_events(receiver)) == [
        "document.clean_ready", "document.failed", "document.ready", "paste.failed",
    ]  # fmt: skip
    services.change_webhook(hook.webhook, events=[Event.PASTE_FAILED])
    create_paste(text="fine", owner=alice)
    _scan()
    assert _send_all() == 0


def test_of_others_and_of_nobody_nothing_is_told(hook: NewSecret, receiver: Receiver) -> None:
    create_paste(text="x")
    create_paste(text="x", owner=User.objects.create_user("charlie"))
    _scan()
    assert _send_all() == 0


@pytest.mark.parametrize(("text", "event"), [("Ann Lee", "job.done"), ("poison", "job.failed")])
def test_a_job_is_told_once_however_often_it_is_asked(
    alice: User, hook: NewSecret, receiver: Receiver, text: str, event: str
) -> None:
    submitted = redaction.submit([text, "other"], operating_point="balanced")
    job = redaction.keep_as_job(submitted, request={}, owner=alice)
    services.ask_sources()
    assert not Delivery.objects.exists()
    _scan()
    services.ask_sources()
    services.ask_sources()
    assert _send_all() == 1
    assert _events(receiver) == [event]
    assert json.loads(receiver.received[0].body)["data"]["id"] == job.pk


def test_saying_the_same_twice_sends_it_once(alice: User, hook: NewSecret) -> None:
    now = timezone.now()
    for _ in range(2):
        announce(owner_id=alice.pk, event=Event.JOB_DONE, thing_id="x", occurred_at=now)
    assert Delivery.objects.count() == 1


def test_what_is_rolled_back_is_not_told(alice: User, hook: NewSecret) -> None:
    @transaction.atomic
    def end_and_fail() -> None:
        announce(owner_id=alice.pk, event=Event.JOB_DONE, thing_id="x")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        end_and_fail()
    assert not Delivery.objects.exists()


def test_the_id_and_the_body_stay_and_the_signature_is_of_each_try(
    hook: NewSecret, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.status = 500
    send_test(hook.webhook)
    _send_all()
    moment = work.time.time()
    monkeypatch.setattr(work.time, "time", lambda: moment + 100)
    _make_due()
    _send_all()
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert all(_is_signed(got, hook.secret) for got in receiver.received)


def test_it_is_tried_ever_more_seldom_and_then_given_up(
    hook: NewSecret, receiver: Receiver
) -> None:
    receiver.status = 503
    send_test(hook.webhook)
    for pause in PAUSES:
        before = timezone.now()
        assert send_next()
        delivery = Delivery.objects.get()
        assert delivery.state == DeliveryState.PENDING
        assert before + pause <= delivery.next_try_at <= timezone.now() + pause * 1.2
        assert not send_next()
        _make_due()
    assert send_next()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, len(PAUSES) + 1)
    assert (delivery.status, delivery.error) == (503, "It answered an error.")
    _make_due()
    assert not send_next()
    assert Webhook.objects.get().failing_since is not None
    receiver.status = 200
    redeliver(delivery)
    assert send_next()
    assert Delivery.objects.get().state == DeliveryState.DELIVERED
    assert Webhook.objects.get().failing_since is None


def test_a_receiver_that_is_gone_is_asked_no_more(hook: NewSecret, receiver: Receiver) -> None:
    receiver.status = 410
    send_test(hook.webhook)
    _send_all()
    webhook = Webhook.objects.get()
    assert not webhook.is_active
    assert "410" in webhook.disabled_because
    _make_due()
    assert not send_next()


def test_after_days_of_failing_it_is_switched_off_and_on_again_by_hand(
    alice: User, hook: NewSecret, receiver: Receiver
) -> None:
    receiver.status = 500
    send_test(hook.webhook)
    _send_all()
    Webhook.objects.update(failing_since=timezone.now() - PATIENCE - timedelta(minutes=1))
    _make_due()
    _send_all()
    webhook = Webhook.objects.get()
    assert webhook.disabled_because == "Nothing has arrived for 5 days. It answered an error."
    with pytest.raises(services.DisabledError):
        send_test(webhook)
    announce(owner_id=alice.pk, event=Event.JOB_DONE, thing_id="x")
    assert Delivery.objects.count() == 1
    receiver.status = 200
    services.switch_on(webhook)
    _make_due()
    assert _send_all() == 1


def test_a_redirect_is_a_failure(hook: NewSecret, receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": receiver.url()}
    send_test(hook.webhook)
    _send_all()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.error) == (302, "Redirects are not followed.")
    assert len(receiver.received) == 1


def test_what_a_receiver_answers_is_kept_nowhere(hook: NewSecret, receiver: Receiver) -> None:
    def answer(handler: Any) -> None:
        handler.send_response(500, SECRET)
        handler.send_header("X-Canary", SECRET)
        handler.end_headers()
        handler.wfile.write(SECRET.encode())

    receiver.answer = answer
    send_test(hook.webhook)
    _send_all()
    kept = str(list(Delivery.objects.values()) + list(Webhook.objects.values()))
    assert "Canary" not in kept


def test_a_sender_that_dies_is_followed_by_another(hook: NewSecret, receiver: Receiver) -> None:
    send_test(hook.webhook)
    dead = work.claim()
    assert dead is not None
    assert not send_next()
    Delivery.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert send_next()
    # It was only slow: what it writes now counts for nothing.
    work.send(dead)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)
    assert {got.headers["webhook-id"] for got in receiver.received} == {delivery.pk}


def test_one_account_s_slow_receiver_holds_up_itself_only(
    alice: User, hook: NewSecret, receiver: Receiver
) -> None:
    charlie = User.objects.create_user("charlie")
    other = create_webhook(owner=charlie, url=receiver.url(), events=list(Event))
    for _ in range(2):
        send_test(hook.webhook)
    send_test(other.webhook)
    claimed = [work.claim(), work.claim(), work.claim()]
    assert [one.webhook.owner if one else None for one in claimed] == [alice, charlie, None]


def test_threads_send_what_is_due(hook: NewSecret, receiver: Receiver) -> None:
    for _ in range(3):
        send_test(hook.webhook)
    before = threading.active_count()
    work.run_due()
    for thread in threading.enumerate():
        if thread.name == "webhook":
            thread.join(20)
    assert threading.active_count() <= before + 1
    assert len(receiver.received) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    connection.close()


def test_during_a_change_of_secrets_both_sign(hook: NewSecret, receiver: Receiver) -> None:
    fresh = services.renew_secret(hook.webhook)
    send_test(fresh.webhook)
    _send_all()
    (got,) = receiver.received
    assert _is_signed(got, hook.secret)
    assert _is_signed(got, fresh.secret)
    Webhook.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    send_test(fresh.webhook)
    _send_all()
    assert not _is_signed(receiver.received[1], hook.secret)
    assert _is_signed(receiver.received[1], fresh.secret)


def test_secrets_are_sealed_and_survive_a_new_service_key(hook: NewSecret, settings: Any) -> None:
    services.renew_secret(hook.webhook)
    row = Webhook.objects.get()
    raw = base64.b64decode(hook.secret.removeprefix("whsec_"))
    for kept in (row.sealed_secret, row.sealed_previous):
        assert raw not in bytes(kept or b"")
        assert hook.secret.encode() not in bytes(kept or b"")
    before = services.secrets_of(row)
    settings.SERVICE_KEYS = {"new": b"n" * 32} | settings.SERVICE_KEYS
    assert services.reseal_secrets() == 2
    assert services.reseal_secrets() == 0
    settings.SERVICE_KEYS = {"new": b"n" * 32}
    assert services.secrets_of(Webhook.objects.get()) == before


def test_the_log_goes_back_a_month(alice: User, hook: NewSecret) -> None:
    for thing in ("old", "waiting", "fresh"):
        announce(owner_id=alice.pk, event=Event.JOB_DONE, thing_id=thing)
    long_ago = timezone.now() - timedelta(days=31)
    Delivery.objects.filter(thing_id__in=["old", "waiting"]).update(created_at=long_ago)
    Delivery.objects.filter(thing_id="old").update(state=DeliveryState.DELIVERED)
    assert services.forget_old() == 1
    assert not Delivery.objects.filter(thing_id="old").exists()


def test_an_erased_account_leaves_no_webhooks(alice: User, hook: NewSecret) -> None:
    send_test(hook.webhook)
    erase_account(alice)
    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()
