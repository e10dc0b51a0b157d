"""Webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """The webhooks app."""

    name = "webhooks"

    def ready(self) -> None:
        """Take part when the service key is rotated."""
        from vault.rotation import register_resealer
        from webhooks.services import reseal_secrets

        register_resealer(reseal_secrets)
