"""Entries: what a workspace knows of an item, whatever its kind; folders, tags, search."""
