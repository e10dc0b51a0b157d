"""Where a new item goes: what forms offer, what they take, and what they remember."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anonymizer.rules import Rules
from documents.models import Document
from entries.models import Entry
from pastebin.models import Paste
from policies.models import PolicyVersion
from policies.services import create_policy
from tests.pastebin.world import Scan, submit
from tests.workspaces.cast import Team, make_team
from workspaces.services import personal_of

PAGES = ("/", "/documents/", "/images/")


def upload(client: Client, **fields: Any) -> Any:
    data = {
        "file": SimpleUploadedFile("lease.txt", b"Call Ruben Smit."),
        "expires": "7d",
        "style": "placeholder",
        "operating_point": "balanced",
    }
    return client.post("/documents/", data | fields)


def entry() -> Entry:
    return Entry.objects.get()


def policy_of(team: Team, name: str, *, is_default: bool = False) -> PolicyVersion:
    """Make a policy of a team."""
    return create_policy(
        workspace=team.workspace,
        name=name,
        rules=Rules(),
        actor=team.people["olga"],
        is_default=is_default,
    )


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("who", "offered"),
    [("olga", True), ("eddie", True), ("rita", False), ("victor", False), ("charlie", False)],
)
def test_only_who_may_add_is_offered_the_workspace(
    team: Team, page: str, who: str, offered: bool
) -> None:
    shown = team.browsers[who].get(page).content.decode()
    assert (team.workspace.name in shown) is offered
    assert ('name="where"' in shown) is offered


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_asked_where(team: Team, page: str) -> None:
    assert 'name="where"' not in team.browsers["nobody"].get(page).content.decode()


def test_a_text_goes_where_it_was_sent(team: Team) -> None:
    assert submit(team.browsers["eddie"], where=team.wid).status_code == 302
    assert entry().workspace == team.workspace
    assert Paste.objects.get().owner == team.people["eddie"]


def test_a_file_goes_where_it_was_sent(team: Team) -> None:
    assert upload(team.browsers["eddie"], where=team.wid).status_code == 302
    assert entry().workspace == team.workspace
    assert Document.objects.get().owner == team.people["eddie"]


def test_without_a_word_it_goes_to_one_s_own(team: Team) -> None:
    submit(team.browsers["eddie"])
    assert entry().workspace == personal_of(team.people["eddie"])


def test_the_last_choice_is_remembered_for_every_form(team: Team) -> None:
    browser = team.browsers["eddie"]
    submit(browser, where=team.wid)
    for page in PAGES:
        shown = browser.get(page).content.decode()
        assert f'<option value="{team.wid}" selected>' in shown, page
    team.people["eddie"].memberships.filter(workspace=team.wid).update(role="viewer")
    assert submit(browser).status_code == 302
    assert Entry.objects.latest("created_at").workspace == personal_of(team.people["eddie"])


@pytest.mark.parametrize("send", [submit, upload])
def test_where_one_may_not_add_nothing_is_added(team: Team, send: Any) -> None:
    other = make_team("Praxis Weber", prefix="w-")
    answer = send(team.browsers["olga"], where=other.wid)
    assert answer.status_code == 422
    assert "You cannot add anything to this workspace" in answer.content.decode()
    # Whoever has no choice is not asked, and what they name counts for nothing.
    assert send(team.browsers["victor"], where=team.wid).status_code == 302
    assert entry().workspace == personal_of(team.people["victor"])


def test_a_refused_form_keeps_what_was_chosen(team: Team) -> None:
    version = policy_of(team, "Outgoing")
    fields = {"text": "  ", "title": "Kept", "where": team.wid, "policy": str(version.policy_id)}
    answer = submit(team.browsers["eddie"], **fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Kept"' in page
    assert f'<option value="{team.wid}" selected>' in page
    assert f'<option value="{version.policy_id}" selected>' in page


def test_the_chosen_policy_is_the_item_s(team: Team) -> None:
    version, default = policy_of(team, "Outgoing"), policy_of(team, "All", is_default=True)
    browser = team.browsers["eddie"]
    submit(browser, where=team.wid, policy=str(version.policy_id))
    submit(browser, where=team.wid)
    made = [entry.policy_version for entry in Entry.objects.order_by("created_at")]
    assert made == [version, default]


def test_a_policy_of_another_workspace_is_refused(team: Team) -> None:
    version = policy_of(team, "Outgoing")
    own = personal_of(team.people["eddie"])
    answer = submit(team.browsers["eddie"], where=own.wid, policy=str(version.policy_id))
    assert answer.status_code == 422
    assert "belongs to another workspace" in answer.content.decode()
    theirs = policy_of(make_team("Praxis Weber", prefix="w-"), "Secret")
    answer = submit(team.browsers["eddie"], where=team.wid, policy=str(theirs.policy_id))
    assert answer.status_code == 422
    assert "Secret" not in answer.content.decode()
    assert not Entry.objects.exists()


def test_members_are_told_the_workspace_and_nobody_else(team: Team, scan: Scan) -> None:
    browser = team.browsers["eddie"]
    submit(browser, where=team.wid)
    pid = entry().pid
    scan()
    link = f'href="{team.path("library:items")}"'
    for who, told in (("eddie", True), ("victor", True), ("charlie", False), ("nobody", False)):
        page = team.browsers[who].get(f"/view/{pid}/links").content.decode()
        assert (link in page) is told, who
        assert team.workspace.name not in team.browsers[who].get(f"/view/{pid}").content.decode()
    assert link in browser.get(f"/view/{pid}/original").content.decode()
