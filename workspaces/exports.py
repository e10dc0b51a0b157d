"""A person's workspaces and roles in the export of everything they own."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.export import Exported, as_json
from accounts.models import User
from audit.models import Action
from audit.record import record
from workspaces.models import Membership
from workspaces.services import personal_of


def record_export(user: User) -> None:
    """Note in a person's own record that they export everything."""
    record(Action.DATA_EXPORTED, workspace=personal_of(user).wid, actor=user)


def export_places(user: User) -> Iterator[Exported]:
    """Yield where a person is a member, as what and since when."""
    held = Membership.objects.filter(user=user).select_related("workspace").order_by("created_at")
    yield as_json(
        "workspaces.json",
        [
            {
                "id": membership.workspace.wid,
                "name": membership.workspace.name,
                "is_personal": membership.workspace.is_personal,
                "role": membership.role,
                "since": membership.created_at,
            }
            for membership in held
        ],
    )
