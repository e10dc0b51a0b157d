"""Load a server with everything at once, at the highest rate that it holds, and see what it does.

    python -m benchmarks.load --minutes 10                   # a server of its own, started here
    python -m benchmarks.load --minutes 10 --gradio          # and a gradio.Server beside it

1. The mix: pastes (half through the API, half through the page), public views (20 for each
   paste), reveals (one for two), PDFs of one page (one for twenty; sent, cleaned, fetched,
   deleted). All come at random moments at a given rate, whether earlier ones have ended or not.
2. The ramp: the rate of pastes grows until the oldest waiting scan or file is older than
   --age seconds in the second half of a step, or errors come. The highest rate that held is kept
   for --minutes.
3. Views beside it: with the mix at half that rate, more and more views, until their p99 is
   over 50 ms.
4. With --gradio the paste part against a gradio.Server (see `benchmarks.load_beside`).

Times count from the moment at which something was due. The client shares the machine with the
server; its share of a core is told. Prints Markdown; ends with 1 if there was any error.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import time
from dataclasses import dataclass, field

from benchmarks.closed_loop import new_seeds
from benchmarks.lean import Wire, WireError, cpu_mark, cpu_share
from benchmarks.load_beside import compare
from benchmarks.load_mix import VIEWS, Crowd, Tally
from benchmarks.load_server import Server, files_age, queue_age, running_server

STEP_SECONDS, SAMPLE_SECONDS = 60.0, 1.0
GROWTH = 1.25
SLOW_VIEW_MS = 50.0
_FIRST_VIEWS = 200.0


@dataclass(slots=True)
class Watch:
    """What was sampled during a run: (seconds since its start, queue age, files' age)."""

    ages: list[tuple[float, float, float]] = field(default_factory=list)

    async def follow(self, server: Server) -> None:
        """Sample until cancelled."""
        wire, begun = Wire(server.url), time.perf_counter()
        while True:
            try:
                figures = await server.read_figures(wire)
            except (OSError, WireError):
                wire = Wire(server.url)  # what this means for people, their tallies say
            else:
                now = time.perf_counter() - begun
                self.ages.append((now, queue_age(figures), files_age(figures)))
            await asyncio.sleep(SAMPLE_SECONDS)

    def oldest(self, since: float, until: float = 1e9) -> float:
        """Return the highest age of either queue in a stretch of the run."""
        found = [max(scan, file) for at, scan, file in self.ages if since <= at <= until]
        return max(found, default=0.0)


async def watched(server: Server, crowd: Crowd, rate: float, seconds: float) -> Watch:
    """Run the mix and return what was sampled; what had not ended is waited for unsampled."""
    watch = Watch()
    follower = asyncio.create_task(watch.follow(server))
    mixing = asyncio.create_task(crowd.mix(rate, seconds))
    await asyncio.wait({mixing, asyncio.create_task(asyncio.sleep(seconds))})
    follower.cancel()
    await mixing
    return watch


async def ramp(server: Server, crowd: Crowd, first: float, most_age: float) -> float:
    """Return the highest rate of pastes that held."""
    print(
        "\n### Ramp\n\n| pastes/s | oldest waiting, s | views p99, ms | errors |\n|---|---|---|---|"
    )
    rate, held = first, 0.0
    while True:
        watch = await watched(server, crowd, rate, STEP_SECONDS)
        tallies = crowd.forget()
        age = watch.oldest(STEP_SECONDS / 2)
        errors = sum(sum(tally.errors.values()) for tally in tallies.values())
        views = tallies.get("public view", Tally())
        print(f"| {rate:.1f} | {age:.1f} | {views.at(0.99):.0f} | {errors} |", flush=True)
        if age > most_age or errors:
            return held
        held, rate = rate, rate * GROWTH


async def long_run(server: Server, crowd: Crowd, rate: float, minutes: float) -> bool:
    """Run the mix for minutes and print what came of it; False if there were errors."""
    before, cpu, mark = server.memory(), server.cpu_seconds(), cpu_mark()
    begun = time.perf_counter()
    watch = await watched(server, crowd, rate, 60 * minutes)
    wall = time.perf_counter() - begun
    after, cpu = server.memory(), server.cpu_seconds() - cpu
    tallies = crowd.forget()
    print(f"\n### {minutes:g} minutes at {rate:.1f} pastes/s\n")
    print(
        f"Server {cpu / wall:.2f} cores, client {cpu_share(mark):.2f}, of {os.cpu_count()}."
        " Milliseconds from the moment at which it was due.\n"
    )
    print("| what | done | a second | median | p95 | p99 | worst | errors |")
    print("|---|---|---|---|---|---|---|---|")
    for kind, tally in tallies.items():
        times = " | ".join(f"{tally.at(share):.0f}" for share in (0.5, 0.95, 0.99, 1.0))
        done, errors = len(tally.seconds), sum(tally.errors.values())
        print(f"| {kind} | {done} | {done / (60 * minutes):.1f} | {times} | {errors} |")
    for kind, tally in tallies.items():
        for said, number in tally.errors.items():
            print(f"\n{kind}: {number} times {said}")
    _print_ages(watch, minutes)
    print("\n| memory, MiB | start | end |\n|---|---|---|")
    for name in sorted(before | after):
        print(f"| {name} | {before.get(name, 0):.0f} | {after.get(name, 0):.0f} |")
    return not any(tally.errors for tally in tallies.values())


def _print_ages(watch: Watch, minutes: float) -> None:
    """Print the oldest scan and file of each tenth of a run."""
    part = 6 * minutes
    print("\n| oldest waiting, s | " + " | ".join(f"{n + 1}/10" for n in range(10)) + " |")
    print("|---" * 11 + "|")
    for place, name in ((1, "scan"), (2, "file")):
        cells = []
        for n in range(10):
            ages = [age[place] for age in watch.ages if n * part <= age[0] < (n + 1) * part]
            cells.append(f"{max(ages, default=0.0):.1f}")
        print(f"| {name} | " + " | ".join(cells) + " |")


async def view_ramp(crowd: Crowd, rate: float) -> None:
    """Print at which rate of views their p99 is over 50 ms, with pastes beside them."""
    print(f"\n### Views beside {rate:.1f} pastes/s\n")
    print("| views/s wanted | done | median ms | p99 ms | client's cores |\n|---|---|---|---|---|")
    views = _FIRST_VIEWS
    while True:
        mark = cpu_mark()
        begun = time.perf_counter()
        more = max(views - rate * VIEWS, 0)
        await asyncio.gather(crowd.mix(rate, 10), crowd.only_views(more, 10))
        tally = crowd.forget()["public view"]
        done = len(tally.seconds) / max(10, time.perf_counter() - begun)
        print(
            f"| {views:.0f} | {done:.0f} | {tally.at(0.5):.1f} | {tally.at(0.99):.1f}"
            f" | {cpu_share(mark):.2f} |",
            flush=True,
        )
        if tally.at(0.99) > SLOW_VIEW_MS or tally.errors:
            print(f"\nViews suffer from {views:.0f} a second on.")
            return
        views *= 1.5


async def measure(server: Server, options: argparse.Namespace) -> bool:
    """Run all parts against a server; False if there were errors."""
    crowd = Crowd(server.url, new_seeds())
    await crowd.seed(20)
    rate = options.rate or await ramp(server, crowd, options.first, options.age)
    if not rate:
        print("\nNot even the first rate held.")
        return False
    is_well = await long_run(server, crowd, rate, options.minutes)
    await view_ramp(crowd, rate / 2)
    return is_well


def main() -> None:
    """Start a server, load it, print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=0, help="pastes a second; no ramp")
    parser.add_argument("--first", type=float, default=3, help="pastes a second, of the ramp")
    parser.add_argument("--age", type=float, default=5, help="seconds that a scan may wait")
    parser.add_argument("--gradio", action="store_true", help="compare with a gradio.Server")
    parser.add_argument("--only-gradio", action="store_true", help="do nothing else")
    parser.add_argument("--gradio-python", help="a Python that has gradio")
    parser.add_argument("--seconds", type=float, default=10, help="of each step of the comparison")
    parser.add_argument("--rounds", type=int, default=3, help="of each step of the comparison")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # who waits holds a connection
    print(f"Load, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores")
    is_well = True
    with running_server() as server:
        if not options.only_gradio:
            is_well = asyncio.run(measure(server, options))
        if options.gradio or options.only_gradio:
            compare(server, options.gradio_python, options.seconds, options.rounds)
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
