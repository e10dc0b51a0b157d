"""How long it takes until the next paste and the next file are ready, after each part was killed.

Part of the long run only: it prints figures.
"""

from __future__ import annotations

import random
import time

import httpx
import pytest

from tests.faults.jobs import Job, Programs, make_job
from tests.faults.machine import PARTS, Machine, wait_until
from tests.faults.test_loop import JOBS

pytestmark = pytest.mark.skipif(JOBS < 100, reason="measured with BLACKBAR_FAULT_JOBS=200")


@pytest.mark.parametrize("kind", ["paste", "txt"])
@pytest.mark.parametrize("part", ["nothing", *PARTS, "flush"])
def test_the_next_job_is_ready_soon(whole: Machine, alices_key: str, part: str, kind: str) -> None:
    programs, job = Programs(whole, alices_key), job_of(kind)
    if part == "flush":
        assert whole.flush()
    elif part != "nothing":
        assert whole.kill(part)
    began = time.monotonic()
    programs.hand_in(job)
    taken = time.monotonic() - began
    with httpx.Client(base_url=whole.url, timeout=60) as client:
        wait_until(lambda: is_ready(client, job), "it did not get ready", 240, whole.tail)
    print(
        f"{part} killed, {kind}: taken after {taken:.1f} s, "
        f"ready after {time.monotonic() - began:.1f} s"
    )
    time.sleep(21)  # a part that ran this long is started again at once


def job_of(kind: str) -> Job:
    """Return a short job of a kind."""
    chance = random.Random(1)
    while True:
        job = make_job(0, chance)
        if job.kind == kind and len(job.content) < 1000:
            return job


def is_ready(client: httpx.Client, job: Job) -> bool:
    """Say whether all that a job asked for is there; False too while nobody answers."""
    try:
        answer = client.get(job.address)
    except httpx.TransportError:
        return False
    if answer.status_code != 200:
        return False
    told = answer.json()
    # A document says nothing of its clean file before it has been read.
    clean = {"state": "ready"} if job.is_paste else told.get("clean_file", {})
    return bool(told["state"] == "ready" == clean.get("state"))
