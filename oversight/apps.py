"""Record and week."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """The oversight app."""

    name = "oversight"
