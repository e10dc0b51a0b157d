"""Members change roles, leave and are removed. A workspace always keeps an owner.

All of it waits for the rows of the members: of two owners who demote each other, the second is
told that they may not do that any more. The workspace's own row is left alone: who publishes an
item locks that one after the item, and here items come last.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from audit.models import Action
from audit.record import record
from workspaces import belongings
from workspaces.errors import (
    LastOwnerError,
    NoMemberError,
    NotAllowedError,
    PersonalError,
    WorkspaceError,
)
from workspaces.models import Invitation, Membership, Workspace
from workspaces.roles import ALLOWED, May, Role

KIND = "member"


def lock(wid: str, actor: User, may: May = May.MANAGE) -> Workspace:
    """Lock a workspace's members for a change of them or of it. Raises NotAllowedError."""
    roles = {member.user_id: Role(member.role) for member in lock_members(wid)}
    role = roles.get(actor.pk)
    workspace = Workspace.objects.filter(pk=wid).first()
    if workspace is None or role is None or may not in ALLOWED[role]:
        raise NotAllowedError("You may not do that in this workspace any more.")
    return workspace


def lock_members(*wids: str) -> list[Membership]:
    """Lock the members of workspaces, in one order; returns them."""
    rows = Membership.objects.filter(workspace__in=wids).order_by("workspace", "pk")
    return list(rows.select_for_update(of=("self",)))


@transaction.atomic
def change_role(*, workspace: Workspace, actor: User, user_id: int, role: Role) -> Membership:
    """Give a member another role. Raises LastOwnerError, NoMemberError, NotAllowedError."""
    lock(workspace.pk, actor)
    member = _member(workspace, user_id)
    former = Role(member.role)
    if former == role:
        return member
    if former == Role.OWNER:
        _refuse_last_owner(member, "Make somebody else an owner first.")
        _withdraw_invitations(member)
    member.role = role
    member.save(update_fields=["role"])
    record(
        Action.MEMBER_CHANGED,
        workspace=workspace.pk,
        actor=actor,
        kind=KIND,
        thing=str(user_id),
        detail={"from": str(former), "to": str(role)},
    )
    return member


@transaction.atomic
def remove_member(*, workspace: Workspace, actor: User, user_id: int) -> int:
    """Take a member out; what they own here passes to whoever does it. Returns how much that is.

    Raises LastOwnerError, NoMemberError, NotAllowedError.
    """
    lock(workspace.pk, actor)
    member = _member(workspace, user_id)
    if user_id == actor.pk:
        raise WorkspaceError("To go yourself, leave the workspace.")
    handed = _take_out(member, actor)
    record(
        Action.MEMBER_REMOVED,
        workspace=workspace.pk,
        actor=actor,
        kind=KIND,
        thing=str(user_id),
        detail={"handed_over": handed},
    )
    return handed


@transaction.atomic
def leave(*, workspace: Workspace, user: User) -> int:
    """Leave a workspace; what one owns there passes to its first owner. Returns how much that is.

    Raises LastOwnerError, NotAllowedError, PersonalError.
    """
    held = lock(workspace.pk, user, May.SEE)
    if held.is_personal:
        raise PersonalError("This is your own workspace: it goes with your account.")
    member = _member(workspace, user.pk)
    if member.role == Role.OWNER:
        _refuse_last_owner(member, "Make somebody else an owner first, or delete the workspace.")
    others = held.memberships.filter(role=Role.OWNER).exclude(user=user)
    heir = others.select_related("user").order_by("created_at", "pk")[0].user
    handed = _take_out(member, heir)
    record(
        Action.MEMBER_LEFT,
        workspace=workspace.pk,
        actor=user,
        kind=KIND,
        thing=str(user.pk),
        detail={"handed_over": handed},
    )
    return handed


def _member(workspace: Workspace, user_id: int) -> Membership:
    found = Membership.objects.select_related("user").filter(workspace=workspace, user=user_id)
    member = found.first()
    if member is None:
        raise NoMemberError("They are not a member of this workspace any more.")
    return member


def _refuse_last_owner(member: Membership, instead: str) -> None:
    owners = Membership.objects.filter(workspace=member.workspace_id, role=Role.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        raise LastOwnerError(f"A workspace needs an owner, and there is no other one. {instead}")


def _take_out(member: Membership, heir: User) -> int:
    handed = belongings.hand_over(member.workspace_id, member.user, heir)
    _withdraw_invitations(member)
    member.delete()
    return handed


def _withdraw_invitations(member: Membership) -> None:
    """End the links that somebody made who may make none any more: they could come back by them."""
    Invitation.objects.filter(workspace=member.workspace_id, made_by=member.user_id).delete()
