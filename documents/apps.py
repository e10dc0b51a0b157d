"""Document Privacy Explorer."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """The documents app."""

    name = "documents"

    def ready(self) -> None:
        """Take the results of scans, and take part when an account is erased."""
        from accounts.erasure import register_eraser
        from documents import services
        from documents.models import SCAN_CONSUMER
        from inference.queue import Consumer, register_consumer

        register_consumer(
            SCAN_CONSUMER, Consumer(services.publish_scanned, services.withdraw_failed)
        )
        register_eraser(services.erase_documents_of)
