"""Policies: what a workspace hides, how, and since when."""
