"""Where a new item may go, and under which policy: what forms offer to a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User
from policies.services import Choice, NoSuchPolicyError, choices_for, default_version, version_for
from sharing.models import Shared
from sharing.services import Place
from workspaces.models import Workspace
from workspaces.roles import May
from workspaces.services import may_in, personal_of

# What a session remembers: the workspace that was chosen last.
LAST = "place"
# The choices of a form: (value, words), or (words of a group, its choices).
Choices = list[tuple[str, Any]]
BY_WORKSPACE = "as the workspace says"


@dataclass(frozen=True, slots=True)
class Offer:
    """The places that a person may add items to, and the policies in use there.

    last: the workspace that was chosen before, or else the person's own
    """

    user: User
    workspaces: tuple[Workspace, ...]
    policies: tuple[Choice, ...]
    last: str

    @property
    def where(self) -> Choices:
        """The workspaces as choices of a form; none where there is nothing to choose."""
        if len(self.workspaces) < 2:
            return []
        return [(workspace.wid, workspace.name) for workspace in self.workspaces]

    @property
    def policy(self) -> Choices:
        """The policies as choices of a form, one group for each workspace; none without any."""
        if not self.policies:
            return []
        groups: dict[str, Choices] = {}
        for choice in self.policies:
            said = f"{choice.name}, its default" if choice.is_default else choice.name
            groups.setdefault(choice.workspace.wid, []).append((choice.value, said))
        names = {workspace.wid: workspace.name for workspace in self.workspaces}
        grouped: Choices = [(names[wid], group) for wid, group in groups.items() if wid in names]
        return [("", BY_WORKSPACE), *grouped]

    def place(self, wid: str, policy: str) -> Place:
        """Return a chosen place. Raises NoSuchPolicyError.

        wid: one of `where`; "" is the only one, or the last
        """
        chosen = wid or self.last
        workspace = next(one for one in self.workspaces if one.wid == chosen)
        if policy:
            version = version_for(self.user, workspace, policy)
        else:
            version = default_version(workspace)
        return Place(workspace, self.user, version)


def offer_for(user: User | None, session: SessionBase) -> Offer | None:
    """Return where a person may add items; None for who is not signed in."""
    if user is None:
        return None
    workspaces = tuple(Workspace.objects.of(user, May.EDIT))
    if not any(workspace.person_id == user.pk for workspace in workspaces):
        workspaces = (personal_of(user), *workspaces)
    last = str(session.get(LAST, ""))
    if last not in {workspace.wid for workspace in workspaces}:
        last = workspaces[0].wid
    return Offer(user, workspaces, tuple(choices_for(user)), last)


def remember(session: SessionBase, place: Place | None) -> None:
    """Keep the last choice for the next form; a session is written only if it is another one."""
    if place is not None and session.get(LAST) != place.workspace.wid:
        session[LAST] = place.workspace.wid


def choose(session: SessionBase, workspace: Workspace) -> None:
    """Choose a workspace for the next form, if the person may add items there."""
    session[LAST] = workspace.wid


def home_of(item: Shared, user: User | None) -> Workspace | None:
    """Return the workspace an item is in, for its members; None for everybody else."""
    entry = item.entry
    if user is None or entry is None or not may_in(user.pk, entry.workspace_id, May.SEE):
        return None
    return entry.workspace


__all__ = ("NoSuchPolicyError", "Offer", "choose", "home_of", "offer_for", "remember")
