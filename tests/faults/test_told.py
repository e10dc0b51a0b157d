"""A webhook's sender dies before the receiver has answered: it is told again, under the same id."""

from __future__ import annotations

import threading
from typing import Any

import httpx

from tests.faults.machine import Machine, wait_until
from tests.webhooks.receiver import Receiver

STATE = "SELECT state FROM webhooks_delivery WHERE thing_id = %s"
# As if the minute were over for which a sender may hold a message.
EXPIRE = "UPDATE webhooks_delivery SET lease_expires_at = now() WHERE lease_id IS NOT NULL"


def test_a_message_is_sent_again_under_its_id(
    whole: Machine, alices_key: str, api: httpx.Client
) -> None:
    alice = {"Authorization": f"Bearer {alices_key}"}
    killed = threading.Event()

    def answer(request: Any) -> None:
        if not killed.is_set():
            killed.wait(60)  # the connection is cut meanwhile
            return
        request.send_response(204)
        request.end_headers()

    with Receiver(answer=answer) as receiver:
        wish = {"url": receiver.url(), "events": ["paste.ready"]}
        hook = api.post("/api/v1/webhooks", json=wish, headers=alice)
        assert hook.status_code == 201, hook.text
        paste = api.post("/api/v1/pastes", json={"text": "Hi a@b.example"}, headers=alice)
        pid = paste.json()["id"]
        wait_until(lambda: bool(receiver.received), "nothing was sent")
        whole.kill("files")
        killed.set()
        whole.patient_query(EXPIRE)
        wait_until(lambda: whole.query(STATE, pid) == [("delivered",)], "it was not sent again")
        api.delete(f"/api/v1/webhooks/{hook.json()['id']}", headers=alice)
    ids = {message.headers["webhook-id"] for message in receiver.received}
    bodies = {message.body for message in receiver.received}
    assert len(receiver.received) >= 2
    assert len(ids) == len(bodies) == 1
