"""Attacks: what a stranger sends to break in, to break down, or to see what is hidden."""
