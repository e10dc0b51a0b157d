"""What each role may do in a workspace: the one table that says so."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """What somebody is in a workspace, the mightiest first."""

    OWNER = "owner", "Owner"
    EDITOR = "editor", "Editor"
    REVIEWER = "reviewer", "Reviewer"
    VIEWER = "viewer", "Viewer"


class May(StrEnum):
    """What one may do in a workspace.

    SEE:    its lists, redacted readings and clean files
    OPEN:   originals; decide on marks, comment, approve
    EDIT:   add items; share, file, tag, export and remove them
    MANAGE: members, policies, the record, the map of pseudonyms, the workspace itself
    """

    SEE = "see"
    OPEN = "open"
    EDIT = "edit"
    MANAGE = "manage"


ALLOWED: dict[Role, frozenset[May]] = {
    Role.OWNER: frozenset(May),
    Role.EDITOR: frozenset({May.SEE, May.OPEN, May.EDIT}),
    Role.REVIEWER: frozenset({May.SEE, May.OPEN}),
    Role.VIEWER: frozenset({May.SEE}),
}


def roles_that(may: May) -> list[Role]:
    """Return the roles that may do something."""
    return [role for role, allowed in ALLOWED.items() if may in allowed]
