"""A worker killed in mid-scan."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from inference import queue
from inference.engine.engine import Engine
from inference.models import Scan, ScanState
from tests.inference.conftest import Results, Submit, worker_with

ROOT = Path(__file__).parents[2]
# Claims as a worker does, says so, and never ends.
HANGING_WORKER = """
import sys, time, django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.SCAN_LEASE_SECONDS = 1
from inference.worker import ScanWorker
class Hanging:
    name, revision, batch_tokens = "hanging", "0", 0
    def detect(self, texts, operating_point="balanced", on_progress=None):
        print("scanning", flush=True)
        time.sleep(60)
Hanging.model = Hanging
worker = ScanWorker()
worker.engine = Hanging()
worker.run_pending()
"""


@pytest.mark.django_db(transaction=True)
def test_the_scan_of_a_killed_worker_is_done_by_the_next(
    submit: Submit, results: Results, settings: Settings
) -> None:
    settings.SCAN_LEASE_SECONDS = 1
    submit("Write to ann.lee@mail.example today.")
    command = [sys.executable, "-c", HANGING_WORKER, connection.settings_dict["NAME"]]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "scanning\n"
        finally:
            process.kill()
    assert Scan.objects.get().state == ScanState.RUNNING
    deadline = time.monotonic() + 20
    while not queue.return_expired_leases():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert worker_with(Engine.load("compact")).run_pending() == 1
    scan = Scan.objects.get()
    assert (scan.state, scan.attempts) == (ScanState.DONE, 2)
    assert [span.label for span in results.done[0][1]] == ["private_email"]
