"""Workspaces, their members, and the links by which people are invited."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from vault.models import Envelope
from workspaces.roles import May, Role, roles_that

if TYPE_CHECKING:
    from accounts.models import User


def new_wid() -> str:
    """Return a workspace's id: 72 random bits."""
    return secrets.token_urlsafe(9)


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    """Queries over workspaces."""

    def of(self, user: User, may: May = May.SEE) -> Self:
        """Those in which a person may do something, the personal one first."""
        roles = roles_that(may)
        mine = self.filter(memberships__user=user, memberships__role__in=roles)
        return mine.order_by(models.F("person").asc(nulls_last=True), "name", "wid")


class Workspace(models.Model):
    """A place in which people keep, review and share things under the same rules.

    person:   whose personal workspace it is; it has no other members
    envelope: of its own key, which seals policies, pseudonyms and what they need; made at first
              use (workspaces.keys)
    """

    wid = models.CharField(primary_key=True, max_length=16, default=new_wid, editable=False)
    name = models.CharField(max_length=80)
    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="personal_workspace",
    )
    envelope = models.OneToOneField(
        Envelope, null=True, on_delete=models.PROTECT, related_name="workspace"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"workspace {self.wid}"

    @property
    def is_personal(self) -> bool:
        """Say whether it is one person's own."""
        return self.person_id is not None


class Membership(models.Model):
    """A person in a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=8, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Each person has one role in a workspace."""

        constraints = (
            models.UniqueConstraint(fields=["workspace", "user"], name="workspaces_member_once"),
        )

    def __str__(self) -> str:
        return f"member {self.user_id} of {self.workspace_id}"


def member_counts(wids: Collection[str]) -> dict[str, int]:
    """Return how many members each of some workspaces has."""
    members = Membership.objects.filter(workspace__in=wids).order_by()
    return dict(members.values_list("workspace").annotate(models.Count("pk")))


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Queries over invitations."""

    def open(self) -> InvitationQuerySet:
        """Those that still let somebody in."""
        return self.filter(used_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A link that lets one person in, once. The token itself is stored nowhere."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=8, choices=Role)
    digest = models.BinaryField(unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.workspace_id}"

    @property
    def is_open(self) -> bool:
        """Say whether it still lets somebody in."""
        return self.used_at is None and self.expires_at > timezone.now()
