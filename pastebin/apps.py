"""SmartRedact Paste."""

from django.apps import AppConfig


class PastebinConfig(AppConfig):
    """The pastebin app."""

    name = "pastebin"

    def ready(self) -> None:
        """Take the results of scans, and take part when an account is erased."""
        from accounts.erasure import register_eraser
        from inference.queue import Consumer, register_consumer
        from pastebin import services
        from pastebin.models import SCAN_CONSUMER

        register_consumer(
            SCAN_CONSUMER, Consumer(services.publish_scanned, services.withdraw_failed)
        )
        register_eraser(services.erase_pastes_of)
