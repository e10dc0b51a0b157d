"""Every address of workspaces, faced by each role, a stranger and nobody."""

from __future__ import annotations

import pytest

from tests.workspaces.cast import CAST, Row, Team, addresses_of, face_the_cast, make_team
from workspaces.models import Membership, Workspace
from workspaces.roles import Role

TABLE = {
    "workspaces:members": [
        Row("GET", Role.OWNER),
        Row("POST", Role.OWNER, data={"role": "viewer", "days": "7"}),
    ],
    "workspaces:member_role": [Row("POST", Role.OWNER, 302, {"member": 0, "role": "viewer"})],
    "workspaces:member_remove": [Row("POST", Role.OWNER, 302, {"member": 0})],
    "workspaces:invitation_revoke": [Row("POST", Role.OWNER, 302, {"member": 0})],
    "workspaces:settings": [
        Row("GET", Role.OWNER),
        Row("POST", Role.OWNER, 302, {"name": "Another name"}),
    ],
    "workspaces:workspace_delete": [Row("POST", Role.OWNER, 422, {"name": "not this"})],
    "workspaces:leave": [Row("POST", Role.VIEWER, 302)],
}
ROWS = [(name, row) for name, rows in TABLE.items() for row in rows]


def test_every_address_is_in_the_table() -> None:
    assert addresses_of("workspaces") == set(TABLE)


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize(("name", "row"), ROWS)
def test_each_role_is_let_in_as_far_as_it_may(team: Team, name: str, row: Row, who: str) -> None:
    face_the_cast(team, name, row, who)
    if row.method == "POST" and row.expected(who) in {404, "login"}:
        team.workspace.refresh_from_db()
        assert team.workspace.name == "Kanzlei Hofmann"
        assert Membership.objects.filter(workspace=team.wid).count() == 4
        assert not team.workspace.invitations.exists()


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_the_other_team_sees_nothing(team: Team, name: str, row: Row) -> None:
    other = make_team("Praxis Weber", prefix="w-")
    for who in ("olga", "eddie", "rita", "victor"):
        browser = other.browsers[who]
        path = team.path(name)
        answer = browser.get(path) if row.method == "GET" else browser.post(path, row.data or {})
        assert answer.status_code == 404
        assert b"Hofmann" not in answer.content
    assert Workspace.objects.filter(name="Kanzlei Hofmann").exists()
