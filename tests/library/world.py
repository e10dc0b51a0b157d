"""Items of a team, and how often a page asks the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entries.models import Entry
from sharing.services import Place
from tests.pastebin.world import Made, Make
from tests.workspaces.cast import Team, make_team

MakeIn = Callable[..., Made]


@pytest.fixture
def make_in(make: Make) -> MakeIn:
    """A function that adds a paste to a team, scanned unless told otherwise."""

    def make_paste(team: Team, *texts: str, who: str = "eddie", **options: Any) -> Made:
        person = team.people[who]
        place = Place(team.workspace, person)
        return make(*texts, owner=person, place=place, **options)

    return make_paste


@pytest.fixture
def other(team: Team) -> Team:
    """Another team, of which nobody of the first sees anything."""
    return make_team("Redaktion Nord", prefix="other-")


def entry_of(made: Made) -> Entry:
    """Return a paste's entry as it is stored now."""
    return Entry.objects.get(pid=made.pid)


def queries_of(browser: Client, path: str) -> int:
    """Return how many queries a page makes, its session and its seat included.

    How the engine is doing is asked every few seconds, by whichever page comes then.
    """
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return sum("inference_engineworker" not in query["sql"] for query in asked)


def titles_on(page: Any) -> set[str]:
    """Return the titles of the rows of a list."""
    return {row.title for row in page.context["rows"]}
