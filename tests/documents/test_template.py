"""Children that are copies: each sees one file, has its own limits, and ends with its owner."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from documents import children, sandbox
from documents.children import Bounds
from documents.formats.model import DamagedError, ReadOptions
from documents.sandbox import DiedError
from documents.template import Template

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are copied on Linux only")
OPTIONS = ReadOptions()
# A template whose copies do something else where they would read.
SCRIPTED = """
import os, resource, signal, sys, time
from pathlib import Path
from documents import formats
from documents.formats import template
from documents.formats.model import *
formats.load_libraries = lambda: None
seen = []
def read(content, name, options):
    if b"hang" in content:
        time.sleep(600)
    if b"killed" in content:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"tired" in content:
        os.kill(os.getpid(), signal.SIGXCPU)
    seen.append(content)
    descriptors = []
    for number in os.listdir("/proc/self/fd"):
        try:
            descriptors.append(os.readlink("/proc/self/fd/" + number).split(":")[0])
        except FileNotFoundError:
            pass  # the one that listed them
    told = {
        "seen": len(seen), "pid": os.getpid(), "session": os.getsid(0), "parent": os.getppid(),
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "cpu": resource.getrlimit(resource.RLIMIT_CPU)[0],
        "written": resource.getrlimit(resource.RLIMIT_FSIZE)[0],
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "descriptors": descriptors, "environment": sorted(os.environ),
        "child_signal": signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL,
    }
    import json
    return Extracted(Kind.TEXT, json.dumps(told), ())
formats.read = read
template.main()
"""


@pytest.fixture
def template(monkeypatch: pytest.MonkeyPatch) -> Iterator[Template]:
    """The template of the real children."""
    monkeypatch.setattr(children, "_template", None)
    children.keep_template()
    made = children._template
    assert made is not None
    yield made
    made.close()


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Template]:
    """A template whose copies tell of themselves."""
    command = [sys.executable, "-P", "-s", "-B", "-c", SCRIPTED]
    made = Template(lambda control: children._started(command, control))
    monkeypatch.setattr(children, "_template", made)
    yield made
    made.close()


def told(content: bytes = b"words", **bounds: int) -> dict[str, object]:
    text = sandbox.read(content, "a.txt", OPTIONS, bounds=Bounds(**bounds)).text
    answer: dict[str, object] = json.loads(text)
    return answer


@pytest.mark.usefixtures("template")
def test_files_are_read_by_copies() -> None:
    for word in (b"first", b"second"):
        assert sandbox.read(word, "a.txt", OPTIONS).text.strip() == word.decode()
    with pytest.raises(DamagedError):
        sandbox.read(b"%PDF-1.7 nothing of it", "a.pdf", OPTIONS)


@pytest.mark.usefixtures("scripted")
def test_a_copy_sees_one_file_and_has_a_session_of_its_own() -> None:
    first, second = told(), told()
    assert first["seen"] == second["seen"] == 1
    assert first["pid"] != second["pid"]
    assert first["pid"] == first["session"]
    assert first["child_signal"] is True


@pytest.mark.usefixtures("scripted")
def test_each_copy_has_the_limits_that_it_was_made_with() -> None:
    for memory, seconds in ((1 << 30, 100), (1 << 29, 50)):
        copy = told(memory_bytes=memory, overall_seconds=seconds)
        assert (copy["memory"], copy["cpu"], copy["written"]) == (memory, seconds, 0)


@pytest.mark.usefixtures("scripted")
def test_a_copy_knows_no_secret_and_holds_nothing_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BLACKBAR_SECRET_KEY", "Canary-7731")
    hanging = threading.Thread(target=_read_for_ever, daemon=True)
    hanging.start()
    try:
        copy = told()
    finally:
        _end_children(hanging)
    assert "BLACKBAR_SECRET_KEY" not in copy["environment"]  # type: ignore[operator]
    assert sorted(copy["descriptors"]) == ["/dev/null"] * 4 + ["pipe"] * 2  # type: ignore[call-overload]


def _read_for_ever() -> None:
    with pytest.raises(DiedError):
        sandbox.read(b"hang", "a.txt", OPTIONS)


def _children() -> list[psutil.Process]:
    assert children._template is not None
    assert children._template._process is not None
    return psutil.Process(children._template._process.pid).children()


def _end_children(thread: threading.Thread) -> None:
    for child in _children():
        child.kill()
    thread.join(60)


@pytest.mark.usefixtures("scripted")
def test_it_gives_way_to_scans_and_pages() -> None:
    # The worker says so once the copy is there; one that is asked at once may not know it yet.
    deadline = time.monotonic() + 30
    while told()["nice"] != children.FILES_NICENESS:
        assert time.monotonic() < deadline


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(
    ("content", "sentence"), [(b"killed", sandbox.TOO_MUCH_MEMORY), (b"tired", sandbox.TOO_LONG)]
)
def test_how_a_copy_ended_is_known(content: bytes, sentence: str) -> None:
    with pytest.raises(DamagedError, match=sentence):
        sandbox.read(content, "a.txt", OPTIONS)
    assert told()["seen"] == 1


@pytest.mark.usefixtures("scripted")
def test_one_that_hangs_is_killed_and_forgotten() -> None:
    with pytest.raises(DamagedError, match=sandbox.TOO_LONG):
        sandbox.read(b"hang", "a.txt", OPTIONS, bounds=Bounds(silent_seconds=1))
    deadline = time.monotonic() + 60
    while _children():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_several_at_once(template: Template) -> None:
    found: list[str] = []

    def read(number: int) -> None:
        for _ in range(5):
            found.append(sandbox.read(b"%d" % number, "a.txt", OPTIONS).text.strip())

    threads = [threading.Thread(target=read, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(str(number) for number in range(6) for _ in range(5))
    template.close()


def test_a_template_that_died_is_started_again(scripted: Template) -> None:
    parents = []
    for _ in range(2):
        parents.append(told()["parent"])
        assert scripted._process is not None
        scripted._process.kill()
        scripted._process.wait()
    assert told()["parent"] not in parents


def test_a_child_whose_template_died_does_its_work(scripted: Template) -> None:
    with sandbox.Process(Bounds()) as process:
        assert scripted._process is not None
        scripted._process.kill()
        scripted._process.wait()
        child = psutil.Process(process._child.pid)
    # Closed at last, whoever its parent is by now.
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_template_and_its_copies_end_with_whoever_started_them() -> None:
    program = (
        "import os\n"
        "from documents import children, sandbox\n"
        "children.keep_template()\n"
        "process = sandbox.Process(children.DEFAULT_BOUNDS)\n"
        "print(process._child.pid, children._template._process.pid, flush=True)\n"
        "input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=children.ROOT,
    )
    assert parent.stdout is not None
    waiting = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    psutil.wait_procs(waiting, timeout=60)
    for process in waiting:
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_where_no_process_is_to_be_had_nothing_is_left_open() -> None:
    def refuse(*_: object) -> subprocess.Popen[bytes]:
        raise BlockingIOError

    template, before = Template(refuse), os.listdir("/proc/self/fd")
    for _ in range(3):
        with pytest.raises(BlockingIOError):
            template.copy((1, 1, 1, 1))
    assert len(os.listdir("/proc/self/fd")) == len(before)
