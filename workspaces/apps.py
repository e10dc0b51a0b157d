"""Workspaces."""

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """The workspaces app."""

    name = "workspaces"

    def ready(self) -> None:
        """Take part when an account is erased."""
        from accounts.erasure import register_eraser
        from workspaces.services import erase_memberships_of

        register_eraser(erase_memberships_of, last=True)
