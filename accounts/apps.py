"""Users and signing in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts app."""

    name = "accounts"

    def ready(self) -> None:
        """Take part when the service key is rotated."""
        from accounts.hash_keys import reseal_hash_keys
        from accounts.two_step import reseal_second_factors
        from vault.rotation import register_resealer

        register_resealer(reseal_second_factors)
        register_resealer(reseal_hash_keys)
