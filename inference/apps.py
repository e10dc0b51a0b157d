"""Detection of private spans: the queue of scans and the workers that do them."""

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    """The inference app."""

    name = "inference"
