"""Workspaces."""

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """The workspaces app."""

    name = "workspaces"

    def ready(self) -> None:
        """Take part when an account is exported and when it is erased."""
        from accounts.erasure import register_eraser
        from accounts.export import register_exporter
        from workspaces import exports, removal

        register_eraser(
            removal.erase_memberships_of,
            last=True,
            refuse=removal.refuse_erasure,
            foretell=removal.foretell_erasure,
        )
        register_exporter(exports.export_places, before=exports.record_export)
