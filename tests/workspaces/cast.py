"""A team, and the table by which every address of a workspace faces it.

olga owns, eddie edits, rita reviews, victor views; charlie is signed in and a stranger, nobody is
not signed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import User
from workspaces.models import Membership, Workspace
from workspaces.roles import Role
from workspaces.services import create_workspace

ROLES = {
    "olga": Role.OWNER,
    "eddie": Role.EDITOR,
    "rita": Role.REVIEWER,
    "victor": Role.VIEWER,
}
CAST = (*ROLES, "charlie", "nobody")


class Row(NamedTuple):
    """What each of the cast is answered at an address of a workspace.

    least: the humblest role that is let in; all above are answered `status`, all below and
           strangers 404, and who is not signed in is led to sign-in
    """

    method: str
    least: Role
    status: int = 200
    data: Any = None
    kwargs: dict[str, Any] = {}  # noqa: RUF012 (never changed)

    def expected(self, who: str) -> int | str:
        """Return the status for one of the cast, or "login"."""
        if who == "nobody":
            return "login"
        order = list(ROLES.values())
        is_let_in = who in ROLES and order.index(ROLES[who]) <= order.index(self.least)
        return self.status if is_let_in else 404


@dataclass
class Team:
    """A workspace with one member of each role, and a browser for each of the cast."""

    workspace: Workspace
    people: dict[str, User] = field(default_factory=dict)
    browsers: dict[str, Client] = field(default_factory=dict)

    @property
    def wid(self) -> str:
        """The workspace's id."""
        return self.workspace.wid

    def path(self, name: str, **kwargs: Any) -> str:
        """Return an address of the workspace by its name."""
        return reverse(name, kwargs={"wid": self.wid, **kwargs})


def make_team(name: str = "Kanzlei Hofmann", prefix: str = "") -> Team:
    """Make a workspace with its people; prefix tells the people of two teams apart."""
    people = {who: User.objects.create_user(prefix + who) for who in (*ROLES, "charlie")}
    workspace = create_workspace(name=name, owner=people["olga"])
    for who, role in ROLES.items():
        if role is not Role.OWNER:
            Membership.objects.create(workspace=workspace, user=people[who], role=role)
    browsers = {who: Client() for who in CAST}
    for who, person in people.items():
        browsers[who].force_login(person)
    return Team(workspace, people, browsers)


@pytest.fixture
def team(db: Any) -> Team:
    """One team."""
    return make_team()


def face_the_cast(team: Team, name: str, row: Row, who: str) -> Any:
    """Assert that one of the cast is answered as the row says; returns the answer."""
    path = team.path(name, **row.kwargs)
    browser = team.browsers[who]
    if row.method == "GET":
        response = browser.get(path)
    elif isinstance(row.data, str):
        response = browser.post(path, row.data, content_type="application/json")
    else:
        response = browser.post(path, row.data or {})
    expected = row.expected(who)
    if expected == "login":
        assert response.status_code == 302, name
        assert response["Location"].startswith(reverse("account_login")), name
    else:
        assert response.status_code == expected, (name, who, response.status_code)
    return response


def addresses_of(app: str) -> set[str]:
    """Return the names of an app's addresses that lie in a workspace, as `app:name`."""
    found = set()
    for resolver in get_resolver().url_patterns:
        if getattr(resolver, "app_name", None) == app:
            for pattern in resolver.url_patterns:
                if "wid" in str(resolver.pattern) + str(pattern.pattern):
                    found.add(f"{app}:{pattern.name}")
    return found
