"""Measure what it takes to erase an account, and to delete a workspace, with thousands of items.

    python -m benchmarks.erasure                 # 2,000 items
    python -m benchmarks.erasure --items 100     # to try it

The items are those of `benchmarks.workspaces`, texts and one document in ten, nine of ten in the
first team. First an editor's account is erased, who owns half of the team's items; then the owner
deletes the workspace with the other half. Each is one transaction. The seconds are those of the
call in this process, sealed files included; the memory is by how much the process grew meanwhile
at most.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import django

import tests.servers  # starts the servers of a scratch database and names them to the settings
from benchmarks.workspaces import make_world


def measure(name: str, items: Callable[[], int], act: Callable[[], None]) -> None:
    """Print how many items went, in how long, with how many queries and how much memory."""
    from django.db import connection
    from django.db.backends.utils import CursorWrapper

    queries, held = 0, items()

    def count(execute: Callable[..., CursorWrapper], *args: object) -> CursorWrapper:
        nonlocal queries
        queries += 1
        return execute(*args)

    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before, started = _peak_kib(), time.perf_counter()
    with connection.execute_wrapper(count):
        act()
    seconds, grown = time.perf_counter() - started, (_peak_kib() - before) / 1024
    print(f"{name}: {held - items()} items, {seconds:.1f} s, {queries} queries, {grown:.0f} MiB")


def _peak_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def main() -> None:
    """Make the items, and delete them in two ways."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=2000)
    options = parser.parse_args()
    if not hasattr(tests.servers, "set_up"):
        raise SystemExit("The servers did not start.")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with patch("inference.queue.wake_worker"), patch("documents.queue.wake_worker"):
        world = make_world()
        world.grow(options.items)
        from accounts.erasure import erase_account
        from entries.models import Entry
        from workspaces.removal import delete_workspace

        owner, editor, *_ = world.people[0]
        team = world.teams[0]
        measure("an account", Entry.objects.count, lambda: erase_account(editor))
        measure(
            "a workspace",
            Entry.objects.count,
            lambda: delete_workspace(workspace=team, actor=owner, typed_name=team.name),
        )


if __name__ == "__main__":
    main()
