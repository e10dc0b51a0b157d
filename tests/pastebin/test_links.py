"""The page after submitting: progress, then two links, the private one once."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from inference.models import Lane, ScanState
from inference.models import Scan as ScanRow
from inference.queue import claim_batch
from sharing.links import qr_code
from tests.cast import Visitors, token_in
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import NAME, Make, Scan, made_by

pytestmark = pytest.mark.django_db


def test_the_private_link_is_shown_once(client: Client, scan: Scan) -> None:
    links = f"/view/{made_by(client)}/links"
    scan()
    first = client.get(links)
    token = token_in(first)
    assert token
    assert "no-store" in first["Cache-Control"]
    again = client.get(links)
    assert again.status_code == 200
    assert token not in again.content.decode()
    assert "was shown once" in again.content.decode()


def test_the_link_that_is_shown_opens_the_original(client: Client, scan: Scan) -> None:
    pid = made_by(client)
    scan()
    token = token_in(client.get(f"/view/{pid}/links"))
    page = Client().get(f"/view/{pid}?token={token}", follow=True)
    assert NAME in page.content.decode()


def test_a_head_request_does_not_use_the_link_up(client: Client, scan: Scan) -> None:
    links = f"/view/{made_by(client)}/links"
    scan()
    client.head(links)
    assert token_in(client.get(links))


@pytest.mark.parametrize("who", ["charlie", "nobody"])
def test_others_never_see_the_private_link(visitors: Visitors, scan: Scan, who: str) -> None:
    links = f"/view/{made_by(visitors['alice'])}/links"
    assert visitors[who].get(links).status_code == 404
    scan()
    answer = visitors[who].get(links)
    assert token_in(answer) is None
    assert token_in(visitors["alice"].get(links))


def test_progress_is_a_fragment_that_asks_again_until_it_is_over(
    client: Client, scan: Scan
) -> None:
    links = f"/view/{made_by(client)}/links"
    waiting = client.get(links, headers={"HX-Request": "true"})
    assert "<html" not in waiting.content.decode()
    assert "hx-trigger" in waiting.content.decode()
    assert "HX-Request" in waiting["Vary"]
    scan()
    over = client.get(links, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in over
    assert "?token=" in over


def test_without_javascript_the_page_looks_again(client: Client) -> None:
    page = client.get(f"/view/{made_by(client)}/links").content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page


def test_progress_shows_no_text(client: Client) -> None:
    links = f"/view/{made_by(client, title=NAME)}/links"
    for state in (ScanState.PENDING, ScanState.RUNNING):
        if state == ScanState.RUNNING:
            claim_batch(Lane.SHORT, 1)
        page = client.get(links).content.decode()
        assert NAME not in page
        assert "?token=" not in page


def test_a_missing_detector_is_said(client: Client) -> None:
    page = client.get(f"/view/{made_by(client)}/links").content.decode()
    assert "The detector is not running" in page


def test_however_long_the_scan_takes_the_link_is_not_lost(
    client: Client, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The detector is away for three hours, with the page open."""
    links = f"/view/{made_by(client)}/links"
    now = time.time()
    for minutes in range(0, 180, 45):
        monkeypatch.setattr(time, "time", lambda moment=now + minutes * 60: moment)
        assert client.get(links).status_code == 200
    scan()
    assert token_in(client.get(links))


def test_a_failed_scan_publishes_nothing_and_can_be_tried_again(
    client: Client, scan: Scan, detector: ChosenEngine
) -> None:
    detector.poison = NAME
    pid = made_by(client)
    scan()
    page = client.get(f"/view/{pid}/links").content.decode()
    assert "The scan failed" in page
    assert NAME not in page
    detector.poison = None
    assert client.post(f"/view/{pid}/retry").status_code == 302
    scan()
    assert ScanRow.objects.get().state == ScanState.DONE
    assert client.get(f"/view/{pid}").status_code == 200


def test_after_a_failure_the_server_s_own_key_is_gone_until_it_is_tried_again(
    client: Client, scan: Scan, detector: ChosenEngine
) -> None:
    detector.poison = NAME
    pid = made_by(client)
    scan()
    assert ScanRow.objects.get().envelope.service_wrap is None
    client.post(f"/view/{pid}/retry")
    assert ScanRow.objects.get().envelope.service_wrap is not None
    detector.poison = None
    scan()
    assert ScanRow.objects.get().envelope.service_wrap is None


@pytest.mark.parametrize("state", ["waiting", "done"])
def test_trying_again_what_has_not_failed_gives_the_server_no_key(
    client: Client, scan: Scan, state: str
) -> None:
    """A double click on "Scan again", whose second half comes when all is done."""
    pid = made_by(client)
    if state == "done":
        scan()
    client.post(f"/view/{pid}/retry")
    scan()
    assert ScanRow.objects.get().envelope.service_wrap is None
    assert ScanRow.objects.get().state == ScanState.DONE


def test_a_stranger_cannot_try_again(make: Make, client: Client) -> None:
    assert client.post(f"/view/{make().pid}/retry").status_code == 404


def test_who_made_it_can_cancel_while_it_waits(client: Client) -> None:
    pid = made_by(client)
    assert client.post(f"/view/{pid}/delete").status_code == 200
    assert not ScanRow.objects.exists()


def test_two_pastes_of_one_browser_keep_their_links_apart(make: Make) -> None:
    """The cookies have one name; their paths keep them apart, and their seals."""
    first, second = Client(), Client()
    one, two = made_by(first), made_by(second)
    first.cookies["blackbar_links"] = second.cookies["blackbar_links"].value
    assert first.get(f"/view/{one}/links").status_code == 404
    assert second.get(f"/view/{two}/links").status_code == 200


def test_codes_for_cameras_are_paths() -> None:
    code = qr_code("https://paste.example.org/view/AAAAAAAAAAAAAAAA?token=" + "x" * 32)
    assert code.size > 20
    assert set(code.d) <= set("0123456789MmHhVvLlZz .,-")
