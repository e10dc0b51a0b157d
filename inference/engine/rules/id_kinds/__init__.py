"""The identity numbers that rules know: how they look, what announces them, what checks them."""

from __future__ import annotations

from inference.engine.rules.id_kinds.americas import AMERICAS
from inference.engine.rules.id_kinds.anywhere import ANYWHERE
from inference.engine.rules.id_kinds.asia_africa_oceania import ASIA_AFRICA_OCEANIA
from inference.engine.rules.id_kinds.europe import EUROPE
from inference.engine.rules.id_kinds.kind import IdKind

__all__ = ["KINDS", "IdKind"]

KINDS = AMERICAS + EUROPE + ASIA_AFRICA_OCEANIA + ANYWHERE
