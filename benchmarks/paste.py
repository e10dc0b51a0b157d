"""Measure pastes from form to readable page, and public views, against a running server.

    BLACKBAR_POSTS_PER_MINUTE=0 ./run --port 8000   # in one terminal
    python benchmarks/paste.py --url http://127.0.0.1:8000

Every paste is another text of about 200 tokens, sent through the form as a browser does: it follows
to the page of the links, asks again when that page says so, and the paste counts as ready when both
links are on it. Views go over kept-alive connections from one more
process. Client and server share the machine, so the figures are those of both together.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import multiprocessing
import random
import re
import socket
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

NAMES = ("Margarethe", "Daniel", "Ines", "Tomas", "Amina", "Wei", "Priya", "Lucas", "Noor", "Eva")
FAMILIES = ("Lindqvist", "Okafor", "Weber", "Novak", "Haddad", "Chen", "Sharma", "Moreau", "Smit")


def ticket(seed: int) -> str:
    """Return a support ticket of about 200 tokens with names, numbers, dates and an address."""
    pick = random.Random(seed)

    def name() -> str:
        return f"{pick.choice(NAMES)} {pick.choice(FAMILIES)}"

    phone = f"+31 6 5550 {pick.randrange(1000, 9999)}"
    return (
        f"Customer {name()} wrote on {pick.randrange(1, 28)} March 2026 that order "
        f"{pick.randrange(1000, 9999)} shows as delivered. She lives at Tolstraat "
        f"{pick.randrange(1, 200)}, 1074 VK Amsterdam; the courier's photo shows another number. "
        f"She can be reached on {phone} after five, or at c{seed}@posteo.example.\n\n"
        f"I called back the same afternoon. {name()} from the depot confirmed that the scan was "
        "made at the wrong door and opened a trace. Refund, if the parcel is not found by the end "
        f"of the week: to NL91 ABNA 0417 1643 00, in her name. Next step is with {name()}; "
        "I will look again on Monday and close the ticket when the trace has an answer. "
        "Please do not mail the photo to the customer, since it shows a neighbour's name plate."
    )


@dataclass(slots=True)
class Client:
    """One browser: a connection, a cookie and a form token."""

    host: str
    port: int
    connection: http.client.HTTPConnection | None = None
    cookie: str = ""
    token: str = ""
    links: str = ""

    def request(
        self, method: str, path: str, body: str = "", *, is_poll: bool = False
    ) -> tuple[int, str, str]:
        """Return (status, Location, body)."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        headers = {"Cookie": self.cookie + self.links}
        if is_poll:
            headers["HX-Request"] = "true"
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body or None, headers)
        response = self.connection.getresponse()
        content = response.read().decode("utf-8", "replace")
        for header in response.headers.get_all("Set-Cookie") or []:
            if header.startswith("csrftoken="):
                self.cookie = header.split(";")[0]
            elif header.startswith("blackbar_links=") and "Max-Age=0" not in header:
                self.links = "; " + header.split(";")[0]
        return response.status, response.headers.get("Location", ""), content

    def sign_on(self) -> None:
        """Fetch the form, for its token."""
        _, _, page = self.request("GET", "/")
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if not found:
            raise SystemExit("The compose page holds no form: is anonymous use switched off?")
        self.token = found[1]

    def create(self, text: str) -> str:
        """Paste a text and wait until its public text is there; returns its id."""
        form = urlencode(
            {
                "csrfmiddlewaretoken": self.token,
                "text": text,
                "expires": "1h",
                "style": "placeholder",
                "operating_point": "balanced",
            }
        )
        status, location, _ = self.request("POST", "/", form)
        if status != 302:
            raise SystemExit(f"The form answered {status}.")
        _, _, page = self.request("GET", location)
        while delay := re.search(r"load delay:(\d+)ms", page):
            time.sleep(int(delay[1]) / 1000)
            _, _, page = self.request("GET", location, is_poll=True)
        if 'id="private-url"' not in page:
            raise SystemExit("The scan of a paste failed.")
        self.links = ""
        return location.split("/")[2]


def create_alone(make: Callable[[], Client], count: int) -> tuple[list[float], str]:
    """Return seconds from form to readable, one paste at a time, and a paste's id."""
    client = make()
    client.sign_on()
    pid = client.create(ticket(0))
    seconds = []
    for seed in range(1, count + 1):
        started = time.perf_counter()
        client.create(ticket(seed))
        seconds.append(time.perf_counter() - started)
    return seconds, pid


def create_at_once(
    make: Callable[[], Client], people: int, count: int
) -> tuple[list[float], float]:
    """Return each paste's seconds and pastes per second with many people at once."""
    numbers, seconds = itertools.count(1000), []

    def work(client: Client) -> None:
        for seed in iter(numbers.__next__, None):
            if seed >= 1000 + count:
                return
            started = time.perf_counter()
            client.create(ticket(seed))
            seconds.append(time.perf_counter() - started)

    clients = [make() for _ in range(people)]
    for client in clients:
        client.sign_on()
    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds, count / (time.perf_counter() - started)


def view_many(host: str, port: int, path: str, duration: float, out: multiprocessing.Queue) -> None:
    """Fetch one public page again and again over 16 connections; puts (views, latencies)."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    latencies: list[float] = []
    until = time.perf_counter() + duration

    def work() -> None:
        with socket.create_connection((host, port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(request)
            # All answers are equally long, so the others need not be parsed.
            size = _read_answer(connection)
            buffer = memoryview(bytearray(size))
            while (started := time.perf_counter()) < until:
                connection.sendall(request)
                read = 0
                while read < size:
                    read += (got := connection.recv_into(buffer[read:]))
                    if not got:
                        raise SystemExit("The server closed a connection.")
                if bytes(buffer[:12]) != b"HTTP/1.1 200":
                    raise SystemExit("A public view failed.")
                latencies.append(time.perf_counter() - started)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out.put((len(latencies) / duration, latencies))


def _read_answer(connection: socket.socket) -> int:
    """Read one answer and return its length in bytes, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head = data.partition(b"\r\n\r\n")[0]
    length = re.search(rb"(?i)content-length: (\d+)", head)
    if length is None:
        raise SystemExit("A public view failed.")
    size = len(head) + 4 + int(length[1])
    while len(data) < size:
        data += connection.recv(65536)
    return size


def views(host: str, port: int, path: str, duration: float) -> tuple[float, list[float]]:
    """Return views per second and their latencies, fetched by another process."""
    out: multiprocessing.Queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=view_many, args=(host, port, path, duration, out))
    process.start()
    result = out.get()
    process.join()
    return result


def row(name: str, rate: str, seconds: list[float]) -> None:
    """Print one line of the table; times in milliseconds."""
    ordered = sorted(seconds)
    median = statistics.median(ordered) * 1000
    p95, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * q))] * 1000 for q in (0.95, 0.99))
    print(f"| {name} | {rate} | {median:.1f} | {p95:.1f} | {p99:.1f} |")


def main() -> None:
    """Run all measurements and print them as a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--alone", type=int, default=40, help="pastes one at a time")
    parser.add_argument("--count", type=int, default=320, help="pastes with many at once")
    parser.add_argument("--seconds", type=float, default=8, help="duration of each view test")
    options = parser.parse_args()
    parts = urlsplit(options.url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80

    def make() -> Client:
        return Client(host, port)

    print("| what | rate | median ms | p95 ms | p99 ms |\n|---|---|---|---|---|")
    alone, pid = create_alone(make, options.alone)
    row("create to ready, one at a time", f"{1 / statistics.mean(alone):.1f}/s", alone)
    for people in (8, 32):
        seconds, rate = create_at_once(make, people, options.count)
        row(f"create to ready, {people} at once", f"{rate:.1f}/s", seconds)
    rate, latencies = views(host, port, f"/view/{pid}", options.seconds)
    row("public view, idle", f"{rate:.0f}/s", latencies)
    creating = threading.Thread(target=create_at_once, args=(make, 8, options.count))
    creating.start()
    rate, latencies = views(host, port, f"/view/{pid}", min(options.seconds, 6))
    row("public view while 8 create", f"{rate:.0f}/s", latencies)
    creating.join()


if __name__ == "__main__":
    main()
