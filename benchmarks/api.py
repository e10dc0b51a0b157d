"""Measure redaction through the API against a running server, and the detector alone.

    ./run --port 8000                                   # in one terminal
    python benchmarks/api.py --url http://127.0.0.1:8000 --key blackbar_...

Each request sends another text of about 200 characters. The detector's own time is taken in this
process, with as many threads as the server's engine has, before the server is asked. Client and
server share the machine, so the figures are those of both together.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import statistics
import threading
import time
from urllib.parse import urlsplit

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
        self._connection.request("POST", path, json.dumps(body), self._headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise SystemExit(f"{path} answered {response.status}.")
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


def at_once(url: str, key: str, people: int, count: int) -> tuple[list[float], float]:
    """Return each request's seconds, and requests per second, with many callers at once."""
    numbers, seconds = itertools.count(10_000 * people), []
    last = 10_000 * people + count
    start = threading.Barrier(people + 1)

    def work() -> None:
        client = Client(url, key)
        client.post("/api/v1/redact", {"text": text(next(numbers))})
        start.wait()
        for seed in iter(numbers.__next__, None):
            if seed >= last:
                return
            started = time.perf_counter()
            client.post("/api/v1/redact", {"text": text(seed)})
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", default="", help="a key without limits")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1, help="of the server's engine")
    arguments = parser.parse_args()
    alone = detector_seconds(arguments.count, arguments.threads)
    print(f"detector alone         {_figures(alone)}")
    for people in (1, 8, 64):
        seconds, rate = at_once(arguments.url, arguments.key, people, arguments.count)
        print(f"{people:2} at once             {_figures(seconds)}  {rate:6.1f} requests/s")
        if people == 1:
            added = statistics.median(seconds) - statistics.median(alone)
            print(f"  added to the detector's median: {1000 * added:.1f} ms")
    batch, singles = batch_against_singles(arguments.url, arguments.key, 20)
    print(f"20 in a batch {1000 * batch:.0f} ms, 20 single {1000 * singles:.0f} ms")


def _figures(seconds: list[float]) -> str:
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return f"median {at(0.5):6.1f} ms  p95 {at(0.95):6.1f}  p99 {at(0.99):6.1f}"


if __name__ == "__main__":
    main()
