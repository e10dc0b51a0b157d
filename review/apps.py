"""Review."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """The review app."""

    name = "review"
