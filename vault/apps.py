"""Sealed storage."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """The vault app."""

    name = "vault"
