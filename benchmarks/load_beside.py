"""The paste part against a minimal gradio.Server around the same engine, in turns, in one run.

The other's best setting is looked for first: threads of its engine, and calls that it does at
once. Then both do the same, one after the other, while the other one's processes are stopped:
pastes at 8 and 32 at once, views without and with pastes beside them. Here a paste is sealed, on
disk and survives a restart; there it lies in a dict.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psutil

from benchmarks.actions import Create, paste_by_api, paste_by_form, paste_in_gradio
from benchmarks.closed_loop import Loop, creating, new_seeds, viewing, viewing_while_creating
from benchmarks.gradio_beside import gradio_python, gradio_server
from benchmarks.lean import Wire
from benchmarks.load_server import Server
from benchmarks.paste import ticket

# Threads of one call, calls at once.
SETTINGS = ((1, 1), (2, 1), (1, 2), (2, 2), (1, 4))
# So many people that pastes always wait for the detector.
FULL = 64
Step = Callable[[str, Create], Awaitable[tuple[Loop, ...]]]


def compare(server: Server, python: str | None, seconds: float, rounds: int) -> None:
    """Print the comparison with a gradio.Server; every step takes so many rounds of seconds."""
    python = gradio_python(python)
    seeds = new_seeds()
    threads, calls = _best(server, python, seconds, seeds)
    with gradio_server(python, threads, calls) as beside:
        theirs = _process_at(beside)
        asyncio.run(_in_turns(server, beside, theirs, seconds, rounds, seeds))


def _best(server: Server, python: str, seconds: float, seeds: Iterator[int]) -> tuple[int, int]:
    """Try the settings and return the best; prints what each gave."""
    print("\n### gradio.Server, its settings\n")
    print("| threads of a call | calls at once | pastes/s at 8 | at 32 |\n|---|---|---|---|")
    rates = {}
    with stopped([server.process]):
        for setting in SETTINGS:
            with gradio_server(python, *setting) as url:
                asyncio.run(creating(url, paste_in_gradio, 4, 2, seeds))
                at = [
                    asyncio.run(creating(url, paste_in_gradio, people, seconds, seeds)).rate
                    for people in (8, 32)
                ]
            print(f"| {setting[0]} | {setting[1]} | {at[0]:.1f} | {at[1]:.1f} |", flush=True)
            rates[setting] = sum(at)
    return max(rates, key=lambda setting: rates[setting])


async def _in_turns(
    server: Server,
    beside: str,
    theirs: psutil.Process,
    seconds: float,
    count: int,
    seeds: Iterator[int],
) -> None:
    print("\n### Side by side\n\nMedian of the rounds; milliseconds; the client takes its part.\n")
    print("| what | ours, API | ours, Gradio's protocol | gradio.Server | ratio API |")
    print("|---|---|---|---|---|")

    def make(people: int) -> Step:
        async def step(url: str, create: Create) -> tuple[Loop, ...]:
            return (await creating(url, create, people, seconds, seeds),)

        return step

    async def look(url: str, create: Create) -> tuple[Loop, ...]:
        return (await viewing(url, await create(Wire(url), ticket(next(seeds))), seconds),)

    def look_beside(people: int) -> Step:
        async def step(url: str, create: Create) -> tuple[Loop, ...]:
            return await viewing_while_creating(url, create, people, seconds, seeds)

        return step

    steps: list[tuple[str, Step]] = [
        ("pastes, 1 at once", make(1)),
        ("pastes, 8 at once", make(8)),
        ("pastes, 32 at once", make(32)),
        ("views, idle", look),
        ("views while 8 create", look_beside(8)),
        (f"views while the queue is full ({FULL} create)", look_beside(FULL)),
    ]
    sides: list[tuple[str, Create, list[psutil.Process]]] = [
        (server.url, paste_by_api, [theirs]),
        (server.url, paste_in_gradio, [theirs]),
        (beside, paste_in_gradio, [server.process]),
    ]
    for name, step in steps:
        rounds: list[list[tuple[Loop, ...]]] = [[] for _ in sides]
        for _, place in itertools.product(range(count), range(len(sides))):
            url, create, others = sides[place]
            with stopped(others):
                rounds[place].append(await step(url, create))
        middle = [sorted(one, key=lambda loops: loops[0].rate)[len(one) // 2] for one in rounds]
        cells = [_cell(loops) for loops in middle]
        ratio = middle[0][0].rate / max(middle[2][0].rate, 1e-9)
        print(f"| {name} | {' | '.join(cells)} | {ratio:.2f} |", flush=True)
    with stopped([theirs]):
        page = [await creating(server.url, paste_by_form, n, seconds, seeds) for n in (8, 32)]
    print(f"\nOurs through the page: {page[0].rate:.1f}/s at 8, {page[1].rate:.1f}/s at 32.")


def _cell(loops: tuple[Loop, ...]) -> str:
    first = loops[0]
    said = f"{first.rate:.1f}/s, median {first.at(0.5):.0f}, p99 {first.at(0.99):.0f}"
    return said + (f" ({loops[1].rate:.1f} pastes/s)" if len(loops) > 1 else "")


@contextmanager
def stopped(processes: list[psutil.Process]) -> Iterator[None]:
    """Hold processes, and all that they started: an idle server takes a part of a core too."""
    held = []
    for process in processes:
        held += [process, *process.children(recursive=True)]
    _send(held, signal.SIGSTOP)
    try:
        yield
    finally:
        _send(held, signal.SIGCONT)


def _send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.Error:
            continue


def _process_at(url: str) -> psutil.Process:
    """Return the child of this process that listens at an address."""
    port = urlsplit(url).port
    for child in psutil.Process().children(recursive=True):
        for one in child.net_connections(kind="tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr.port == port:
                return child
    raise SystemExit("The gradio.Server is gone.")
