"""Items of a team, and how its members decide on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from documents.models import Document
from inference.engine.spans import Span
from pastebin.models import Paste
from pastebin.services import create_paste
from review import services
from review.items import Reviewed
from review.models import Verdict
from sharing.corrections import read_marks
from sharing.services import Place
from tests.cast import alice, charlie, fresh_status, visitors
from tests.pastebin.world import TEXT, detector, make, scan
from tests.workspaces.cast import Team, team
from vault.envelope import DataKey

__all__ = ("alice", "charlie", "detector", "fresh_status", "make", "scan", "team", "visitors")


@dataclass
class Item:
    """An item of a team as its members see it."""

    team: Team
    row: Any

    @property
    def pid(self) -> str:
        """The item's id."""
        return str(self.row.pid)

    @property
    def now(self) -> Reviewed:
        """The item as it is stored now."""
        model: Any = type(self.row)
        found: Paste | Document = model.objects.with_scan().get(pk=self.pid)
        return found

    @property
    def key(self) -> DataKey:
        """The key to it."""
        return self.now.envelope.open_for_service()

    @property
    def spans(self) -> list[Span]:
        """Its marks, in order."""
        return read_marks(self.now, self.key)[1]

    def decide(self, who: str, verdict: Verdict, span: Span, **options: Any) -> None:
        """Let one of the team decide on a place."""
        services.decide(
            item=self.now,
            key=self.key,
            user=self.team.people[who],
            verdict=verdict,
            start=span.start,
            end=span.end,
            **options,
        )

    def assign(self, who: str, by: str = "eddie") -> None:
        """Let one of the team say who reviews it."""
        people, entry = self.team.people, self.now.entry
        assert entry is not None
        wid = self.team.wid
        services.assign(workspace=wid, pks=[entry.pk], to=people[who], by=people[by])

    def path(self, name: str, **kwargs: Any) -> str:
        """Return an address of the item's review."""
        return self.team.path(f"review:{name}", pid=self.pid, **kwargs)


MakeItem = Callable[..., Item]


@pytest.fixture
def make_item(team: Team, scan: Callable[[], int]) -> MakeItem:
    """A function that makes a text of the team's, added by eddie unless told otherwise."""

    def make_paste(
        text: str = TEXT, of: Team = team, by: str = "eddie", version: Any = None, **options: Any
    ) -> Item:
        creator = of.people[by]
        place = Place(of.workspace, creator, version)
        created = create_paste(text=text, owner=creator, place=place, **options)
        scan()
        return Item(of, created.paste)

    return make_paste


@pytest.fixture
def item(make_item: MakeItem) -> Item:
    """A text of the team's."""
    return make_item()
