"""A child process opens files: what it may use, what it is told, and what it may answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from documents import children, sandbox
from documents.children import Bounds
from documents.formats import frames
from documents.formats.model import (
    Block,
    DamagedError,
    Extracted,
    Hidden,
    Kind,
    Limits,
    Progress,
    ReadOptions,
    Role,
    TooLargeError,
    UnknownKindError,
)
from documents.formats.survivors import HiddenValues
from documents.sandbox import CancelledError

OPTIONS = ReadOptions()
TEXT = b"Dear Jan Jansen,\r\n\r\nyour parcel is here.\r\n"
NAME = Hidden(5, 15, "private_person", "<PRIVATE_PERSON>")
# What a child does instead of reading; it stands before the real child's start.
INSTEAD = """
import os, signal, sys, time
from documents import formats
from documents.formats import child, frames
from documents.formats.model import *
def read(content, name, options):
    {body}
formats.read = read
child.main()
"""

Scripted = Callable[[str], None]


@pytest.fixture
def reading_is(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Return what makes a child run a statement where it would read."""

    def script(body: str) -> None:
        command = children.child_command

        def changed(bounds: Bounds) -> list[str]:
            *start, _, _, memory, cpu, wall, idle = command(bounds)
            return [*start, "-c", INSTEAD.format(body=body), memory, cpu, wall, idle]

        monkeypatch.setattr(children, "child_command", changed)

    return script


@pytest.fixture
def child_is(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Return what replaces the child by a program of its own."""

    def script(program: str) -> None:
        command = [sys.executable, "-P", "-c", program]
        monkeypatch.setattr(children, "child_command", lambda bounds: command)

    return script


def read(bounds: Bounds = children.DEFAULT_BOUNDS, **more: object) -> Extracted:
    return sandbox.read(TEXT, "letter.txt", OPTIONS, bounds=bounds, **more)  # type: ignore[arg-type]


def test_a_file_is_read_written_and_verified_in_children() -> None:
    extracted = read()
    cleaned = sandbox.write_clean(TEXT, extracted, [NAME], options=OPTIONS)
    values = HiddenValues(["Jan Jansen"], "Dear <PRIVATE_PERSON>, your parcel is here.")

    assert extracted.kind is Kind.TEXT
    assert extracted.text == "Dear Jan Jansen,\n\nyour parcel is here.\n"
    assert cleaned.content == b"Dear <PRIVATE_PERSON>,\r\n\r\nyour parcel is here.\r\n"
    passed = sandbox.verify(cleaned.content, Kind.TEXT, values, options=OPTIONS)
    assert all(check.is_passed for check in passed)
    failed = sandbox.verify(TEXT, Kind.TEXT, values, options=OPTIONS)
    assert not all(check.is_passed for check in failed)


def test_errors_keep_their_class_and_sentence() -> None:
    with pytest.raises(UnknownKindError, match="a program"):
        sandbox.read(b"\x7fELF", "x.txt", OPTIONS)
    with pytest.raises(TooLargeError, match="too large"):
        sandbox.read(TEXT, "x.txt", ReadOptions(limits=Limits(bytes_in_file=3)))


def test_a_child_knows_no_secret(reading_is: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLACKBAR_SECRET_KEY", "canary-of-the-environment")
    reading_is(
        "return Extracted(Kind.TEXT, '\\n'.join(f'{k}={v}' for k, v in os.environ.items()), ())"
    )
    seen = read().text
    known = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TESSDATA_PREFIX", "PYTHONPATH"}
    own = {"PYTHONHASHSEED", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"}

    assert "canary" not in seen
    assert "DATABASE" not in seen
    assert {line.split("=")[0] for line in seen.splitlines()} <= known | own


def test_a_child_inherits_no_descriptor(reading_is: Scripted) -> None:
    held, other = os.pipe()
    os.set_inheritable(held, True)
    try:
        reading_is(
            "return Extracted(Kind.TEXT, str([fd for fd in range(3, 60) if _open(fd)]), ())\n"
            "def _open(fd):\n"
            "    try: return bool(os.fstat(fd))\n"
            "    except OSError: return False"
        )
        # Its own two pipes and the null device.
        assert len(json.loads(read().text)) == 3
    finally:
        os.close(held)
        os.close(other)


def test_a_child_has_a_session_of_its_own(reading_is: Scripted) -> None:
    reading_is("return Extracted(Kind.TEXT, f'{os.getsid(0)} {os.getpid()}', ())")
    session, process = read().text.split()
    assert session == process


def test_a_child_writes_no_file(reading_is: Scripted, tmp_path: os.PathLike[str]) -> None:
    reading_is(f"open('{tmp_path}/copy', 'wb').write(content)\n    return 1")
    with pytest.raises(DamagedError, match="damaged"):
        read()
    written = os.path.join(tmp_path, "copy")
    assert not os.path.exists(written) or os.path.getsize(written) == 0


def test_what_libraries_print_is_no_answer(reading_is: Scripted) -> None:
    reading_is("os.write(1, b'hello'); print('x'); return Extracted(Kind.TEXT, 'read', ())")
    assert read().text == "read"


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit address space")
def test_a_child_that_eats_memory_ends_with_a_sentence(reading_is: Scripted) -> None:
    reading_is("bytearray(1 << 31)")
    with pytest.raises(DamagedError, match="too much memory"):
        read()


def test_a_child_that_is_killed_for_memory_ends_with_a_sentence(reading_is: Scripted) -> None:
    reading_is("os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(DamagedError, match="too much memory"):
        read()


def test_a_child_that_crashes_ends_with_a_sentence(reading_is: Scripted) -> None:
    reading_is("os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(DamagedError, match="damaged"):
        read()


def test_a_child_that_hangs_is_killed(reading_is: Scripted) -> None:
    reading_is("signal.pause()")
    with pytest.raises(DamagedError, match="too long"):
        read(Bounds(silent_seconds=1))


def test_a_child_that_reports_outlives_its_patience(reading_is: Scripted) -> None:
    reading_is(
        "end = time.monotonic() + 2.5\n"
        "    while time.monotonic() < end: options.report(Progress('ocr', 1, 2))\n"
        "    return Extracted(Kind.TEXT, 'read', ())"
    )
    assert read(Bounds(silent_seconds=2)).text == "read"


def test_a_child_that_reports_for_ever_is_killed(reading_is: Scripted) -> None:
    reading_is("while True: options.report(Progress('ocr', 1, 2))")
    with pytest.raises(DamagedError, match="too long"):
        read(Bounds(silent_seconds=60, overall_seconds=2))


def test_a_child_that_takes_no_file_is_killed(child_is: Scripted) -> None:
    child_is("import signal; signal.pause()")
    with pytest.raises(DamagedError, match="too long"):
        sandbox.read(bytes(5_000_000), "x", OPTIONS, bounds=Bounds(silent_seconds=1))


def test_progress_is_reported(reading_is: Scripted) -> None:
    reading_is("options.report(Progress('ocr', 3, 80)); return Extracted(Kind.TEXT, 'read', ())")
    seen: list[Progress] = []
    sandbox.read(TEXT, "x.txt", ReadOptions(report=seen.append))
    assert seen == [Progress("ocr", 3, 80)]


def test_who_cancels_is_not_waited_for(reading_is: Scripted) -> None:
    reading_is("options.report(Progress('ocr', 1, 2)); signal.pause()")
    seen: list[Progress] = []
    options = ReadOptions(report=seen.append)
    with pytest.raises(CancelledError):
        sandbox.read(TEXT, "x.txt", options, cancelled=lambda: bool(seen))


def test_a_failure_in_the_child_says_nothing_of_the_file(
    reading_is: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    reading_is("raise KeyError('canary of the file')")
    with pytest.raises(DamagedError) as caught:
        read()
    assert "canary" not in str(caught.value) + caplog.text
    assert "KeyError at <string>" in caplog.text or "opening a file failed" not in caplog.text


def answer(head: str, *parts: str) -> str:
    """Return a program that takes a request and gives one answer, of Python literals."""
    sizes = ", ".join(f"len({part})" for part in parts)
    return (
        "import sys, json, signal\n"
        "sys.stdin.buffer.read(8)\n"
        f"head = json.dumps({{**{head}, 'sizes': [{sizes}]}}).encode()\n"
        f"body = b''.join([{', '.join(parts)}])\n"
        "sys.stdout.buffer.write(len(head).to_bytes(8, 'big') + head + body)\n"
        "sys.stdout.flush()\n"
        "signal.pause()"
    )


HEAD = {"kind": "txt", "blocks": {"numbers": [], "titles": {}}, "pages": 0, "pictures": 0,
        "notes": [], "title": ""}  # fmt: skip


def extracted_answer(**changes: object) -> str:
    head = json.dumps({**HEAD, **changes})
    return answer("{}", f"{head.encode()!r}", "b'text'")


@pytest.mark.parametrize(
    "program",
    [
        "print('x' * 100)",
        "import sys; sys.stdout.buffer.write(b'\\xff' * 100)",
        "import sys; sys.stdout.buffer.write((10).to_bytes(8, 'big') + b'[' * 10)",
        "import sys; sys.stdout.buffer.write((90_000).to_bytes(8, 'big') + b'[' * 90_000)",
        "import os; os.close(1); import signal; signal.pause()",
        "raise SystemExit",
        answer("{'error': 'owned', 'message': 'x'}"),
        answer("{'error': ['damaged'], 'message': {}}"),
        answer("{'progress': ['ocr', -1, 'x']}"),
        answer("{'progress': ['ocr', 1e400, 3]}"),
        answer("{}"),
        answer("{}", "b'{}'", "b'text'"),
        answer("{}", "b'\\xff'", "b'text'"),
        extracted_answer(kind="exe"),
        extracted_answer(notes=["x" * 5_000]),
        extracted_answer(notes={}),
        extracted_answer(title=7),
        extracted_answer(pages=1),
        extracted_answer(pages=-2),
        extracted_answer(blocks={"numbers": [0, 2, 1, 0, 0, 0, 0, 0], "titles": {}}),
        extracted_answer(blocks={"numbers": [0, 0, 5, 0, 0, 0, 0, 0], "titles": {}}),
        extracted_answer(blocks={"numbers": [99, 0, 1, 0, 0, 0, 0, 0], "titles": {}}),
        extracted_answer(blocks={"numbers": [0, 0, True, 0, 0, 0, 0, 0], "titles": {}}),
        extracted_answer(blocks={"numbers": [0, 0], "titles": {}}),
        extracted_answer(blocks={"numbers": [], "titles": {"0": "x"}}),
    ],
)
def test_an_answer_that_is_none_is_refused(child_is: Scripted, program: str) -> None:
    child_is(program)
    with pytest.raises(DamagedError, match="damaged"):
        read(Bounds(silent_seconds=20))


def test_an_answer_of_any_size_is_not_taken(child_is: Scripted) -> None:
    child_is(answer("{'sizes': [1 << 60]}").replace("'sizes': []", "'sizes': [1 << 60]"))
    with pytest.raises(DamagedError, match="damaged"):
        read(Bounds(silent_seconds=20))


def test_checks_that_looked_at_nothing_are_no_checks(child_is: Scripted) -> None:
    child_is(answer("{}", "b'[]'"))
    with pytest.raises(DamagedError):
        sandbox.verify(TEXT, Kind.TEXT, HiddenValues(["x"], ""), options=OPTIONS)


def test_a_page_is_a_picture_or_an_error(child_is: Scripted) -> None:
    child_is(answer("{}", "b'<script>'"))
    with pytest.raises(DamagedError):
        sandbox.render_page(TEXT, 1, width_px=100, options=OPTIONS)


def two_pages() -> bytes:
    pymupdf = pytest.importorskip("pymupdf")
    document = pymupdf.open()
    for number in (1, 2):
        document.new_page(width=200, height=100).insert_text((20, 50), f"page {number}")
    content: bytes = document.tobytes()
    return content


def test_pages_are_drawn_by_one_child(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Bounds] = []
    command = children.child_command
    monkeypatch.setattr(
        children, "child_command", lambda bounds: (started.append(bounds), command(bounds))[1]
    )
    with sandbox.Renderer(two_pages(), OPTIONS) as renderer:
        first = renderer.page(1, width_px=300)
        second = renderer.page(2, width_px=300)
        assert first != second
        assert renderer.page(1, width_px=300) == first
    assert len(started) == 1


def test_a_renderer_serves_several_threads() -> None:
    with sandbox.Renderer(two_pages(), OPTIONS) as renderer:
        expected = {number: renderer.page(number, width_px=300) for number in (1, 2)}
        drawn: list[tuple[int, bytes]] = []

        def draw(number: int) -> None:
            drawn.append((number, renderer.page(number, width_px=300)))

        threads = [threading.Thread(target=draw, args=(1 + at % 2,)) for at in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(drawn) == 6
    assert all(expected[number] == picture for number, picture in drawn)


def test_a_renderer_starts_again_after_its_child_ended() -> None:
    with sandbox.Renderer(two_pages(), OPTIONS) as renderer:
        first = renderer.page(1, width_px=300)
        process = renderer._process
        assert process is not None
        os.kill(process._child.pid, signal.SIGKILL)
        process._child.wait()
        assert renderer.page(1, width_px=300) == first


def test_a_page_that_is_none_is_an_error_and_the_next_is_drawn() -> None:
    with sandbox.Renderer(two_pages(), OPTIONS) as renderer:
        with pytest.raises(DamagedError):
            renderer.page(3, width_px=300)
        assert sandbox.is_picture(renderer.page(2, width_px=300))


def test_the_parent_loads_no_library_that_opens_files() -> None:
    import subprocess

    heavy = ("pymupdf", "lxml", "PIL", "tesserocr", "pikepdf", "pypdfium2", "numpy")
    program = (
        f"import sys, documents.sandbox\nprint([name for name in {heavy} if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=children.ROOT
    )
    assert ran.stdout.strip() == "[]"


def test_a_frame_is_read_as_it_was_written(tmp_path: os.PathLike[str]) -> None:
    path = os.path.join(tmp_path, "frame")
    with open(path, "wb") as stream:
        frames.write(stream, {"call": "read"}, [b"one", b"", b"three"])
    with open(path, "rb") as stream:
        frame = frames.read(stream)
        assert frame is not None
        assert frame.head["call"] == "read"
        assert frame.parts == (b"one", b"", b"three")
        assert frames.read(stream) is None


def test_blocks_come_back_as_they_were() -> None:
    extracted = sandbox.read(b"a,b\nc,d\n", "x.csv", OPTIONS)
    assert extracted.blocks[3] == Block(Role.CELL, 6, 7, table=1, row=1, column=1)


def test_a_child_at_work_ends_with_who_started_it(tmp_path: Path) -> None:
    """A worker that is killed must not leave a child behind that works for half an hour."""
    note = tmp_path / "at-work"
    body = f"open({str(note)!r}, 'w').close(); time.sleep(600)"
    code = f"""
from documents import children, sandbox
from documents.formats.model import ReadOptions
command, started = children.child_command, children._started
def changed(bounds):
    *start, _, _, memory, cpu, wall, idle = command(bounds)
    return [*start, "-c", {INSTEAD.format(body=body)!r}, memory, cpu, wall, idle]
def noted(command):
    child = started(command)
    print(child.pid, flush=True)
    return child
children.child_command, children._started = changed, noted
sandbox.read(b"Dear", "x.txt", ReadOptions())
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=children.ROOT, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        child = psutil.Process(int(worker.stdout.readline()))
        deadline = time.monotonic() + 60
        while not note.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        worker.kill()
    child.wait(60)
