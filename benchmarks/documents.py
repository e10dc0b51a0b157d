"""Measure documents from upload to readable and to clean file, against a running server.

    BLACKBAR_POSTS_PER_MINUTE=0 ./run --port 8000   # in one terminal
    python -m benchmarks.documents --url http://127.0.0.1:8000 [--pages 100 1000] [--scans 20]

Documents are made here: text PDFs of about 500 words a page with names, mails and numbers, and
scans, which are pictures of such pages at 200 dpi without a text layer. Each goes through the API;
"readable" is when its state is ready, "clean" when the verified file can be fetched. Peaks of
memory are those of the worker's processes, their children with them, sampled four times a second
(Linux, and only if the server runs on this machine). Client and server share the machine.
"""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

import psutil
import pymupdf

from benchmarks.paste import ticket

POLL_SECONDS = 0.5


def main() -> None:
    """Measure each document and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--pages", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--scans", type=int, nargs="*", default=[20])
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    cases = [(f"text, {pages} pages", text_pdf(pages)) for pages in arguments.pages]
    cases += [(f"scan, {pages} pages", scanned_pdf(pages)) for pages in arguments.scans]
    print(time.strftime("%Y-%m-%d"))
    print("| document | MB | readable s | clean s after | spans | worker MiB | child MiB |")
    print("|---|---|---|---|---|---|---|")
    for name, content in cases:
        for _ in range(arguments.rounds):
            measured = measure(arguments.url, content)
            cells = [
                name,
                f"{len(content) / 1e6:.1f}",
                f"{measured.readable_seconds:.1f}",
                f"{measured.clean_seconds:.1f}",
                str(measured.spans),
                *(
                    f"{peak / 2**20:.0f}"
                    for peak in (measured.memory.worker, measured.memory.child)
                ),
            ]
            print("| " + " | ".join(cells) + " |", flush=True)


def text_pdf(pages: int) -> bytes:
    """Return a PDF of letters, about 500 words a page."""
    document = pymupdf.open()
    for number in range(pages):
        page = document.new_page()
        page.insert_text((60, 50), f"Case file, page {number + 1}", fontsize=13)
        letters = "\n\n".join(ticket(number * 4 + part) for part in range(4))
        page.insert_textbox((60, 70, 540, 800), letters, fontsize=8.5)
    content: bytes = document.tobytes(garbage=1, deflate=True)
    return content


def scanned_pdf(pages: int) -> bytes:
    """Return a PDF whose pages are pictures of letters, grey and a little noisy."""
    noise = random.Random(1)
    source = pymupdf.open("pdf", text_pdf(pages))
    document = pymupdf.open()
    for page in source:
        picture = page.get_pixmap(dpi=200, colorspace=pymupdf.csGRAY)
        for _ in range(2000):
            x, y = noise.randrange(picture.width), noise.randrange(picture.height)
            picture.set_pixel(x, y, (noise.randrange(256),))
        copy = document.new_page(width=page.rect.width, height=page.rect.height)
        copy.insert_image(copy.rect, stream=picture.tobytes("jpeg"))
    content: bytes = document.tobytes(garbage=1)
    return content


@dataclass(slots=True)
class Memory:
    """Peaks of resident memory in bytes: of one worker process, and of one of its children."""

    worker: int = 0
    child: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Sample until told to stop."""
        while not self.is_over.wait(0.25):
            for process in psutil.process_iter(["cmdline", "memory_info"]):
                command = " ".join(process.info["cmdline"] or [])
                if not process.info["memory_info"]:
                    continue
                size = process.info["memory_info"].rss
                if "documents.formats.child" in command:
                    self.child = max(self.child, size)
                elif "celery" in command and "--queues" in command:
                    self.worker = max(self.worker, size)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one document took."""

    readable_seconds: float
    clean_seconds: float
    spans: int
    memory: Memory


def measure(url: str, content: bytes) -> Measured:
    """Send a document and follow it to its clean file; it is deleted in the end."""
    memory = Memory()
    watcher = threading.Thread(target=memory.watch)
    watcher.start()
    start = time.perf_counter()
    sent = send(url, content)
    address = f"{url}/api/v1/documents/{sent['id']}"
    try:
        while (state := fetch(address))["state"] not in {"ready", "failed"}:
            time.sleep(POLL_SECONDS)
        readable = time.perf_counter()
        if state["state"] == "failed":
            raise SystemExit(f"Reading failed: {state['error']['detail']}")
        while (state := fetch(address))["clean_file"]["state"] in {"none", "making"}:
            time.sleep(POLL_SECONDS)
        if state["clean_file"]["state"] != "ready":
            raise SystemExit(f"The clean file is {state['clean_file']['state']}.")
        with urlopen(f"{address}/file") as response:
            response.read()
        clean = time.perf_counter()
    finally:
        memory.is_over.set()
        watcher.join()
        headers = {"Reveal-Token": sent["reveal_token"]}
        urlopen(Request(address, method="DELETE", headers=headers)).close()
    return Measured(readable - start, clean - readable, sum(state["counts"].values()), memory)


def send(url: str, content: bytes) -> dict[str, Any]:
    """Upload a PDF; returns the API's answer."""
    boundary = uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="case.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    with urlopen(Request(f"{url}/api/v1/documents", body, headers)) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def fetch(address: str) -> dict[str, Any]:
    """Return a document's public side."""
    with urlopen(address) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


if __name__ == "__main__":
    main()
