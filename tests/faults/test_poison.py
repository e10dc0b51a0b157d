"""A file whose child dies each time: three tries, then a sentence, and the others are unharmed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from documents import children, work
from documents.children import Bounds
from documents.models import CleanState, FileJob, State
from tests.documents.world import MakeDocument, detector, make_document, scan

__all__ = ("detector", "make_document", "scan")
pytestmark = pytest.mark.django_db(transaction=True)
# The real child; what it meets in some files takes the process down, as a fault of a library does.
DYING = """
import os, signal, sys
from documents import formats
from documents.formats import child
read, write_clean = formats.read, formats.write_clean
def dying(function, mark):
    def call(content, *args, **options):
        if mark in content:
            os.kill(os.getpid(), signal.SIGSEGV)
        return function(content, *args, **options)
    return call
formats.read = dying(read, b"dies when read")
formats.write_clean = dying(write_clean, b"dies when written")
child.main()
"""


@pytest.fixture(autouse=True)
def starts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have children die of some files; returns one number for each child that was started."""
    command, started = children.child_command, []

    def changed(bounds: Bounds) -> list[str]:
        *start, _, _, memory, cpu, wall, idle = command(bounds)
        started.append(len(started))
        return [*start, "-c", DYING, memory, cpu, wall, idle]

    monkeypatch.setattr(children, "child_command", changed)
    return started


def test_a_file_that_kills_its_reader_fails_after_three_tries(
    make_document: MakeDocument, scan: Callable[[], int], starts: list[int]
) -> None:
    before = make_document(b"Before it.", until="received")
    poison = make_document(b"This one dies when read.", until="received")
    after = make_document(b"After it.", until="received")
    work.run_pending()
    assert len(starts) == 3 + 2
    assert poison.row.state == State.FAILED
    assert poison.row.error_code == "damaged"
    assert "could not be read" in poison.row.error
    scan()
    work.run_pending()
    for other in (before, after):
        assert (other.row.state, other.row.clean_state) == (State.READY, CleanState.READY)
    assert not FileJob.objects.exists()


def test_a_file_that_kills_its_writer_has_no_clean_file_after_three_tries(
    make_document: MakeDocument, starts: list[int]
) -> None:
    poison = make_document(b"This one dies when written.", until="scanned")
    starts.clear()
    work.run_pending()
    assert len(starts) == 3
    assert poison.row.state == State.READY
    assert poison.row.clean_state == CleanState.FAILED
    assert poison.row.clean_error


def test_one_death_is_forgiven(
    make_document: MakeDocument, scan: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may take a child for want of memory that another process used up."""
    made = make_document(b"This one dies when read.", until="received")
    dying, tries = children.child_command, []

    def once(bounds: Bounds) -> list[str]:
        tries.append(1)
        command = dying(bounds)
        return command if len(tries) == 1 else [part.replace("dies", "-") for part in command]

    monkeypatch.setattr(children, "child_command", once)
    work.run_pending()
    scan()
    work.run_pending()
    assert made.row.clean_state == CleanState.READY
