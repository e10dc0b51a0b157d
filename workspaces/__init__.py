"""Workspaces: who works together, in which roles."""
