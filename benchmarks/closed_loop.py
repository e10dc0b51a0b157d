"""Closed loops: so many people who each do the next thing when the last one has ended."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.actions import Create, Made, view
from benchmarks.lean import Wire, cpu_mark, cpu_share
from benchmarks.paste import ticket

VIEWERS = 16


@dataclass(slots=True)
class Loop:
    """What came of a loop: seconds of each thing done, and how long the loop ran."""

    seconds: list[float] = field(default_factory=list)
    lasted: float = 0.0
    client_cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Things done in a second."""
        return len(self.seconds) / max(self.lasted, 1e-9)

    def at(self, share: float) -> float:
        """Return a percentile in milliseconds, 0.5 for the median."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def creating(
    url: str,
    create: Create,
    people: int,
    seconds: float,
    seeds: Iterator[int],
    *,
    warm: float = 1.0,
) -> Loop:
    """Let so many people create pastes, each another text; what ends while warming up is left out.

    Those under way at the end are waited for, and count for nothing.
    """
    loop = Loop()
    begin = time.perf_counter() + warm
    until = begin + seconds

    async def person() -> None:
        wire = Wire(url)
        while (started := time.perf_counter()) < until:
            await create(wire, ticket(next(seeds)))
            if begin <= (now := time.perf_counter()) <= until:
                loop.seconds.append(now - started)
        wire.close()

    mark = cpu_mark()
    await asyncio.gather(*(person() for _ in range(people)))
    loop.lasted, loop.client_cpu = seconds, cpu_share(mark)
    return loop


async def viewing(url: str, made: Made, seconds: float, people: int = VIEWERS) -> Loop:
    """Let so many people fetch one public page again and again."""
    loop = Loop()
    until = time.perf_counter() + seconds

    async def person() -> None:
        wire = Wire(url)
        while (started := time.perf_counter()) < until:
            await view(wire, made)
            loop.seconds.append(time.perf_counter() - started)
        wire.close()

    mark = cpu_mark()
    await asyncio.gather(*(person() for _ in range(people)))
    loop.lasted, loop.client_cpu = seconds, cpu_share(mark)
    return loop


async def viewing_while_creating(
    url: str,
    create: Create,
    people: int,
    seconds: float,
    seeds: Iterator[int],
    viewers: int = VIEWERS,
) -> tuple[Loop, Loop]:
    """Return views and pastes, both at once."""
    made = await create(Wire(url), ticket(next(seeds)))
    pastes = asyncio.create_task(creating(url, create, people, seconds, seeds))
    await asyncio.sleep(1.0)
    views = await viewing(url, made, seconds, viewers)
    return views, await pastes


def new_seeds() -> Iterator[int]:
    """Return numbers for texts, none of them twice in a run."""
    return itertools.count(int(time.time() * 1000) % 10**9)
