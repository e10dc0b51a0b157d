"""Hiding spans in text."""

from django.apps import AppConfig


class AnonymizerConfig(AppConfig):
    """The anonymizer app."""

    name = "anonymizer"

    def ready(self) -> None:
        """Take the results of scans for who waits, and take part when an account is erased."""
        from accounts.erasure import register_eraser
        from anonymizer import redaction
        from inference.events import register_follower
        from inference.queue import Consumer, register_consumer
        from webhooks.services import register_source

        # The result stays with the scan until it is taken.
        register_consumer(redaction.SCAN_CONSUMER, Consumer())
        register_eraser(redaction.erase_jobs_of)
        register_source(redaction.announce_ended_jobs)
        register_follower(redaction.pass_on_end)
