"""Policies."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The policies app."""

    name = "policies"

    def ready(self) -> None:
        """Take part when an account is exported."""
        from accounts.export import register_exporter
        from policies.owned import export_policies

        register_exporter(export_policies)
