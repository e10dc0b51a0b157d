"""Damaged PDFs, Word files and pictures: each ends with a result or a sentence, and none leaks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from documents import sandbox
from documents.formats.model import FormatError, ReadOptions
from tests.attack.mutated import KINDS, NAME, mutated, outcome

ROOT = Path(__file__).parents[2]
# More of them at night: BLACKBAR_FUZZ_CASES=5000 ./test tests/attack
CASES = int(os.environ.get("BLACKBAR_FUZZ_CASES", "300"))


def _outcomes() -> dict[int, str]:
    """Return what each case came to; "died" for one that took its process along."""
    found: dict[int, str] = {}
    first = 0
    while first < CASES:
        done = subprocess.run(
            [sys.executable, "-m", "tests.attack.mutated", str(first), str(CASES)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "a clean file holds" not in done.stderr, done.stderr[-500:]
        for line in done.stdout.splitlines():
            case, _, said = line.partition(" ")
            found[int(case)] = said
        first = max(found, default=first - 1) + 1
        if first < CASES:
            found[first] = "died"
            first += 1
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_undamaged_they_are_cleaned(kind: str) -> None:
    """Otherwise the cases would show nothing."""
    from tests.attack.mutated import _WHOLE

    assert outcome(f"case.{kind}", _WHOLE[kind]()) == "clean"


def test_each_ends_and_none_shows_what_was_hidden() -> None:
    found = _outcomes()
    assert sorted(found) == list(range(CASES))
    said = Counter(one.split(" ")[0] for one in found.values())
    # Both ways of ending are met, so the damages are neither too mild nor too wild.
    assert said["clean"] > CASES // 20
    assert said["refused"] > CASES // 20
    # What brought its process down ends as a sentence in the child that reads files.
    for case in [case for case, one in found.items() if one == "died"][:10]:
        name, content = mutated(case)
        with pytest.raises(FormatError) as caught:
            sandbox.read(content, name, ReadOptions(languages=("eng",)))
        assert NAME not in str(caught.value)
    # A fault of ours is survived as well, and worth mending.
    faults = Counter(one for one in found.values() if one.startswith("fault"))
    assert faults.total() <= CASES // 20, faults
