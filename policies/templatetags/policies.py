"""What templates of policies ask."""

from __future__ import annotations

from django import template

from anonymizer.categories import category_of

register = template.Library()


@register.filter
def css_of(label: str) -> str:
    """Return the class that gives a label its hue; "" for no label."""
    return category_of(label).css if label else ""
