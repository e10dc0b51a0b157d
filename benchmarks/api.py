"""Measure redaction through the API against a running server, and the detector alone.

    ./run --port 8000                                   # in one terminal
    python -m benchmarks.api --url http://127.0.0.1:8000 --key blackbar_... --gradio

Each request sends another text of about 200 characters. The detector's own time is taken in this
process, with as many threads as the server's engine has, before the server is asked. Client and
server share the machine, so the figures are those of both together.

--gradio measures `create_paste` too, in Gradio's protocol, here and at a gradio.Server around the
same engine, which this program starts and ends (in an environment that it makes, or in that of
--gradio-python). A paste is kept, sealed and on disk; the other keeps it in a dict.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import statistics
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from benchmarks.gradio_beside import GradioCaller, ask, gradio_python, gradio_server

PEOPLE = (1, 8, 64)
BATCH = 20
# Returns a function that makes one call with a text, over a connection of its own.
Connect = Callable[[], Callable[[str], None]]
NAMES = ("Margarethe", "Daniel", "Ines", "Tomas", "Amina", "Wei", "Priya", "Lucas", "Noor", "Eva")
FAMILIES = ("Lindqvist", "Okafor", "Weber", "Novak", "Haddad", "Chen", "Sharma", "Moreau", "Smit")


def text(seed: int) -> str:
    """Return a short text with a name, an e-mail address and a telephone number."""
    name = f"{NAMES[seed % 10]} {FAMILIES[seed // 10 % 9]}"
    return (
        f"Customer {name} wrote that order {seed} shows as delivered. The courier's photo shows"
        f" another door. Reach the customer on +31 6 5550 {seed % 9000 + 1000} after five, or at"
        f" c{seed}@posteo.example."
    )


class Client:
    """A kept-alive connection."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._headers = {"Content-Type": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def post(self, path: str, body: object) -> dict[str, object]:
        """Return the answer to a request."""
        content = ask(self._connection, "POST", path, json.dumps(body), self._headers)
        answer: dict[str, object] = json.loads(content)
        return answer


def detector_seconds(count: int, threads: int) -> list[float]:
    """Return what detection takes without a server, text by text."""
    from inference.engine.engine import Engine

    engine = Engine.load("compact", threads)
    engine.detect([text(0)] * 3)
    seconds = []
    for seed in range(1, count + 1):
        started = time.perf_counter()
        engine.detect([text(seed)])
        seconds.append(time.perf_counter() - started)
    return seconds


def native(url: str, key: str) -> Connect:
    """Call `POST /api/v1/redact`."""

    def connect() -> Callable[[str], None]:
        client = Client(url, key)
        return lambda sent: client.post("/api/v1/redact", {"text": sent}) and None

    return connect


def in_gradio(url: str, key: str = "") -> Connect:
    """Call `create_paste` in Gradio's protocol."""
    return lambda: GradioCaller(url, key).call


def at_once(connect: Connect, people: int, count: int) -> tuple[list[float], float]:
    """Return each call's seconds, and calls per second, with many callers at once."""
    numbers, seconds = itertools.count(10_000 * people), list[float]()
    last = 10_000 * people + count + people
    start = threading.Barrier(people + 1)

    def work() -> None:
        call = connect()
        call(text(next(numbers)))
        start.wait()
        for seed in iter(numbers.__next__, None):
            if seed >= last:
                return
            started = time.perf_counter()
            call(text(seed))
            seconds.append(time.perf_counter() - started)

    callers = [threading.Thread(target=work) for _ in range(people)]
    for caller in callers:
        caller.start()
    start.wait()
    began = time.perf_counter()
    for caller in callers:
        caller.join()
    return seconds, len(seconds) / (time.perf_counter() - began)


def batch_against_singles(url: str, key: str, size: int) -> tuple[float, float]:
    """Return the seconds of one batch, and of as many single requests after each other."""
    client = Client(url, key)
    texts = [text(seed) for seed in range(size)]
    client.post("/api/v1/batch", {"texts": texts})
    started = time.perf_counter()
    client.post("/api/v1/batch", {"texts": texts})
    batch = time.perf_counter() - started
    started = time.perf_counter()
    for one in texts:
        client.post("/api/v1/redact", {"text": one})
    return batch, time.perf_counter() - started


def singles(connect: Connect, size: int) -> float:
    """Return the seconds of calls after each other."""
    call = connect()
    call(text(0))
    started = time.perf_counter()
    for seed in range(size):
        call(text(seed))
    return time.perf_counter() - started


def measure(name: str, connect: Connect, count: int, alone: float) -> None:
    """Print the figures of one way to call. alone: the detector's own median, in seconds."""
    print(name)
    for people in PEOPLE:
        seconds, rate = at_once(connect, people, count)
        print(f"  {people:2} at once           {_figures(seconds)}  {rate:6.1f} calls/s")
        if people == 1:
            added = statistics.median(seconds) - alone
            print(f"  added to the detector's median: {1000 * added:.1f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", default="", help="a key without limits")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1, help="of the server's engine")
    parser.add_argument("--gradio", action="store_true", help="beside a gradio.Server")
    parser.add_argument("--gradio-python", help="a Python that has gradio")
    arguments = parser.parse_args()
    url, key, count = arguments.url, arguments.key, arguments.count
    detector = detector_seconds(count, arguments.threads)
    alone = statistics.median(detector)
    print(f"detector alone         {_figures(detector)}")
    measure("POST /api/v1/redact", native(url, key), count, alone)
    batch, one_by_one = batch_against_singles(url, key, BATCH)
    print(f"  {BATCH} in a batch {1000 * batch:.0f} ms, {BATCH} single {1000 * one_by_one:.0f} ms")
    if not arguments.gradio:
        return
    measure("create_paste, this server", in_gradio(url, key), count, alone)
    print(f"  {BATCH} single {1000 * singles(in_gradio(url, key), BATCH):.0f} ms")
    python = gradio_python(arguments.gradio_python)
    with gradio_server(python, arguments.threads) as beside:
        measure("create_paste, gradio.Server", in_gradio(beside), count, alone)
        print(f"  {BATCH} single {1000 * singles(in_gradio(beside), BATCH):.0f} ms")


def _figures(seconds: list[float]) -> str:
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return f"median {at(0.5):6.1f} ms  p95 {at(0.95):6.1f}  p99 {at(0.99):6.1f}"


if __name__ == "__main__":
    main()
