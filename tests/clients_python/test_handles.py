"""What the MCP server remembers, and which files it touches."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from blackbar import ConfigurationError
from blackbar.answers import Fields
from blackbar.handles import Handles
from blackbar.roots import PathError, RestoreFolder, Roots
from blackbar.texts import Redacted, redacted_from
from tests.clients_python.scripted import REDACTED


@pytest.fixture
def redacted() -> Redacted:
    return redacted_from(Fields(REDACTED))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is open, beside one that is not."""
    (tmp_path / "open" / "inner").mkdir(parents=True)
    (tmp_path / "open" / "inner" / "note.txt").write_text("a note")
    (tmp_path / "secret.txt").write_text("a secret")
    return tmp_path / "open"


def test_a_handle_finds_what_restores_and_not_the_text(redacted: Redacted) -> None:
    handles = Handles(10, 60)
    handle = handles.keep(redacted)
    assert handle is not None
    kept = handles.find(handle)
    assert kept is not None
    assert (kept.text, kept.map) == ("", redacted.map)
    assert handles.find("another") is None


def test_a_text_that_cannot_be_restored_has_no_handle(redacted: Redacted) -> None:
    masked = redacted_from(Fields(REDACTED | {"entities": []}))
    handles = Handles(10, 60)
    assert handles.keep(masked) is None
    assert len(handles) == 0


def test_handles_expire(redacted: Redacted) -> None:
    now = 0.0
    handles = Handles(10, 60, clock=lambda: now)
    handle = handles.keep(redacted)
    assert handle is not None
    now = 59.0
    assert handles.find(handle) is not None
    now = 60.0
    assert handles.find(handle) is None
    assert len(handles) == 0


def test_the_oldest_handle_goes_when_there_are_too_many(redacted: Redacted) -> None:
    handles = Handles(2, 60)
    made = [handles.keep(redacted) for _ in range(3)]
    assert [handles.find(handle or "") is not None for handle in made] == [False, True, True]


def test_files_below_a_root_are_read(folder: Path) -> None:
    roots = Roots([folder])
    assert roots.read("inner/note.txt") == ("note.txt", b"a note")
    assert roots.read(str(folder / "inner" / ".." / "inner" / "note.txt"))[1] == b"a note"


def test_nothing_else_is_read_and_all_refusals_are_alike(folder: Path) -> None:
    (folder / "link").symlink_to(folder.parent / "secret.txt")
    (folder / "up").symlink_to(folder.parent)
    (folder / "round").symlink_to(folder / "round")
    roots = Roots([folder])
    told = set()
    for name in ("../secret.txt", "../nothing.txt", "link", "up/secret.txt", "/etc/passwd", ""):
        with pytest.raises(PathError) as caught:
            roots.read(name)
        told.add(str(caught.value))
    assert len(told) == 1
    for name in ("round", "a\0b", "inner", "nothing.txt"):
        with pytest.raises(PathError):
            roots.read(name)


def test_a_pipe_is_no_file_and_does_not_block(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(PathError, match="no file"):
        Roots([folder]).read("pipe")


def test_a_link_put_there_after_the_check_leads_nowhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = Roots([folder])
    place = roots._place("inner/note.txt")
    (folder / "inner" / "note.txt").unlink()
    (folder / "inner").rmdir()
    (folder / "inner").symlink_to(folder.parent)
    (folder.parent / "note.txt").write_text("a secret")
    monkeypatch.setattr(roots, "_place", lambda name: place)
    with pytest.raises(PathError):
        roots.read("inner/note.txt")


def test_no_root_reads_nothing(folder: Path) -> None:
    with pytest.raises(PathError, match="--root"):
        Roots([]).read(str(folder / "inner" / "note.txt"))


def test_a_new_file_replaces_none(folder: Path) -> None:
    roots = Roots([folder])
    assert roots.create("inner/new.txt") == folder.resolve() / "inner" / "new.txt"
    for name in ("inner/note.txt", "../new.txt", "nothing/new.txt"):
        with pytest.raises(PathError):
            roots.create(name)


def test_restored_texts_lie_apart_and_are_private(folder: Path, tmp_path: Path) -> None:
    restored = RestoreFolder(tmp_path / "mine", Roots([folder]))
    first, second = restored.save(b"a", "letter.txt"), restored.save(b"b", "letter.txt")
    assert (first.read_bytes(), second.read_bytes()) == (b"a", b"b")
    assert first.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o700
    for name in ("../letter.txt", "/letter.txt", ".profile", "a/b", "", "a\nb"):
        with pytest.raises(PathError):
            restored.save(b"c", name or " ")


@pytest.mark.parametrize("place", [".", "inner", ".."])
def test_the_folder_of_restored_texts_may_not_be_open(folder: Path, place: str) -> None:
    with pytest.raises(ConfigurationError, match="apart"):
        RestoreFolder(folder / place, Roots([folder]))
