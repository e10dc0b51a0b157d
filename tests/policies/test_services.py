"""Policies are written once, changed by new versions, and chosen by those who may."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from anonymizer.operators.policy import Operator
from anonymizer.rules import AlwaysHide, Rules, Terms
from audit.models import Action, Line
from policies import services
from policies.models import Policy, PolicyVersion
from tests.pastebin.world import committed
from tests.workspaces.cast import Team, make_team
from vault.envelope import UnsealError
from workspaces.services import personal_of

SECRET = "Ottilie Kranz"
RULES = Rules(
    operators={"private_phone": Operator.MASK},
    always=(AlwaysHide("private_person", Terms(folded=(SECRET,))),),
    needs_approval=True,
    retention_days=30,
)


def made(team: Team, name: str = "Files", rules: Rules = RULES, **options: Any) -> PolicyVersion:
    """Make a policy of olga's."""
    return services.create_policy(
        workspace=team.workspace, name=name, rules=rules, actor=team.people["olga"], **options
    )


def change(version: PolicyVersion, rules: Rules, actor: User, **options: Any) -> PolicyVersion:
    """Change a policy from a version on."""
    return services.change_policy(
        policy=version.policy, rules=rules, actor=actor, if_version=version.number, **options
    )


def lines(team: Team, action: Action) -> list[dict[str, Any]]:
    """Return the details of a workspace's lines of one action."""
    found = Line.objects.filter(workspace=team.wid, action=action).order_by("number")
    return [line.detail for line in found]


def test_rules_come_back_as_they_were_and_lie_sealed(team: Team) -> None:
    version = made(team)
    again = PolicyVersion.objects.select_related("policy__workspace").get(pk=version.pk)
    assert services.rules_of(again) == RULES
    assert SECRET.encode() not in bytes(again.sealed_rules)
    assert (again.needs_approval, again.needs_two, again.retention_days) == (True, False, 30)


def test_sealed_rules_do_not_open_as_another_version(team: Team) -> None:
    first = made(team)
    second = change(first, Rules(), team.people["olga"])
    second.sealed_rules = first.sealed_rules
    with pytest.raises(UnsealError):
        services.rules_of(second)


def test_a_change_is_a_new_version_and_the_old_one_stays(team: Team) -> None:
    first = made(team)
    second = change(first, Rules(), team.people["olga"], note="simpler")
    assert (second.number, second.note, second.made_by) == (2, "simpler", team.people["olga"])
    assert services.rules_of(first) == RULES
    assert services.rules_of(second) == Rules()
    assert lines(team, Action.POLICY_CREATED) == [{"version": 1}]
    assert lines(team, Action.POLICY_CHANGED) == [{"version": 2}]


def test_a_change_of_an_older_version_is_refused(team: Team) -> None:
    first = made(team)
    change(first, Rules(), team.people["olga"])
    with pytest.raises(services.ChangedMeanwhileError) as refused:
        change(first, Rules(shared_numbers=True), team.people["olga"])
    assert refused.value.newer.number == 2
    assert first.policy.versions.count() == 2


def test_no_version_is_made_of_the_same_rules(team: Team) -> None:
    with pytest.raises(services.NothingChangedError):
        change(made(team), RULES, team.people["olga"])


def test_names_differ_within_a_workspace_whatever_their_case(team: Team) -> None:
    made(team, "Akten Östlich")
    other = made(team, "Other").policy
    with pytest.raises(services.NameTakenError):
        made(team, "akten östlich")
    with pytest.raises(services.NameTakenError):
        services.rename_policy(policy=other, name="AKTEN ÖSTLICH", actor=team.people["olga"])
    services.rename_policy(policy=other, name="OTHER", actor=team.people["olga"])
    assert lines(team, Action.POLICY_CHANGED) == [{"renamed": True}]
    made(make_team("Second", "x"), "Akten Östlich")


def test_a_workspace_has_one_default_at_most(team: Team) -> None:
    olga = team.people["olga"]
    first, second = made(team, "A", is_default=True), made(team, "B")
    assert services.default_version(team.workspace) == first
    services.set_default(policy=second.policy, actor=olga)
    assert services.default_version(team.workspace) == second
    newer = change(second, Rules(), olga)
    assert services.default_version(team.workspace) == newer
    services.set_default(policy=second.policy, actor=olga, is_default=False)
    assert services.default_version(team.workspace) is None


def test_what_is_archived_is_neither_default_nor_chosen(team: Team) -> None:
    olga = team.people["olga"]
    version = made(team, is_default=True)
    chosen = str(version.policy_id)
    services.archive_policy(policy=version.policy, actor=olga)
    assert services.default_version(team.workspace) is None
    assert services.choices_for(olga) == []
    with pytest.raises(services.NoSuchPolicyError):
        services.version_for(olga, team.workspace, chosen)
    with pytest.raises(services.NoSuchPolicyError):
        services.set_default(policy=version.policy, actor=olga)
    services.unarchive_policy(policy=version.policy, actor=olga)
    assert services.version_for(olga, team.workspace, chosen) == version
    assert lines(team, Action.POLICY_ARCHIVED) == [{}]


@pytest.mark.parametrize(
    ("who", "may"),
    [("olga", True), ("eddie", True), ("rita", False), ("victor", False), ("charlie", False)],
)
def test_who_adds_items_chooses_policies(team: Team, who: str, may: bool) -> None:
    version, person = made(team), team.people[who]
    assert [one.value for one in services.choices_for(person)] == [str(version.policy_id)] * may
    if may:
        assert services.version_for(person, team.workspace, f"{version.policy_id}@1") == version
    else:
        with pytest.raises(services.NoSuchPolicyError):
            services.version_for(person, team.workspace, str(version.policy_id))


def test_a_policy_is_chosen_in_its_own_workspace_only(team: Team) -> None:
    version, olga = made(team), team.people["olga"]
    with pytest.raises(services.NoSuchPolicyError):
        services.version_for(olga, personal_of(olga), str(version.policy_id))


@pytest.mark.parametrize("chosen", ["x", "-1", "1@", "@1", "1@0", "9" * 30, "1 or 1", "١", "1\n"])
def test_nonsense_chooses_nothing(team: Team, chosen: str) -> None:
    made(team)
    with pytest.raises(services.NoSuchPolicyError):
        services.version_for(team.people["olga"], team.workspace, chosen)


def test_an_earlier_version_can_be_chosen(team: Team) -> None:
    first, olga = made(team), team.people["olga"]
    second = change(first, Rules(), olga)
    policy = first.policy_id
    assert services.version_for(olga, team.workspace, f"{policy}@1") == first
    assert services.version_for(olga, team.workspace, f"{policy}") == second
    assert services.version_for(olga, team.workspace, "") is None


def test_nothing_of_names_or_lists_stands_in_the_record(team: Team) -> None:
    version = made(team, "Mandant Brenninkmeyer")
    services.rename_policy(policy=version.policy, name="Kranz", actor=team.people["olga"])
    written = str(list(Line.objects.values_list("thing", "detail")))
    assert "Kranz" not in written
    assert "Brenninkmeyer" not in written


@committed
def test_of_two_changes_at_once_one_is_told_of_the_other() -> None:
    team = make_team()
    version, olga = made(team), team.people["olga"]
    begin, outcomes = threading.Barrier(2), []

    def attempt(days: int) -> None:
        begin.wait(10)
        try:
            outcomes.append(change(version, Rules(retention_days=days), olga).number)
        except services.ChangedMeanwhileError as exc:
            outcomes.append(-exc.newer.number)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=[days]) for days in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == [-2, 2]
    assert Policy.objects.get(pk=version.policy_id).versions.count() == 2
