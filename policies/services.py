"""Policies made, changed, put away and chosen. A version is written once and never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch, Value
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import User
from anonymizer.rules import Rules
from audit.models import Action
from audit.record import record
from policies.models import Policy, PolicyVersion
from vault.planned import Planned
from workspaces.keys import key_of
from workspaces.models import Workspace
from workspaces.roles import May
from workspaces.services import may_in

KIND = "policy"
MAX_POLICIES = 100
_CHOICE = re.compile(r"(\d{1,18})(?:@(\d{1,9}))?", re.ASCII)
_DEFAULT = Planned(
    lambda workspace: (
        PolicyVersion.objects.select_related("policy__workspace__envelope")
        .filter(policy__workspace=workspace, policy__is_default=True, policy__archived_at=None)
        .order_by("-number")[:1]
    )
)


class PolicyError(Exception):
    """Base of what services of policies raise; the message is a sentence for the user."""


class NameTakenError(PolicyError):
    """Raised when another policy of the workspace has the name, whatever its case."""


class TooManyPoliciesError(PolicyError):
    """Raised when a workspace has as many policies as one may have."""


class ChangedMeanwhileError(PolicyError):
    """Raised when somebody made a newer version than the one that was changed.

    newer: that version
    """

    def __init__(self, newer: PolicyVersion) -> None:
        super().__init__(f"Version {newer.number} was made meanwhile.")
        self.newer = newer


class NothingChangedError(PolicyError):
    """Raised when a new version would say what the last one says."""


class NoSuchPolicyError(PolicyError):
    """Raised when a policy is chosen that is not there, not in use, or not the person's to use."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A policy that a person may choose for a new item.

    value: what a form sends for it
    """

    value: str
    name: str
    workspace: Workspace
    is_default: bool


def default_version(workspace: Workspace) -> PolicyVersion | None:
    """Return what new items of a workspace are made under, None without a default policy."""
    # Each new item asks.
    return _DEFAULT.first(workspace=workspace.pk)


def latest_version(policy: Policy) -> PolicyVersion:
    """Return what a policy says now."""
    return policy.versions.select_related("made_by").order_by("-number")[0]


def rules_of(version: PolicyVersion) -> Rules:
    """Return what a version says. Raises UnsealError."""
    return next(iter(rules_of_all(version.policy.workspace, [version])))


def rules_of_all(workspace: Workspace, versions: Iterable[PolicyVersion]) -> list[Rules]:
    """Return what versions of one workspace's policies say. Raises UnsealError."""
    envelope, key = key_of(workspace)
    return [
        Rules.from_json(envelope.unseal_json(key, one.sealed_rules, _context(one)))
        for one in versions
    ]


@transaction.atomic
def create_policy(
    *,
    workspace: Workspace,
    name: str,
    rules: Rules,
    actor: User,
    note: str = "",
    is_default: bool = False,
) -> PolicyVersion:
    """Make a policy with its first version. Raises NameTakenError, TooManyPoliciesError."""
    _lock_workspace(workspace.pk)
    if workspace.policies.count() >= MAX_POLICIES:
        raise TooManyPoliciesError(f"A workspace can have {MAX_POLICIES} policies.")
    _refuse_taken(workspace, name)
    if is_default:
        workspace.policies.filter(is_default=True).update(is_default=False)
    policy = Policy.objects.create(workspace=workspace, name=name, is_default=is_default)
    version = _write(policy, 1, rules, actor, note)
    record(
        Action.POLICY_CREATED,
        workspace=workspace.wid,
        actor=actor,
        kind=KIND,
        thing=str(policy.pk),
        detail={"version": 1},
    )
    return version


@transaction.atomic
def change_policy(
    *, policy: Policy, rules: Rules, actor: User, if_version: int, note: str = ""
) -> PolicyVersion:
    """Write the next version of a policy.

    if_version: the number of the version that was changed
    Raises ChangedMeanwhileError, NothingChangedError.
    """
    locked = _lock(policy)
    last = latest_version(locked)
    if last.number != if_version:
        raise ChangedMeanwhileError(last)
    if rules == rules_of(last):
        raise NothingChangedError("Nothing is different from the version before.")
    version = _write(locked, last.number + 1, rules, actor, note)
    _record_change(locked, actor, version=version.number)
    return version


@transaction.atomic
def rename_policy(*, policy: Policy, name: str, actor: User) -> None:
    """Give a policy another name. Raises NameTakenError."""
    locked = _lock(policy)
    if locked.name == name:
        return
    _refuse_taken(locked.workspace, name, but=locked)
    policy.name = locked.name = name
    locked.save(update_fields=["name"])
    _record_change(locked, actor, renamed=True)


@transaction.atomic
def archive_policy(*, policy: Policy, actor: User) -> None:
    """Put a policy away: nobody can choose it any more; what was made under it stays so."""
    locked = _lock(policy)
    if locked.archived_at is not None:
        return
    locked.archived_at, locked.is_default = timezone.now(), False
    locked.save(update_fields=["archived_at", "is_default"])
    record(
        Action.POLICY_ARCHIVED,
        workspace=locked.workspace_id,
        actor=actor,
        kind=KIND,
        thing=str(locked.pk),
    )


@transaction.atomic
def unarchive_policy(*, policy: Policy, actor: User) -> None:
    """Let a policy be chosen again."""
    locked = _lock(policy)
    if locked.archived_at is None:
        return
    locked.archived_at = None
    locked.save(update_fields=["archived_at"])
    _record_change(locked, actor, archived=False)


@transaction.atomic
def set_default(*, policy: Policy, actor: User, is_default: bool = True) -> None:
    """Let new items of the workspace be made under a policy, or no longer.

    Raises NoSuchPolicyError for an archived one.
    """
    locked = _lock(policy)
    if is_default and locked.archived_at is not None:
        raise NoSuchPolicyError("This policy is archived. Take it back into use first.")
    if locked.is_default == is_default:
        return
    if is_default:
        others = Policy.objects.filter(workspace=locked.workspace_id, is_default=True)
        others.update(is_default=False)
    locked.is_default = is_default
    locked.save(update_fields=["is_default"])
    _record_change(locked, actor, default=is_default)


def choices_for(user: User | None) -> list[Choice]:
    """Return the policies that a person may choose for new items, workspace by workspace."""
    if user is None:
        return []
    workspaces = Workspace.objects.of(user, May.EDIT).prefetch_related(
        Prefetch("policies", Policy.objects.in_use(), "policies_in_use")
    )
    return [
        Choice(str(policy.pk), policy.name, workspace, policy.is_default)
        for workspace in workspaces
        for policy in getattr(workspace, "policies_in_use", ())
    ]


def version_for(
    user: User, workspace: Workspace, chosen: str, may: May = May.EDIT
) -> PolicyVersion | None:
    """Return the version that a person chose for something in a workspace, None for none.

    chosen: a policy's id, which is its latest version; "id@version"; or "" for none
    may:    what the person must be allowed to do there
    Raises NoSuchPolicyError, the same for what is unknown, archived and not theirs.
    """
    if not chosen:
        return None
    version = find_version(chosen, workspace=workspace)
    if version is None or not may_in(user.pk, workspace.pk, may):
        raise NoSuchPolicyError("There is no such policy here.")
    return version


def find_version(
    chosen: str, *, workspace: Workspace | None = None, in_use: bool = True
) -> PolicyVersion | None:
    """Return the version that "id" or "id@version" names, None if there is none.

    Says nothing of who may use it.
    workspace: where it must be
    in_use:    False also finds versions of archived policies
    """
    written = _CHOICE.fullmatch(chosen)
    if written is None:
        return None
    versions = PolicyVersion.objects.select_related("policy__workspace__envelope").filter(
        policy=int(written[1])
    )
    if in_use:
        versions = versions.filter(policy__archived_at=None)
    if workspace is not None:
        versions = versions.filter(policy__workspace=workspace)
    if written[2]:
        versions = versions.filter(number=int(written[2]))
    return versions.order_by("-number").first()


def _write(policy: Policy, number: int, rules: Rules, actor: User, note: str) -> PolicyVersion:
    envelope, key = key_of(policy.workspace)
    version = PolicyVersion(
        policy=policy,
        number=number,
        needs_approval=rules.needs_approval,
        needs_two=rules.needs_two,
        retention_days=rules.retention_days,
        note=note,
        made_by=actor,
    )
    version.sealed_rules = envelope.seal_json(key, rules.as_json(), _context(version))
    version.save(force_insert=True)
    return version


def _context(version: PolicyVersion) -> str:
    return f"rules of policy {version.policy_id} version {version.number}"


def _lock_workspace(wid: str) -> None:
    # Changes of policies wait for each other; what else refers to the workspace does not.
    Workspace.objects.select_for_update(no_key=True).get(pk=wid)


def _lock(policy: Policy) -> Policy:
    _lock_workspace(policy.workspace_id)
    return (
        Policy.objects.select_for_update(of=("self",))
        .select_related("workspace__envelope")
        .get(pk=policy.pk)
    )


def _refuse_taken(workspace: Workspace, name: str, but: Policy | None = None) -> None:
    taken = workspace.policies.annotate(plain=Lower("name")).filter(plain=Lower(Value(name)))
    if but is not None:
        taken = taken.exclude(pk=but.pk)
    if taken.exists():
        raise NameTakenError("Another policy of this workspace has this name.")


def _record_change(policy: Policy, actor: User, **detail: int | bool) -> None:
    record(
        Action.POLICY_CHANGED,
        workspace=policy.workspace_id,
        actor=actor,
        kind=KIND,
        thing=str(policy.pk),
        detail=detail,
    )
