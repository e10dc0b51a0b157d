"""Operators: what stands in the place of a span, chosen by category.

`apply` hides, `anonymizer.restore` brings back what can be brought back. Pure functions: no Django,
no database, nothing kept.
"""
