"""Policies made, changed and chosen."""

from __future__ import annotations

from policies.models import PolicyVersion
from workspaces.models import Workspace


def default_version(workspace: Workspace) -> PolicyVersion | None:
    """Return what new items of a workspace are made under, None without a default policy."""
    return (
        PolicyVersion.objects.filter(
            policy__workspace=workspace, policy__is_default=True, policy__archived_at=None
        )
        .order_by("-number")
        .first()
    )
