"""The supervisor, with real processes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.process import Program
from config.supervisor import ProcfileError, Supervisor, read_procfile

PATIENCE_SECONDS = 30.0
FOR_EVER = "while :; do sleep 0.02; done"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    one = Supervisor(out=io.StringIO())
    yield one
    one.is_hurried = True
    one.stop()


def shell(name: str, command: str, folder: Path, stop_seconds: float = 10.0) -> Program:
    argv = ("/bin/sh", "-c", command)
    return Program(name, argv, dict(os.environ), folder, stop_seconds=stop_seconds)


def printed(supervisor: Supervisor) -> str:
    assert isinstance(supervisor.out, io.StringIO)
    return supervisor.out.getvalue()


def wait(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, printed(supervisor)
        supervisor._turn(0.05)


def test_lines_carry_their_programs_name(supervisor: Supervisor, tmp_path: Path) -> None:
    assert supervisor.run_once(shell("one", "echo first; printf half; exit 3", tmp_path)) == 3
    assert printed(supervisor).splitlines() == ["one      | first", "one      | half"]


def test_a_line_without_end_is_passed_on_in_pieces(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.run_once(shell("one", "head -c 100000 /dev/zero | tr '\\0' x", tmp_path))
    assert printed(supervisor).count("x") == 100_000


def test_a_crashed_program_starts_again(supervisor: Supervisor, tmp_path: Path) -> None:
    (tmp_path / "starts").touch()
    supervisor.start(shell("one", "echo up >> starts; exit 4", tmp_path))
    wait(supervisor, lambda: (tmp_path / "starts").read_text().count("up") == 2)
    assert "ended with exit code 4; starting again in 0.5 s" in printed(supervisor)


def test_pauses_between_crashes_grow(supervisor: Supervisor, tmp_path: Path) -> None:
    child = supervisor.start(shell("one", "exit 1", tmp_path))
    wait(supervisor, lambda: child.pause_seconds >= 2)
    assert "in 0.5 s" in printed(supervisor)
    assert "in 1 s" in printed(supervisor)


def test_helpers_of_a_crashed_program_are_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(shell("one", "sleep 1000 & echo $! > helper; exit 1", tmp_path))
    wait(supervisor, lambda: "ended with" in printed(supervisor))
    helper = int((tmp_path / "helper").read_text())
    wait(supervisor, lambda: not is_alive(helper))


def test_programs_stop_in_order(supervisor: Supervisor, tmp_path: Path) -> None:
    for name in ("first", "second", "third"):
        command = f"trap 'echo {name} >> order; exit' TERM; echo up >> {name}; {FOR_EVER}"
        supervisor.start(shell(name, command, tmp_path))
    wait(supervisor, lambda: all((tmp_path / n).exists() for n in ("first", "second", "third")))
    supervisor.stop((("second",), ("first",)))
    assert (tmp_path / "order").read_text().split() == ["second", "first", "third"]


def test_a_program_that_will_not_stop_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    command = f"trap '' TERM; echo up > up; {FOR_EVER}"
    child = supervisor.start(shell("one", command, tmp_path, stop_seconds=0.2))
    wait(supervisor, (tmp_path / "up").exists)
    supervisor.stop()
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's own")
def test_programs_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = """
import os, pathlib, sys
from config.process import Program
from config.supervisor import Supervisor
folder = pathlib.Path(sys.argv[1])
supervisor = Supervisor()
argv = ("/bin/sh", "-c", "echo $$ > pid; exec sleep 1000")
supervisor.start(Program("one", argv, os.environ, folder))
supervisor.run()
"""
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    deadline = time.monotonic() + PATIENCE_SECONDS
    pid_file = tmp_path / "pid"
    while not (pid_file.exists() and pid_file.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()
    pid = int(pid_file.read_text())
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_procfile_lines_become_programs(tmp_path: Path) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text("# a comment\n\nweb: exec serve --port 1:2\nbeat:  tick\n")
    programs = read_procfile(procfile, {"A": "1"})
    assert [(p.name, p.argv[-1]) for p in programs] == [
        ("web", "exec serve --port 1:2"),
        ("beat", "tick"),
    ]


def test_a_bad_procfile_line_is_named(tmp_path: Path) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text("web serve\n")
    with pytest.raises(ProcfileError, match="web serve"):
        read_procfile(procfile, {})


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
