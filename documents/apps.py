"""Document Privacy Explorer."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """The documents app."""

    name = "documents"

    def ready(self) -> None:
        """Take the results of scans; take part when people leave, and in a person's rights."""
        from accounts.erasure import register_eraser
        from accounts.export import register_exporter
        from documents import owned, services
        from documents.models import SCAN_CONSUMER, Document
        from inference.queue import Consumer, register_consumer
        from sharing.belongings import belongings_of
        from sharing.policies import Publisher, register_publisher
        from workspaces.belongings import register_belongings

        register_consumer(
            SCAN_CONSUMER, Consumer(services.publish_scanned, services.withdraw_failed)
        )
        register_belongings(
            belongings_of(Document, one="document or picture", many="documents and pictures")
        )
        register_publisher(Document, Publisher(services.cutter, services.publish_again))
        register_eraser(services.erase_documents_of)
        register_exporter(owned.export_documents)
