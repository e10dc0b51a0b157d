"""Entries of workspaces."""

from django.apps import AppConfig


class EntriesConfig(AppConfig):
    """The entries app."""

    name = "entries"
