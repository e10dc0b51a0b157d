"""What the engine's process does with the memory it frees."""

from __future__ import annotations

import subprocess
import sys

import pytest

_COUNT_FAULTS = """
import resource
import numpy
from inference.engine.memory import keep_freed_memory
if {keeps}:
    keep_freed_memory()
numpy.ones(16 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(8):
    numpy.ones(16 << 20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator is meant")
def test_a_freed_buffer_is_used_again_without_asking_the_system() -> None:
    def faults(keeps: bool) -> int:
        code = _COUNT_FAULTS.format(keeps=keeps)
        command = [sys.executable, "-c", code]
        return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

    assert faults(keeps=True) < faults(keeps=False) / 4
