"""Servers and settings of the tests: embedded PostgreSQL and Valkey in a temporary folder.

Importing this module sets the environment, so it must come before Django's settings.
A DATABASE_URL or REDIS_URL that is set already is respected.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from config.embedded import EmbeddedError, Postgres, Valkey, runtime_folder, wait_until
from config.process import kill_group

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120.0
# Far from a running server's: tests must neither read nor write what a ./run keeps.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "BLACKBAR_SECRET_KEY": "only-for-tests-and-in-no-way-secret-" + "0" * 16,
    "BLACKBAR_SERVICE_KEYS": "test:" + base64.b64encode(bytes(32)).decode(),
    # Templates are rendered without collecting and hashing the static files first.
    "BLACKBAR_PLAIN_STATIC": "1",
    # All tests come from one address; what limits are is tested where they are set.
    "BLACKBAR_POSTS_PER_MINUTE": "0",
    "BLACKBAR_ACCOUNT_POSTS_PER_MINUTE": "0",
    "BLACKBAR_WRONG_LINKS_PER_MINUTE": "0",
    # Playwright's event loop runs in the same thread as the tests' queries.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}


def set_up() -> None:
    """Set what the tests' settings need and start the servers that are not given; stop at exit."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if {"BLACKBAR_VAR", "DATABASE_URL", "REDIS_URL"} <= set(os.environ):
        return
    folder = Path(tempfile.mkdtemp(prefix="blackbar-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.setdefault("BLACKBAR_VAR", str(folder))
    if {"DATABASE_URL", "REDIS_URL"} <= set(os.environ):
        return
    runtime = runtime_folder(folder)
    atexit.register(shutil.rmtree, runtime, ignore_errors=True)
    if "DATABASE_URL" not in os.environ:
        postgres = Postgres(folder / "postgres", runtime, durable=False)
        start(postgres)
        os.environ["DATABASE_URL"] = postgres.url
    if "REDIS_URL" not in os.environ:
        valkey = Valkey(folder / "valkey", runtime, durable=False)
        start(valkey)
        os.environ["REDIS_URL"] = valkey.url
        os.environ["CELERY_BROKER_URL"] = valkey.broker_url


def start(server: Postgres | Valkey) -> subprocess.Popen[bytes]:
    """Start a server, wait until it answers, and end it at exit.

    Raises EmbeddedError if it does not start.
    """
    server.prepare()
    program = server.program()
    log = Path(str(server.data) + ".log")
    process = program.start(log)

    def end() -> None:
        process.send_signal(program.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(program.stop_seconds)
        kill_group(process, program.stop_signal.SIGKILL)
        process.wait()

    atexit.register(end)
    if not wait_until(server.is_ready, lambda: process.poll() is None, START_SECONDS):
        tail = log.read_text(errors="replace")[-1000:]
        raise EmbeddedError(f"{program.name} did not start for the tests: {tail}")
    return process


set_up()
