"""Two things at once to one paste: neither stands still for ever, and the last word holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from inference import queue
from inference.engine.spans import Span
from inference.models import Scan as ScanRow
from inference.queue import Consumer
from pastebin import services
from pastebin.models import SCAN_CONSUMER
from pastebin.views import mine
from sharing import access
from sharing.services import delete, set_expiry
from tests.cast import Visitors
from tests.pastebin.world import Make, Scan, committed, open_link
from vault.envelope import DataKey
from vault.models import Envelope

pytestmark = committed


class Pause:
    """Holds the end of a scan inside of its transaction until it is let go."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def on_done(
        self, scan: ScanRow, key: DataKey, text: str, spans: Sequence[Span]
    ) -> Sequence[Span]:
        """Wait, then publish."""
        self.reached.set()
        assert self.go_on.wait(20)
        return services.publish_scanned(scan, key, text, spans)


@pytest.fixture
def pause(monkeypatch: pytest.MonkeyPatch) -> Pause:
    """A pause in the end of the next scan."""
    made = Pause()
    consumer = Consumer(made.on_done, services.withdraw_failed)
    monkeypatch.setitem(queue._consumers, SCAN_CONSUMER, consumer)
    return made


def _in_thread(work: Callable[[], Any], errors: list[Exception]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        except Exception as exc:
            errors.append(exc)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("by", ["delete", "burn", "expiry"])
def test_a_paste_removed_while_its_scan_ends_is_gone(
    make: Make, scan: Scan, pause: Pause, by: str
) -> None:
    paste = make(scanned=False, burn=by == "burn")
    row = paste.row
    remove = {
        "delete": lambda: delete(row),
        "burn": lambda: services.burn(row, row.envelope.open_with_token(paste.token)),
        "expiry": lambda: set_expiry(row, timezone.now() - timedelta(seconds=1)),
    }[by]
    errors: list[Exception] = []
    scanning = _in_thread(scan, errors)
    assert pause.reached.wait(20)
    removing = _in_thread(remove, errors)
    removing.join(0.3)
    pause.go_on.set()
    for thread in (scanning, removing):
        thread.join(20)
        assert not thread.is_alive()
    assert errors == []
    assert Client().get(paste.public).status_code == 404
    if by != "expiry":
        assert not Envelope.objects.exists()


def test_a_paste_removed_before_its_scan_ends_stops_nobody(make: Make, scan: Scan) -> None:
    """The worker goes on with the next text."""
    gone, kept = make(scanned=False), make(scanned=False)
    claims = queue.claim_batch(gone.row.scan.lane, 100_000)
    delete(gone.row)
    with pytest.raises(queue.LeaseLostError):
        queue.finish(claims[0], [], claims[0].scan.characters, "compact@0")
    queue.finish(claims[1], [], claims[1].scan.characters, "compact@0")
    assert kept.row.is_public


@pytest.mark.parametrize("path", ["expiry", "link"])
def test_a_change_to_a_paste_that_was_just_deleted_finds_none(
    make: Make, visitors: Visitors, alice: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Deleted between the look and the change."""
    paste = make(owner=alice)

    def find_then_lose(*args: Any) -> Any:
        found = access.find_in_workspace(*args)
        delete(paste.row)
        return found

    monkeypatch.setattr(mine, "find_in_workspace", find_then_lose)
    client = visitors["alice"]
    client.raise_request_exception = False
    response = client.post(f"/pastes/{paste.pid}/{path}", {"expires": "1h", "action": "rotate"})
    assert response.status_code in {302, 404}


def test_who_reads_while_it_is_deleted_gets_it_or_none(make: Make) -> None:
    paste, client = make(), Client(raise_request_exception=False)
    open_link(client, paste)
    answers: list[int] = []
    errors: list[Exception] = []
    reading = _in_thread(
        lambda: answers.extend(client.get(paste.original).status_code for _ in range(10)), errors
    )
    delete(paste.row)
    reading.join(30)
    assert set(answers) <= {200, 302, 404}
    assert errors == []
