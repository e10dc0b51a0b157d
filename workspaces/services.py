"""Workspaces made and found. Who may do what there is decided here and in workspaces.roles."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import Action
from audit.record import record
from vault.planned import Planned
from workspaces.members import lock
from workspaces.models import Membership, Workspace
from workspaces.roles import May, Role, roles_that

PERSONAL_NAME = "Personal"
_PERSONAL = Planned(lambda person: Workspace.objects.filter(person=person))


def personal_of(user: User) -> Workspace:
    """Return a person's own workspace, made when it is first asked for."""
    found = _PERSONAL.first(person=user.pk)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(name=PERSONAL_NAME, person=user)
            Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
            return workspace
    except IntegrityError:  # another request was faster
        return Workspace.objects.get(person=user)


@transaction.atomic
def create_workspace(*, name: str, owner: User) -> Workspace:
    """Make a workspace that others can be invited to."""
    workspace = Workspace.objects.create(name=name)
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    record(Action.WORKSPACE_CREATED, workspace=workspace.wid, actor=owner)
    return workspace


def find_workspace(user: User, wid: str, may: May = May.SEE) -> Workspace | None:
    """Return a workspace in which a person may do something, else None."""
    return Workspace.objects.of(user, may).filter(pk=wid).first()


def may_in(user_id: int | None, wid: str, may: May) -> bool:
    """Say whether a person may do something in a workspace."""
    return Membership.objects.filter(user=user_id, workspace=wid, role__in=roles_that(may)).exists()


def role_in(user_id: int | None, wid: str) -> Role | None:
    """Return what a person is in a workspace; None for strangers."""
    role = (
        Membership.objects.filter(user=user_id, workspace=wid)
        .values_list("role", flat=True)
        .first()
    )
    return Role(role) if role else None


@transaction.atomic
def rename(*, workspace: Workspace, actor: User, name: str) -> None:
    """Give a workspace another name. Raises NotAllowedError."""
    held = lock(workspace.pk, actor)
    if held.name == name:
        return
    held.name = name
    held.save(update_fields=["name"])
    record(Action.WORKSPACE_CHANGED, workspace=held.pk, actor=actor, detail={"what": "name"})
