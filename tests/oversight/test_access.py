"""Every address of record and week faces the cast of four roles, and a second team."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.workspaces.cast import CAST, ROLES, Row, Team, addresses_of, face_the_cast, make_team
from workspaces.roles import Role

pytestmark = pytest.mark.django_db
TABLE = {
    "oversight:record": Row("GET", Role.OWNER),
    "oversight:record_verify": Row("POST", Role.OWNER),
    "oversight:record_csv": Row("POST", Role.OWNER),
    "oversight:week": Row("GET", Role.VIEWER),
}


def test_every_address_has_its_row() -> None:
    assert set(TABLE) == addresses_of("oversight")


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("who", CAST)
def test_the_cast(team: Team, name: str, who: str) -> None:
    face_the_cast(team, name, TABLE[name], who)


@pytest.mark.parametrize("who", ROLES)
def test_another_team_sees_nothing(team: Team, who: str) -> None:
    other = make_team("Redaktion Nord", prefix="nord-")
    for name, row in TABLE.items():
        path = other.path(name)
        browser = team.browsers[who]
        answer = browser.get(path) if row.method == "GET" else browser.post(path)
        assert answer.status_code == 404, name


def test_the_wrong_method_is_refused(team: Team) -> None:
    for name, row in TABLE.items():
        path = team.path(name)
        owner = team.browsers["olga"]
        answer = owner.post(path) if row.method == "GET" else owner.get(path)
        assert answer.status_code == 405, name


def test_forms_of_other_sites_change_nothing(team: Team) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = team.browsers["olga"].cookies
    for name in ("oversight:record_verify", "oversight:record_csv"):
        assert client.post(team.path(name)).status_code == 403
