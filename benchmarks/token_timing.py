"""Measure whether the time of an answer tells how much of a guessed token is right.

    python -m benchmarks.token_timing [--rounds 20000] [--requests 1500]

Guesses that share nothing, half, or all but the last character with the real token are compared
with it in turn, in an order drawn anew each round, first by the comparison alone, then by whole
requests inside one process. For each group it prints Welch's t against the first: beyond 4.5 a
difference counts as a leak (as in "dudect", Reparaz et al., 2016). Times above the 95th percentile
are cut, since they are the machine's. `==` on a long text is measured beside them, to show that the
method would see a comparison that stops early.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Mapping

from vault.envelope import new_token, token_digest, token_matches

GROUPS = ("nothing", "half", "all but one")
Times = dict[str, list[int]]
LONG = 4096


def guesses(token: str) -> dict[str, str]:
    """Return a guess for each group, of the token's length."""
    other = {True: "A", False: "B"}
    wrong = "".join(other[sign != "A"] for sign in token)
    half = len(token) // 2
    return {
        "nothing": wrong,
        "half": token[:half] + wrong[half:],
        "all but one": token[:-1] + wrong[-1],
    }


def measure(act: Callable[[str], object], tries: Mapping[str, str], rounds: int) -> Times:
    """Return nanoseconds of each group; the order changes from round to round."""
    times: Times = {group: [] for group in tries}
    order = list(tries)
    for _ in range(rounds):
        random.shuffle(order)
        for group in order:
            guess = tries[group]
            begun = time.perf_counter_ns()
            act(guess)
            times[group].append(time.perf_counter_ns() - begun)
    return times


def compare(name: str, times: Times) -> None:
    """Print what tells the groups apart."""
    cut = {group: sorted(found)[: len(found) * 95 // 100] for group, found in times.items()}
    base = cut[GROUPS[0]]
    medians = ", ".join(f"{g} {statistics.median(found):,.0f}" for g, found in cut.items())
    print(f"{name}: median ns: {medians}")
    for group in GROUPS[1:]:
        other = cut[group]
        spread = statistics.variance(base) / len(base) + statistics.variance(other) / len(other)
        t = (statistics.fmean(base) - statistics.fmean(other)) / max(spread, 1e-9) ** 0.5
        said = "told apart" if abs(t) > 4.5 else "not told apart"
        print(f"  nothing / {group}: t = {t:+.2f}, {said}")


def by_requests(requests: int) -> None:
    """Time private links with wrong tokens, through all of Django, against the tests' servers."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    import tests.conftest  # noqa: F401 (starts servers, sets Django up)
    from pastebin.services import create_paste

    call_command("migrate", verbosity=0)
    settings.ALLOWED_HOSTS = ["*"]
    created = create_paste(text="Nothing to hide.")
    client, address = Client(), f"/view/{created.paste.pid}?token="
    tries = guesses(created.token)
    for guess in tries.values():  # warm
        client.get(address + guess)
    compare(
        f"request, {requests} each", measure(lambda g: client.get(address + g), tries, requests)
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=1500)
    options = parser.parse_args()
    token = new_token()
    digest = token_digest(token)
    times = measure(lambda g: token_matches(g, digest), guesses(token), options.rounds)
    compare(f"comparison by digest, {options.rounds} each", times)
    long = "".join(new_token() for _ in range(LONG // 32))
    times = measure(lambda g: g == long, guesses(long), options.rounds)
    compare(f"== on {LONG} characters, {options.rounds} each, to see the method work", times)
    if options.requests:
        by_requests(options.requests)


if __name__ == "__main__":
    main()
