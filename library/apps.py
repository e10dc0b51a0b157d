"""A workspace's list of items."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """The library app."""

    name = "library"
