"""Invitations: links that let one person in, once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.models import Action
from audit.record import record
from workspaces.errors import (
    AlreadyMemberError,
    InvitationEndedError,
    PersonalError,
    TooManyError,
)
from workspaces.members import lock, lock_members
from workspaces.models import Invitation, Membership, Workspace
from workspaces.roles import Role

KIND = "invitation"
TOKEN_BYTES = 24
DAYS = 7
MOST_DAYS = 90
MOST_OPEN = 100
_ENDED = "This invitation was used, was withdrawn or has run out. Ask for a new one."


@dataclass(frozen=True, slots=True, repr=False)
class Invited:
    """A new invitation and its token, which exists nowhere else."""

    invitation: Invitation
    token: str


@transaction.atomic
def invite(*, workspace: Workspace, actor: User, role: Role, days: int = DAYS) -> Invited:
    """Make an invitation to a role that ends after some days.

    Raises NotAllowedError, PersonalError, TooManyError.
    """
    if lock(workspace.pk, actor).is_personal:
        raise PersonalError("Nobody can be invited to your own workspace. Make one for the team.")
    if workspace.invitations.open().count() >= MOST_OPEN:
        raise TooManyError(f"There are {MOST_OPEN} open invitations. Withdraw some first.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        workspace=workspace,
        role=role,
        digest=_digest(token),
        made_by=actor,
        expires_at=timezone.now() + timedelta(days=max(1, min(days, MOST_DAYS))),
    )
    record(
        Action.MEMBER_INVITED,
        workspace=workspace.pk,
        actor=actor,
        kind=KIND,
        thing=str(invitation.pk),
        detail={"role": str(role)},
    )
    return Invited(invitation, token)


@transaction.atomic
def revoke(*, workspace: Workspace, actor: User, invitation_id: int) -> bool:
    """Withdraw an invitation; False if it was used or withdrawn already. Raises NotAllowedError."""
    lock(workspace.pk, actor)
    open_ones = workspace.invitations.filter(pk=invitation_id, used_at=None)
    if not open_ones.delete()[0]:
        return False
    record(
        Action.INVITATION_REVOKED,
        workspace=workspace.pk,
        actor=actor,
        kind=KIND,
        thing=str(invitation_id),
    )
    return True


def find(token: str) -> Invitation:
    """Return the open invitation of a token. Raises InvitationEndedError."""
    found = _by_token(token)
    if found is None or not found.is_open:
        raise InvitationEndedError(_ENDED)
    return found


def membership_by(token: str, user: User) -> Membership | None:
    """Return what somebody is already in the workspace that a token leads to, used or not."""
    found = _by_token(token)
    if found is None:
        return None
    held = Membership.objects.select_related("workspace")
    return held.filter(workspace=found.workspace_id, user=user).first()


@transaction.atomic
def accept(*, token: str, user: User) -> Membership:
    """Join by an invitation, which ends with it.

    Raises AlreadyMemberError (the invitation stays open then), InvitationEndedError.
    """
    wid = find(token).workspace_id
    # The members first, as every change of them: two who join at once come in turn.
    lock_members(wid)
    workspace = Workspace.objects.filter(pk=wid).first()
    invitation = Invitation.objects.select_for_update().filter(digest=_digest(token)).first()
    if workspace is None or invitation is None or not invitation.is_open:
        raise InvitationEndedError(_ENDED)
    if Membership.objects.filter(workspace=workspace, user=user).exists():
        raise AlreadyMemberError("You are a member of this workspace already.")
    member = Membership.objects.create(workspace=workspace, user=user, role=invitation.role)
    invitation.used_at = timezone.now()
    invitation.save(update_fields=["used_at"])
    record(
        Action.MEMBER_JOINED,
        workspace=workspace.pk,
        actor=user,
        kind=KIND,
        thing=str(invitation.pk),
        detail={"role": str(invitation.role)},
    )
    return member


def _by_token(token: str) -> Invitation | None:
    return Invitation.objects.select_related("workspace").filter(digest=_digest(token)).first()


def _digest(token: str) -> bytes:
    # Tokens come from strangers' addresses: any str must be hashable, lone surrogates included.
    spoken = token.encode("utf-8", "surrogatepass")
    return hashlib.sha256(b"blackbar invitation\0" + spoken).digest()
