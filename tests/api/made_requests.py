"""Requests made up from a description: the same ones in each run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
# Requests of a kind for each operation.
EXAMPLES = int(os.environ.get("BLACKBAR_FUZZ", "0")) or 3


def make_requests(
    operation: Any, mode: GenerationMode, count: int, send: Callable[[Any, GenerationMode], None]
) -> None:
    """Make so many requests of an operation, which fit its description or do not, and send them."""

    @seed(7731)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def make(case: Any) -> None:
        send(case, mode)

    # What takes nothing can be given nothing wrong.
    with contextlib.suppress(Unsatisfiable):
        make()
