"""Every address of review, faced by a whole team and by another one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from review.services import comment
from tests.review.conftest import Item, MakeItem
from tests.workspaces.cast import CAST, Row, Team, addresses_of, face_the_cast, make_team
from workspaces.models import Membership
from workspaces.roles import Role

pytestmark = pytest.mark.django_db
REVIEWER = Role.REVIEWER
ACCEPT = json.dumps({"verdict": "accept", "start": 0, "end": 1, "revision": 0, "seen": 0})
# Of an item: answered with 400 where the place is not a mark, which is after access was decided.
TABLE: dict[str, Row] = {
    "review:queue": Row("GET", REVIEWER),
    "review:item": Row("GET", REVIEWER),
    "review:decide": Row("POST", REVIEWER, 400, ACCEPT),
    "review:undo": Row("POST", REVIEWER, 400, "{}"),
    "review:comment": Row("POST", REVIEWER, 302, {"text": "Is this right?"}),
    "review:resolve": Row("POST", REVIEWER, 302),
    "review:assign": Row("POST", REVIEWER, 302, {"to": ""}),
    "review:approve": Row("POST", REVIEWER, 302, {"revision": "0"}),
    "review:unapprove": Row("POST", REVIEWER, 302),
}


def test_the_table_is_complete() -> None:
    assert set(TABLE) == addresses_of("review")


def _for(item: Item, name: str) -> Row:
    row = TABLE[name]
    if name == "review:queue":
        return row
    kwargs = {"pid": item.pid}
    if name == "review:resolve":
        author = item.team.people["eddie"]
        made = comment(item=item.now, key=item.key, author=author, text="Is this right?")
        kwargs["number"] = str(made.pk)
    return row._replace(kwargs=kwargs)


@pytest.mark.parametrize("who", CAST)
def test_each_of_the_team_gets_what_the_role_allows(item: Item, team: Team, who: str) -> None:
    for name in TABLE:
        face_the_cast(team, name, _for(item, name), who)


def test_another_team_sees_nothing(item: Item, make_item: MakeItem) -> None:
    other = make_team("Redaktion Nord", "north_")
    theirs = make_item(of=other)
    for name in TABLE:
        row = _for(item, name)
        if name == "review:queue":
            answer = other.browsers["olga"].get(item.team.path(name))
            assert answer.status_code == 404
            continue
        for wid in (item.team.wid, other.wid):
            path = other.path(name, **row.kwargs).replace(other.wid, wid)
            assert _knock(other.browsers["olga"], row, path) == 404, (name, wid)
    queue = other.browsers["olga"].get(other.path("review:queue")).content.decode()
    assert theirs.pid in queue
    assert item.pid not in queue


def test_an_item_of_another_own_workspace_is_not_found_by_this_ones_address(
    item: Item, make_item: MakeItem
) -> None:
    """A member of both teams finds each item in its own workspace only."""
    other = make_team("Redaktion Nord", "north_")
    Membership.objects.create(
        workspace=other.workspace, user=item.team.people["rita"], role=REVIEWER
    )
    path = other.path("review:item", pid=item.pid)
    assert item.team.browsers["rita"].get(path).status_code == 404


def _knock(browser: Any, row: Row, path: str) -> int:
    if row.method == "GET":
        return int(browser.get(path).status_code)
    if isinstance(row.data, str):
        return int(browser.post(path, row.data, content_type="application/json").status_code)
    return int(browser.post(path, row.data or {}).status_code)
