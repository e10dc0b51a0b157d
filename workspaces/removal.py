"""Workspaces go: with all there is in them, or with the person whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from accounts.erasure import Loss
from accounts.models import User
from audit.models import Action
from audit.record import record, recorded_last
from workspaces import belongings
from workspaces.errors import PersonalError, WrongNameError
from workspaces.members import lock, lock_members
from workspaces.models import Membership, Workspace, member_counts
from workspaces.roles import Role


@transaction.atomic
@recorded_last()
def delete_workspace(*, workspace: Workspace, actor: User, typed_name: str) -> None:
    """Delete a workspace with its items, their files and keys, and its own key.

    typed_name: its name, typed to confirm
    Raises NotAllowedError, PersonalError, WrongNameError.
    """
    held = lock(workspace.pk, actor)
    if held.is_personal:
        raise PersonalError("Your own workspace goes with your account only.")
    if " ".join(typed_name.split()) != " ".join(held.name.split()):
        raise WrongNameError("This is not the name of the workspace. Nothing was deleted.")
    _delete_with_all(held, actor)
    record(Action.WORKSPACE_DELETED, workspace=workspace.pk, actor=actor)


def sole_owner_of(user: User) -> list[Workspace]:
    """Return the workspaces with other members in which a person is the only owner."""
    owned = Workspace.objects.filter(memberships__user=user, memberships__role=Role.OWNER)
    found = []
    for workspace in owned.order_by("name", "wid"):
        others = workspace.memberships.exclude(user=user)
        if others.exists() and not others.filter(role=Role.OWNER).exists():
            found.append(workspace)
    return found


def refuse_erasure(user: User) -> str:
    """Say why an account cannot be erased now, "" if it can; their members stay locked."""
    lock_members(*Membership.objects.filter(user=user).values_list("workspace", flat=True))
    names = [f"“{workspace.name}”" for workspace in sole_owner_of(user)]
    if not names:
        return ""
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return (
        f"You are the only owner of {listed}, where others are members. "
        "Make somebody else an owner there, or delete it, before you erase your account."
    )


def foretell_erasure(user: User) -> Iterator[Loss]:
    """Yield what goes with an account, by workspace."""
    owned = belongings.owned_by(user)
    workspaces = list(Workspace.objects.of(user))
    people = member_counts([workspace.pk for workspace in workspaces])
    for workspace in workspaces:
        alone = people[workspace.pk] == 1
        what = owned.get(workspace.pk, []) + (["the workspace itself"] if alone else [])
        yield Loss(workspace.name, tuple(what or ["nothing but your place in it"]))
    left = owned.keys() - people.keys()
    if left:
        yield Loss("Elsewhere", tuple(words for wid in sorted(left) for words in owned[wid]))


def erase_memberships_of(user: User) -> None:
    """Delete the workspaces in which nobody else is; from the others a person goes with the row.

    Their own items have gone before. What they said and decided elsewhere is for the apps that
    keep it.
    """
    for workspace in Workspace.objects.filter(memberships__user=user).order_by("pk"):
        wid = workspace.wid
        if not workspace.memberships.exclude(user=user).exists():
            _delete_with_all(workspace, user)
        record(Action.ACCOUNT_ERASED, workspace=wid, actor=user)


def _delete_with_all(workspace: Workspace, by: User) -> None:
    """Delete a workspace and all there is in it, the key and all that it seals."""
    wid = workspace.wid
    belongings.delete_all(wid, by)
    # From here on nothing can be added: new items wait for this row, and then fail. Not before,
    # since who publishes an item locks it first and this row after.
    workspace = Workspace.objects.select_for_update(of=("self",)).get(pk=wid)
    belongings.delete_all(wid, by)
    envelope = workspace.envelope
    workspace.delete()
    if envelope is not None:
        envelope.delete()
