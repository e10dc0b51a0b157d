"""SmartRedact Paste."""

from django.apps import AppConfig


class PastebinConfig(AppConfig):
    """The pastebin app."""

    name = "pastebin"

    def ready(self) -> None:
        """Take the results of scans; take part when people leave, and in a person's rights."""
        from accounts.erasure import register_eraser
        from accounts.export import register_exporter
        from inference.queue import Consumer, register_consumer
        from pastebin import owned, services
        from pastebin.models import SCAN_CONSUMER, Paste
        from sharing.belongings import belongings_of
        from sharing.policies import Publisher, register_publisher
        from workspaces.belongings import register_belongings

        register_consumer(
            SCAN_CONSUMER, Consumer(services.publish_scanned, services.withdraw_failed)
        )
        register_belongings(belongings_of(Paste, one="text", many="texts"))
        register_publisher(
            Paste,
            Publisher(lambda paste, key, text: paste.cut_at_title, services.publish_again),
        )
        register_eraser(services.erase_pastes_of)
        register_exporter(owned.export_pastes)
