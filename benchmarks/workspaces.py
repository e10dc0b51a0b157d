"""Measure every page of a workspace with few items and with many, in a scratch database.

    python -m benchmarks.workspaces                    # 200, then 2,000 items
    python -m benchmarks.workspaces --items 20 100     # to try it

Two teams with eight people are made by a program, with the services that the pages use: texts of
realistic length, scanned by a detector that knows the names in them, every tenth item a document;
folders, tags, policies, people who review, what lies in the trash, the record of all that. Nine of
ten items belong to the first team, and its owner asks for each page in turn.

The time is that of the server: from the request to the whole answer, in this process, templates
and queries included, without the network. PostgreSQL and Valkey run beside it, on the same
machine, and go with all their data at the end. The columns hold the number of queries, and median
and 95th percentile of the milliseconds.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import django

import tests.servers  # starts the servers of a scratch database and names them to the settings
from benchmarks.paste import FAMILIES, NAMES, ticket

FOLDERS, TAGS, TRASHED = 12, 8, 20
ROLES = ("owner", "editor", "reviewer", "viewer")
_FOUND = re.compile(
    rf"(?P<private_person>(?:{'|'.join(NAMES)}) (?:{'|'.join(FAMILIES)}))"
    r"|(?P<private_email>\S+@posteo\.example)|(?P<private_phone>\+31 6 5550 \d{4})"
    r"|(?P<account_number>NL91 ABNA 0417 1643 00)"
)
# What the list is asked for, beside the plain page of every part.
SEARCHES = {
    "list, search": "q=refund+parcel",
    "list, search of a phrase": "q=%22neighbour%27s+name+plate%22",
    "list, search of what half of the texts hold": "q=order+-invoice",
    "list, a state": "state=ready",
    "list, undecided": "review=undecided&sort=unsure",
    "list, a folder": "folder={folder}",
    "list, a tag": "tag={tag}",
    "list, a policy": "policy={policy}",
    "list, all of it": "q=order&kind=paste&state=ready&who=mine&tag={tag}&sort=title",
    "list, the last page": "page=999",
}


class Finder:
    """Finds the names, addresses and numbers of the tickets, as an engine would."""

    name, revision, batch_tokens = "finder", "0" * 12, 0

    @property
    def model(self) -> Finder:
        """The model beside the rules; here they are one."""
        return self

    def detect(self, texts: Sequence[str], *args: Any, **options: Any) -> list[Any]:
        """Answer as `Engine.detect` does."""
        from inference.engine.engine import Detection
        from inference.engine.spans import Span

        found = []
        for text in texts:
            pick = random.Random(len(text))
            spans = tuple(
                Span(*hit.span(), str(hit.lastgroup), score=pick.uniform(0.5, 1))
                for hit in _FOUND.finditer(text)
            )
            found.append(Detection(spans, len(text), len(text) // 4))
        return found


@dataclass
class World:
    """The two teams, and what has been made for them so far."""

    teams: list[Any]
    people: list[list[Any]]
    made: int = 0

    def grow(self, count: int) -> None:
        """Add items until there are so many."""
        from inference.worker import ScanWorker

        worker = ScanWorker()
        worker.engine = Finder()  # type: ignore[assignment]
        for number in range(self.made, count):
            self._add(number)
            if number % 50 == 49 or number == count - 1:
                worker.run_pending()
        self._arrange()
        self.made = count

    def _add(self, number: int) -> None:
        from pastebin.services import create_paste
        from sharing.services import Place

        team = int(number % 10 == 9)
        place = Place(self.teams[team], self.people[team][number % 2], self._version(number, team))
        text = "\n\n".join(ticket(number * 8 + part) for part in range(1 + number % 6))
        if number % 10 == 4:
            _add_document(text, f"Claim {number}", place)
        else:
            title = f"Ticket {number} of {NAMES[number % 10]} {FAMILIES[number % 9]}"
            create_paste(text=text, title=title, owner=place.creator, place=place)

    def _version(self, number: int, team: int) -> Any:
        from policies.models import PolicyVersion

        versions = PolicyVersion.objects.filter(policy__workspace=self.teams[team]).order_by("pk")
        return versions[number % 4 - 1] if number % 4 else None

    def _arrange(self) -> None:
        """File, tag, assign, approve and trash what was added."""
        from entries.models import Entry
        from library import services

        for team, workspace in enumerate(self.teams):
            owner, editor, reviewer, _ = self.people[team]
            folders, tags = list(workspace.folders.all()), list(workspace.tags.all())
            fresh = Entry.objects.filter(workspace=workspace, folder=None, trashed_at=None)
            pids = list(fresh.order_by("created_at").values_list("pid", flat=True))
            who = {"user": editor, "workspace": workspace}
            for start in range(0, len(pids), 25):
                some, step = pids[start : start + 25], start // 25
                if step % 5 == 4:
                    continue
                services.put_into_folder(**who, pids=some, folder=folders[step % len(folders)])
                services.tag_items(**who, pids=some, tag=tags[step % len(tags)], is_on=True)
                person = (owner, reviewer, None)[step % 3]
                services.assign_items(**who, pids=some[:10], assignee=person)
            if self.made == 0:
                services.trash_items(**who, pids=pids[:TRASHED] if team == 0 else pids[:2])
            approved = Entry.objects.filter(pid__in=pids[::7], needs_approval=True)
            approved.update(approved_revision=0, approved_by=owner)


def make_world() -> World:
    """Make the teams with their people, folders, tags and policies."""
    from accounts.models import User
    from anonymizer.rules import Rules
    from entries.models import Colour
    from policies.services import create_policy
    from workspaces.models import Membership
    from workspaces.services import create_workspace

    world = World([], [])
    for team, name in enumerate(("Claims desk", "Newsroom")):
        people = [User.objects.create_user(f"{role}-{team}") for role in ROLES]
        workspace = create_workspace(name=name, owner=people[0])
        for person, role in zip(people[1:], ROLES[1:], strict=True):
            Membership.objects.create(workspace=workspace, user=person, role=role)
        parent = None
        for number in range(FOLDERS):
            outer = parent if number % 3 else None
            folder = workspace.folders.create(name=f"Folder {number}", parent=outer)
            parent = folder if number % 3 == 0 else parent
        for number in range(TAGS):
            workspace.tags.create(name=f"tag {number}", colour=Colour.values[number % 6])
        for name, rules in (
            ("As found", Rules()),
            ("With approval", Rules(needs_approval=True)),
            ("Shared numbers", Rules(shared_numbers=True)),
        ):
            create_policy(workspace=workspace, name=name, rules=rules, actor=people[0])
        world.teams.append(workspace)
        world.people.append(people)
    return world


def _add_document(text: str, name: str, place: Any) -> None:
    """Add a document as it stands once it was read, scanned and redacted."""
    from documents.models import State
    from documents.services import create_document
    from entries.services import note_published

    made = create_document(
        content=text.encode(), name=f"{name}.txt", owner=place.creator, place=place, is_read=False
    )
    document = made.document
    spans = Finder().detect([text])[0].spans
    redacted = f"{name}\n\n" + _FOUND.sub("<PRIVATE>", text)
    document.kind, document.state, document.page_count = "txt", State.READY, 1
    document.redacted_name, document.redacted_text = name, redacted
    document.hidden_count = len(spans)
    document.save()
    labels = [span.label for span in spans]
    note_published(document.envelope.entry, text=redacted, spans=spans, labels=labels)


def pages_of(world: World) -> dict[str, str]:
    """Return the addresses of all pages of the first team, and the searches of its list."""
    workspace = world.teams[0]
    found = dict(_plain_pages(workspace.wid))
    chosen = {
        "folder": workspace.folders.order_by("pk")[0].pk,
        "tag": workspace.tags.order_by("pk")[0].pk,
        "policy": workspace.policies.order_by("pk")[0].pk,
    }
    base = f"/w/{workspace.wid}/"
    return found | {name: f"{base}?{query.format(**chosen)}" for name, query in SEARCHES.items()}


def _plain_pages(wid: str) -> Iterator[tuple[str, str]]:
    """Yield every page whose address needs the workspace and nothing else, by its name."""
    from django.urls import NoReverseMatch, get_resolver, reverse

    for resolver in get_resolver().url_patterns:
        app = getattr(resolver, "app_name", None)
        for pattern in getattr(resolver, "url_patterns", []) if app else []:
            if "wid" not in str(resolver.pattern) + str(pattern.pattern):
                continue
            try:
                yield f"{app}:{pattern.name}", reverse(f"{app}:{pattern.name}", args=[wid])
            except NoReverseMatch:
                continue


def measure(get: Callable[[str], Any], path: str, times: int) -> str | None:
    """Return the figures of a page as cells of a table, None if it is no page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    if get(path).status_code != 200:
        return None
    with CaptureQueriesContext(connection) as asked:
        get(path)
    queries = len(asked)
    milliseconds = []
    for _ in range(times):
        started = time.perf_counter()
        get(path)
        milliseconds.append(1000 * (time.perf_counter() - started))
    ordered = sorted(milliseconds)
    median, p95 = statistics.median(ordered), ordered[min(int(times * 0.95), times - 1)]
    return f"{queries} | {median:.1f} | {p95:.1f}"


def main() -> None:
    """Make the world, measure its pages at each size, and print them as a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, nargs="+", default=[200, 2000])
    parser.add_argument("--times", type=int, default=40, help="requests of each page")
    options = parser.parse_args()
    if not hasattr(tests.servers, "set_up"):
        raise SystemExit("The servers did not start.")
    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    # Nobody listens to wake-ups: the worker is called here.
    with patch("inference.queue.wake_worker"), patch("documents.queue.wake_worker"):
        world = make_world()
        cells: dict[str, list[str]] = {}
        for count in options.items:
            started = time.perf_counter()
            world.grow(count)
            print(f"{count} items made in {time.perf_counter() - started:.0f} s", flush=True)
            browser = Client(SERVER_NAME="localhost")
            browser.force_login(world.people[0][0])
            for name, path in pages_of(world).items():
                found = measure(browser.get, path, options.times)
                if found is not None:
                    cells.setdefault(name, []).append(found)
    heads = [f"{count} items: queries | median ms | p95 ms" for count in options.items]
    print(f"\n| page | {' | '.join(heads)} |\n|---|{'---|' * 3 * len(heads)}")
    for name, found in sorted(cells.items()):
        print(f"| {name} | {' | '.join(found)} |")


if __name__ == "__main__":
    main()
