"""A part that is asked to end (SIGTERM) ends what it has begun, or hands it back as it was."""

from __future__ import annotations

import threading

import httpx
import pymupdf

from tests.faults.machine import Machine, wait_until
from tests.faults.test_parts import LONG, STATE, wait_until_running
from tests.whole.conftest import Visitor

HANDED_BACK = "SELECT attempts FROM documents_filejob WHERE document_id = %s AND lease_id IS NULL"
TAKEN = "SELECT attempts FROM documents_filejob WHERE document_id = %s AND lease_id IS NOT NULL"


def test_an_engine_worker_hands_its_scan_back(whole: Machine, visitor: Visitor) -> None:
    pid = visitor.send(LONG + "Ask ann.lee@mail.example.")
    wait_until_running(whole, pid)
    whole.wait_for("engine").terminate()
    wait_until(lambda: whole.query(STATE, pid)[0][:2] == ("pending", 0), "it was not handed back")
    assert visitor.wait(pid, 120).endswith("Ask <PRIVATE_EMAIL>.")
    assert whole.query(STATE, pid)[0][:2] == ("done", 1)


def test_a_documents_worker_hands_its_file_back(whole: Machine, api: httpx.Client) -> None:
    made = api.post("/api/v1/documents", files={"file": ("a.pdf", many_pages(1000))}).json()
    wait_until(lambda: bool(whole.query(TAKEN, made["id"])), "the file was not taken")
    whole.wait_for("documents").terminate()
    wait_until(lambda: whole.query(HANDED_BACK, made["id"]) == [(0,)], "it was not handed back")
    assert httpx.delete(
        f"{whole.url}/api/v1/documents/{made['id']}",
        headers={"Reveal-Token": made["reveal_token"]},
        timeout=60,
    ).is_success


def test_the_web_answers_what_it_has_begun(whole: Machine) -> None:
    answers: list[httpx.Response] = []
    body = {"text": "Ask ann.lee@mail.example.", "wait": 20}

    def ask() -> None:
        answers.append(httpx.post(f"{whole.url}/api/v1/pastes", json=body, timeout=60))

    before = whole.query("SELECT count(*) FROM pastebin_paste")
    asking = threading.Thread(target=ask)
    engine = whole.wait_for("engine")
    engine.suspend()
    asking.start()
    wait_until(lambda: whole.query("SELECT count(*) FROM pastebin_paste") != before, "not begun")
    whole.wait_for("web").terminate()
    engine.resume()
    asking.join(60)
    assert [answer.status_code for answer in answers] == [201]
    whole.wait_until_ready()


def test_a_whole_server_that_is_asked_to_end_loses_nothing(
    whole: Machine, visitor: Visitor
) -> None:
    long_pid = visitor.send(LONG + "Ask ann.lee@mail.example.")
    wait_until_running(whole, long_pid)
    pids = [visitor.send(f"Mail to p{n}@mail.example.") for n in range(6)]
    assert whole.stop() == 0
    whole.start()
    for number, pid in enumerate(pids):
        assert f"p{number}@" not in visitor.wait(pid, 60)
    visitor.wait(long_pid, 120)
    # None of the tries counted that the end of the server cut short.
    assert {whole.query(STATE, pid)[0][:2] for pid in [long_pid, *pids]} == {("done", 1)}


def many_pages(count: int) -> bytes:
    """Return a PDF that takes much longer to read than a worker may take to stop."""
    pages = pymupdf.open()
    page = pages.new_page()
    for line in range(40):
        page.insert_text((72, 40 + 18 * line), "Write to ann.lee@mail.example about the tea.")
    for _ in range(count - 1):
        pages.fullcopy_page(0)
    return bytes(pages.tobytes())
