"""Open loops: things are done at the moments at which they are due, however long others take.

What is measured begins at that moment, so that nobody is left out who waits because the server
does not keep up.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.actions import (
    ActionError,
    Made,
    expect,
    paste_by_api,
    paste_by_form,
    reveal,
    view,
)
from benchmarks.documents import text_pdf
from benchmarks.lean import Wire, WireError
from benchmarks.paste import ticket

# For each paste: half of them through the API, half through the page.
VIEWS, REVEALS, DOCUMENTS = 20.0, 0.5, 0.05
# Views and reveals go to one of the last so many pastes.
KEPT = 300
_POLL_SECONDS = 0.5
Action = Callable[[Wire], Awaitable[object]]


@dataclass(slots=True)
class Tally:
    """What came of things of one kind: seconds of each, and errors by what they say."""

    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def at(self, share: float) -> float:
        """Return a percentile in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Crowd:
    """People at a server: their connections, the pastes they know, what came of what they did."""

    def __init__(self, url: str, seeds: Iterator[int]) -> None:
        self._url, self._seeds = url, seeds
        self._idle: list[Wire] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._pdf = text_pdf(1)
        self._random = random.Random(1)
        self.known: deque[Made] = deque(maxlen=KEPT)
        self.tallies: dict[str, Tally] = {}

    def forget(self) -> dict[str, Tally]:
        """Begin to count anew; returns what was counted."""
        counted, self.tallies = self.tallies, {}
        return counted

    @property
    def at_once(self) -> int:
        """Things under way."""
        return len(self._tasks)

    async def mix(self, pastes_per_second: float, seconds: float) -> None:
        """Do everything at the rates that follow from that of pastes, then wait for the rest."""
        rate = pastes_per_second
        await asyncio.gather(
            self._at_rate(rate / 2, seconds, "paste, API", self._paste_by_api),
            self._at_rate(rate / 2, seconds, "paste, page", self._paste_by_form),
            self._at_rate(rate * VIEWS, seconds, "public view", self._view),
            self._at_rate(rate * REVEALS, seconds, "reveal", self._reveal),
            self._at_rate(rate * DOCUMENTS, seconds, "document", self._document),
        )
        await self.rest()

    async def only_views(self, rate: float, seconds: float) -> None:
        """Fetch public pages at a rate."""
        await self._at_rate(rate, seconds, "public view", self._view)
        await self.rest()

    async def rest(self) -> None:
        """Wait for what is under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def seed(self, count: int) -> None:
        """Make some pastes to look at."""
        wire = Wire(self._url)
        for _ in range(count):
            await self._paste_by_api(wire)

    async def _at_rate(self, rate: float, seconds: float, kind: str, action: Action) -> None:
        if not rate:
            return
        begun = time.perf_counter()
        due = begun + self._random.expovariate(rate)
        while due < begun + seconds:
            if (left := due - time.perf_counter()) > 0:
                await asyncio.sleep(left)
            task = asyncio.create_task(self._do(kind, action, due))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            due += self._random.expovariate(rate)

    async def _do(self, kind: str, action: Action, due: float) -> None:
        tally = self.tallies.setdefault(kind, Tally())
        wire = self._idle.pop() if self._idle else Wire(self._url)
        try:
            await action(wire)
        except (ActionError, WireError, OSError, ValueError, KeyError) as exc:
            wire.close()
            tally.errors[str(exc) or type(exc).__name__] += 1
            return
        tally.seconds.append(time.perf_counter() - due)
        self._idle.append(wire)

    async def _paste_by_api(self, wire: Wire) -> None:
        self.known.append(await paste_by_api(wire, ticket(next(self._seeds))))

    async def _paste_by_form(self, wire: Wire) -> None:
        self.known.append(await paste_by_form(wire, ticket(next(self._seeds))))

    async def _view(self, wire: Wire) -> None:
        await view(wire, self._random.choice(self.known))

    async def _reveal(self, wire: Wire) -> None:
        await reveal(wire, self._random.choice(self.known))

    async def _document(self, wire: Wire) -> None:
        """Send a PDF of one page, wait for its clean file, fetch and delete it."""
        line = uuid.uuid4().hex
        head = (
            f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="letter.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        )
        body = head.encode() + self._pdf + f"\r\n--{line}--\r\n".encode()
        kind = f"Content-Type: multipart/form-data; boundary={line}\r\n"
        sent = await wire.post("/api/v1/documents", body, kind)
        if sent.status not in {201, 202}:
            raise ActionError(f"a document: {sent.status}")
        made = json.loads(sent.body)
        address, looked = f"/api/v1/documents/{made['id']}", sent
        while True:
            await asyncio.sleep(float(looked.header("Retry-After") or _POLL_SECONDS))
            looked = await wire.get(address)
            expect(looked, 200, "a document's state")
            state = json.loads(looked.body)
            if state["state"] == "failed":
                raise ActionError("a document failed")
            if state["state"] == "ready" and state["clean_file"]["state"] not in {"none", "making"}:
                break
        if state["clean_file"]["state"] != "ready":
            raise ActionError(f"a clean file: {state['clean_file']['state']}")
        expect(await wire.get(f"{address}/file"), 200, "a clean file")
        token = f"Reveal-Token: {made['reveal_token']}\r\n"
        gone = await wire.ask(
            f"DELETE {address} HTTP/1.1\r\nHost: {wire.host}:{wire.port}\r\n{token}\r\n".encode()
        )
        expect(gone, 204, "a document, deleted")
