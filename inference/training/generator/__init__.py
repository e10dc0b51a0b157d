"""Documents of our own: labelled texts as people have them, in many languages, all made up."""

from __future__ import annotations

import random
from collections.abc import Iterator

from inference.training.generator.draft import Draft
from inference.training.generator.kinds import KINDS
from inference.training.generator.locale import locales
from inference.training.records import Record

_ENGLISH_SHARE = 0.2


def generate(count: int, seed: int) -> Iterator[Record]:
    """Yield `count` labelled documents; the same seed gives the same documents."""
    rng = random.Random(seed)
    everywhere = locales()
    kinds = [kind for kind, _ in KINDS]
    weights = [weight for _, weight in KINDS]
    for number in range(count):
        locale = everywhere[0] if rng.random() < _ENGLISH_SHARE else rng.choice(everywhere)
        write = rng.choices(kinds, weights)[0]
        draft = Draft(locale.code)
        write(draft, rng, locale)
        yield draft.record(f"generator-{seed}-{number}-{write.__name__}")
