"""./run from start to end, in a data folder of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from config.serve import (
    Address,
    StartError,
    check_port,
    hold,
    read_address,
    read_or_make_secrets,
    write_secrets,
)

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running ./run without its first step, the installation."""

    process: subprocess.Popen[bytes]
    var: Path
    port: int
    log: Path

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status

    def processes(self) -> list[psutil.Process]:
        """Return the processes that work for this server: they carry its data folder's name."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                is_ours = process.environ().get("BLACKBAR_VAR") == str(self.var)
                is_server = str(self.var) in process.cwd()
                if (is_ours or is_server) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found


def start(var: Path, port: int) -> Server:
    log = var.with_suffix(".log")
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    env = {k: v for k, v in env.items() if not k.startswith(("BLACKBAR_", "CELERY_"))}
    env |= {"BLACKBAR_VAR": str(var), "BLACKBAR_PORT": str(port)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.serve"], cwd=ROOT, env=env, stdout=out, stderr=out
        )
    server = Server(process, var, port, log)
    wait_for_line(server, "Blackbar is at")
    return server


def wait_for_line(server: Server, text: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while text not in server.log.read_text():
        assert server.process.poll() is None, server.log.read_text()
        assert time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.1)


def wait_until_all_ended(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := server.processes():
        assert time.monotonic() < deadline, left
        time.sleep(0.2)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[Server]:
    one = start(tmp_path / "var", port)
    yield one
    one.process.kill()
    one.process.wait()
    wait_until_all_ended(one)


def test_serves_refuses_a_second_start_and_leaves_nothing_behind(server: Server) -> None:
    assert server.get("/healthz") == 200
    second = subprocess.run(
        [sys.executable, "-m", "config.serve"],
        cwd=ROOT,
        env={**os.environ, "BLACKBAR_VAR": str(server.var), "BLACKBAR_PORT": str(server.port)},
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert f"is in use by process {server.process.pid} since" in second.stderr
    assert f"on port {server.port}" in second.stderr
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(PATIENCE_SECONDS) == 0
    assert server.processes() == []
    assert "Stopped." in server.log.read_text()


def test_recovers_after_everything_was_killed(server: Server) -> None:
    secrets_before = (server.var / "secrets.env").read_text()
    server.process.kill()
    server.process.wait()
    for process in server.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_until_all_ended(server)
    again = start(server.var, server.port)
    try:
        assert again.get("/healthz") == 200
        assert (server.var / "secrets.env").read_text() == secrets_before
    finally:
        again.process.send_signal(signal.SIGTERM)
        again.process.wait(PATIENCE_SECONDS)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's own")
def test_killed_supervisor_takes_everything_with_it(server: Server) -> None:
    server.process.kill()
    server.process.wait()
    wait_until_all_ended(server)


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {port} is taken"):
            check_port(Address("127.0.0.1", port))


def test_a_held_folder_is_named_with_its_holder(tmp_path: Path) -> None:
    lock = hold(tmp_path, Address("127.0.0.1", 8000))
    try:
        with pytest.raises(StartError, match=f"in use by process {os.getpid()} since .* port 8000"):
            hold(tmp_path, Address("127.0.0.1", 8001))
    finally:
        os.close(lock)
    os.close(hold(tmp_path, Address("127.0.0.1", 8001)))


@pytest.mark.parametrize("port", ["", "8000"])
def test_port_defaults_to_8000(port: str) -> None:
    assert read_address({"BLACKBAR_PORT": port}) == Address("127.0.0.1", 8000)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "8000.5"])
def test_a_bad_port_is_one_sentence(port: str) -> None:
    with pytest.raises(StartError, match="between 1 and 65535"):
        read_address({"BLACKBAR_PORT": port})


def test_secrets_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    first = read_or_make_secrets(tmp_path, {})
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600
    assert read_or_make_secrets(tmp_path, {}) == first
    assert len(first["BLACKBAR_SECRET_KEY"]) >= 50


def test_given_secrets_come_first(tmp_path: Path) -> None:
    write_secrets(
        tmp_path / "secrets.env", {"BLACKBAR_SECRET_KEY": "a", "BLACKBAR_SERVICE_KEYS": "b"}
    )
    found = read_or_make_secrets(tmp_path, {"BLACKBAR_SECRET_KEY": "given"})
    assert found == {"BLACKBAR_SECRET_KEY": "given", "BLACKBAR_SERVICE_KEYS": "b"}


def test_lost_secrets_stop_the_start_before_new_ones_are_made(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(StartError, match=r"secrets\.env is missing"):
        read_or_make_secrets(tmp_path, {})
    assert not (tmp_path / "secrets.env").exists()
