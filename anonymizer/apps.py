"""Hiding spans in text."""

from django.apps import AppConfig


class AnonymizerConfig(AppConfig):
    """The anonymizer app."""

    name = "anonymizer"
