"""Webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """The webhooks app."""

    name = "webhooks"

    def ready(self) -> None:
        """Take part when the service key is rotated, and when an account is exported."""
        from accounts.export import register_exporter
        from vault.rotation import register_resealer
        from webhooks.owned import export_webhooks
        from webhooks.services import reseal_secrets

        register_resealer(reseal_secrets)
        register_exporter(export_webhooks)
