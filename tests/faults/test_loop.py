"""Every part is killed again and again while jobs come in: none is lost, none shown early.

BLACKBAR_FAULT_JOBS=200 is the long run, BLACKBAR_FAULT_SEED repeats the choices of an earlier one.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx

from tests.faults.jobs import BEGIN, HIDDEN, Job, Programs, Watcher, as_text, make_job, plain
from tests.faults.machine import PARTS, Machine, wait_until

JOBS = int(os.environ.get("BLACKBAR_FAULT_JOBS", "20"))
# The short run makes the same choices each time; what new ones bring to light is for the long run.
_CHOSEN = random.SystemRandom().randrange(10**6) if JOBS >= 100 else 553445
SEED = int(os.environ.get("BLACKBAR_FAULT_SEED", "0")) or _CHOSEN
# Between two faults, in seconds.
PAUSES = (0.2, 2.0)
# Until all has ended, in seconds: on a slow machine a job takes half a second of both cores.
LONGEST_WAIT = 240 + JOBS / 2
FAULTS = (*PARTS, "flush")
# In words of the database: what still has to end.
UNFINISHED = """
SELECT (SELECT count(*) FROM inference_scan WHERE state IN ('pending', 'running'))
     + (SELECT count(*) FROM documents_document
        WHERE state IN ('received', 'scanning') OR clean_state = 'making')
     + (SELECT count(*) FROM documents_filejob)
"""


class Faults:
    """Kills parts at moments that a seed decides."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.chance = machine, random.Random(SEED)
        self.done: Counter[str] = Counter()
        self.over = threading.Event()

    def run(self) -> None:
        """Each fault once in some order, and then whichever comes, until it is over."""
        first = self.chance.sample(FAULTS, len(FAULTS))
        while not self.over.wait(self.chance.uniform(*PAUSES)) or first:
            # One that is not up again cannot take jobs: faults come as fast as it comes back.
            self.machine.wait_until_it_answers(30)
            fault = first.pop() if first else self.chance.choice(FAULTS)
            happened = (
                self.machine.flush() if fault == "flush" else self.machine.kill(fault, self.chance)
            )
            self.done[fault] += happened
            if not happened and not self.done[fault]:
                first.insert(0, fault)  # it was away: once more later


def test_every_job_ends_once_whatever_dies(whole: Machine, alices_key: str) -> None:
    began, chance, before = time.monotonic(), random.Random(SEED), items(whole)
    print(f"\nBLACKBAR_FAULT_SEED={SEED} BLACKBAR_FAULT_JOBS={JOBS}")
    programs = Programs(whole, alices_key)
    watcher = Watcher(whole, programs, random.Random(SEED))
    faults = Faults(whole)
    stranger = threading.Thread(target=watcher.watch)
    breaker = threading.Thread(target=faults.run)
    stranger.start()
    breaker.start()
    try:
        with ThreadPoolExecutor(max(4, min(16, JOBS // 10))) as pool:
            list(pool.map(programs.hand_in, [make_job(n, chance) for n in range(JOBS)]))
        handed_in = time.monotonic() - began
    finally:
        faults.over.set()
        breaker.join()
    try:
        whole.wait_until_ready()
        wait_until(lambda: is_all_over(whole), "some jobs never ended", LONGEST_WAIT, whole.tail)
    finally:
        watcher.over.set()
        stranger.join()
    ended, made = time.monotonic() - began, items(whole) - before
    outcomes = Counter(judge(whole, programs, job) for job in programs.accepted)
    print(
        f"{JOBS} jobs, handed in within {handed_in:.0f} s, ended within {ended:.0f} s: "
        f"{dict(outcomes)}; faults {dict(faults.done)}; {watcher.answers} public answers; "
        f"{sum(job.tries > 1 for job in programs.accepted)} requests repeated"
    )
    assert len(programs.accepted) == JOBS
    assert watcher.leaks == []
    assert shown_early(whole, watcher) == []
    assert ended_otherwise_than_once(whole) == []
    assert made == JOBS


def is_all_over(machine: Machine) -> bool:
    """Say whether nothing waits and nobody is at work."""
    return machine.patient_query(UNFINISHED) == [(0,)]


def judge(machine: Machine, programs: Programs, job: Job) -> str:
    """Look at a job that has ended as its owner does, and return how it ended."""
    with httpx.Client(base_url=machine.url, timeout=60) as client:
        told = client.get(job.address).json()
        if told["state"] == "failed":
            assert told["error"], f"job {job.number} failed without a reason"
            return "failed"
        assert told["state"] == "ready", (job.number, told["state"])
        shown = client.get(f"{job.address}/text").text
        assert BEGIN in shown, job.number
        assert HIDDEN in shown, job.number
        assert job.private not in shown, job.number
        mine = {"Reveal-Token": job.token} if job.token else programs.headers(job)
        if mine:
            original = as_text(client.get(f"{job.address}/spans", headers=mine))
            assert job.private in original, job.number
        if job.is_paste:
            return "ready"
        if mine:
            assert client.get(f"{job.address}/source", headers=mine).content == job.content
        if told["clean_file"]["state"] != "ready":
            why = told["clean_file"]["progress"]["sentence"]
            assert why, f"job {job.number} has no clean file and no reason"
            return "no clean file"
        clean = plain(client.get(f"{job.address}/file").content)
        assert BEGIN.encode() in clean, job.number
        assert job.private.encode() not in clean, job.number
    return "ready"


def shown_early(machine: Machine, watcher: Watcher) -> list[str]:
    """Return what a stranger saw before the database says that it had ended."""
    scans = """
        SELECT 'scan', e.pid, f.at FROM fault_end f JOIN (
            SELECT pid, envelope_id FROM pastebin_paste UNION ALL
            SELECT pid, envelope_id FROM documents_document) e ON f.id = e.envelope_id::text
        WHERE f.kind = 'scan' AND f.state = 'done'
        UNION ALL SELECT 'clean', id, at FROM fault_end WHERE kind = 'clean' AND state = 'ready'
    """
    ends: dict[tuple[str, str], datetime] = {
        (str(kind), str(pid)): at
        for kind, pid, at in machine.query(scans)
        if isinstance(at, datetime)
    }
    return [
        f"{key} at {moment}"
        for key, moment in watcher.seen.items()
        if key not in ends or moment < ends[key]
    ]


def ended_otherwise_than_once(machine: Machine) -> list[tuple[object, ...]]:
    """Return what ended twice, and what is there and never ended."""
    return machine.query(
        "SELECT kind, id, count(*) FROM fault_end GROUP BY kind, id HAVING count(*) > 1 UNION ALL "
        "SELECT 'scan', envelope_id::text, 0 FROM inference_scan "
        "WHERE envelope_id::text NOT IN (SELECT id FROM fault_end WHERE kind = 'scan')"
    )


def items(machine: Machine) -> int:
    """Return how many pastes and documents there are."""
    sql = "SELECT (SELECT count(*) FROM pastebin_paste) + (SELECT count(*) FROM documents_document)"
    return int(str(machine.query(sql)[0][0]))
