"""The record of what was done."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit app."""

    name = "audit"

    def ready(self) -> None:
        """Take part when the service key is rotated, and when an account is erased."""
        from accounts.erasure import register_frame
        from audit.record import recorded_last, reseal_chain_keys
        from vault.rotation import register_resealer

        register_resealer(reseal_chain_keys)
        register_frame(recorded_last)
