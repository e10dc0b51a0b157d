"""Policies and workspaces that a request names: found for the caller, or refused alike.

To who may not use them, unknown and foreign look the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from anonymizer.rules import Rules
from api.callers import Caller
from policies import services
from policies.models import PolicyVersion
from sharing.services import Place
from workspaces.keys import hash_key_of
from workspaces.models import Workspace
from workspaces.roles import May
from workspaces.services import find_workspace, may_in, personal_of

PERSONAL = "personal"
Errors = dict[str, list[str]]
_NO_POLICY = "There is no such policy, or it is not yours to use."
_NO_WORKSPACE = "There is no such workspace, or it is not yours to use."


@dataclass(frozen=True, slots=True, repr=False)
class Under:
    """A policy version under which a request's texts are redacted."""

    version: PolicyVersion
    rules: Rules

    @property
    def name(self) -> str:
        """How a request names it: "12@3"."""
        return f"{self.version.policy_id}@{self.version.number}"

    def hash_key(self) -> bytes:
        """Return the key of the workspace's hashes and surrogates. Raises UnsealError."""
        return hash_key_of(self.version.policy.workspace)


def read_under(value: Any, caller: Caller, errors: Errors, *, in_use: bool = True) -> Under | None:
    """Return the version that `policy` names, for who may open originals in its workspace.

    in_use: False also finds archived ones, for what was asked for before
    """
    if value is None:
        return None
    version = _find(value, in_use)
    user_id = caller.user.pk if caller.user is not None else None
    if version is None or not may_in(user_id, version.policy.workspace_id, May.OPEN):
        errors["policy"] = [_NO_POLICY]
        return None
    return Under(version, services.rules_of(version))


def read_workspace(value: Any, user: User | None, may: May, errors: Errors) -> Workspace | None:
    """Return the workspace that a field names, where its person may do something there.

    "personal" is everybody's own.
    """
    found = None
    if user is not None and value == PERSONAL:
        return personal_of(user)
    if user is not None and isinstance(value, str) and len(value) <= 16 and "\0" not in value:
        found = find_workspace(user, value, may)
    if found is None:
        errors["workspace"] = [_NO_WORKSPACE]
    return found


def read_place(data: Mapping[str, Any], user: User | None, errors: Errors) -> Place | None:
    """Return where `workspace` and `policy` put a new item, None if they say nothing.

    A workspace without a policy has its default; a policy without a workspace is its own one's.
    """
    wid, chosen = data.get("workspace") or None, data.get("policy") or None
    if wid is None and chosen is None:
        return None
    if user is None:
        errors["policy" if wid is None else "workspace"] = ["This needs an account."]
        return None
    version = None
    if chosen is not None:
        version = _find(chosen)
        if version is None or not may_in(user.pk, version.policy.workspace_id, May.EDIT):
            errors["policy"] = [_NO_POLICY]
            return None
    if wid is None:
        assert version is not None  # one of the two is there
        return Place(version.policy.workspace, user, version)
    workspace = read_workspace(wid, user, May.EDIT, errors)
    if workspace is None:
        return None
    if version is None:
        return Place(workspace, user, services.default_version(workspace))
    if version.policy.workspace_id != workspace.pk:
        errors["policy"] = ["This policy belongs to another workspace."]
        return None
    return Place(workspace, user, version)


def _find(value: Any, in_use: bool = True) -> PolicyVersion | None:
    return services.find_version(value, in_use=in_use) if isinstance(value, str) else None
