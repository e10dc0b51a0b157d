"""A backup, restored onto an empty machine, opens old private links and files."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg
import pytest

from tests.whole.conftest import ROOT, Server, Visitor

MAIL = "quirinalia@zablocka.example"


@pytest.fixture
def elsewhere(server: Server, tmp_path: Path) -> dict[str, str]:
    """The environment of an empty machine: another database and storage, the same keys."""
    name = f"elsewhere_{os.getpid()}"
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    before, _, query = server.database_url.partition("?")
    url = before.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
    return {**server.environment, "DATABASE_URL": url, "BLACKBAR_VAR": str(tmp_path / "var")}


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of manage.py."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def archive(server: Server, visitor: Visitor, tmp_path: Path) -> tuple[Path, str, str]:
    """A backup, with the id and the token of a paste in it."""
    made = visitor.make(f"Call {MAIL} about the lease.")
    # And one of an account, whose key the service keeps.
    code = (
        "from accounts.models import User; from pastebin.services import create_paste;"
        "ada, _ = User.objects.get_or_create(username='ada');"
        "create_paste(text='Of Ada.', owner=ada)"
    )
    assert manage(server.environment, "shell", "--no-imports", "-c", code).returncode == 0
    path = tmp_path / "all.tar"
    done = manage(server.environment, "backup", str(path))
    assert done.returncode == 0, done.stderr
    return path, made.pid, made.token


def test_it_opens_old_private_links_on_an_empty_machine(
    archive: tuple[Path, str, str], elsewhere: dict[str, str]
) -> None:
    path, pid, token = archive
    done = manage(elsewhere, "restore", str(path))
    assert done.returncode == 0, done.stderr
    assert manage(elsewhere, "migrate", "--check").returncode == 0
    code = (
        "from pastebin.models import Paste; from pastebin.services import read_original;"
        f"paste = Paste.objects.get(pk={pid!r});"
        f"key = paste.envelope.open_with_token({token!r});"
        "print(read_original(paste, key).text)"
    )
    shown = manage(elsewhere, "shell", "--no-imports", "-c", code)
    assert MAIL in shown.stdout, shown.stderr


def test_it_holds_no_key_and_no_original(server: Server, archive: tuple[Path, str, str]) -> None:
    path, pid, token = archive
    content = path.read_bytes()
    assert pid.encode() in content
    assert path.stat().st_mode & 0o077 == 0
    secrets = [token, MAIL, server.environment["BLACKBAR_SECRET_KEY"]]
    secrets += [
        one.partition(":")[2] for one in server.environment["BLACKBAR_SERVICE_KEYS"].split(",")
    ]
    for secret in secrets:
        assert secret.encode() not in content


def test_a_server_that_holds_something_is_left_as_it_is(
    server: Server, archive: tuple[Path, str, str]
) -> None:
    before = server.query("SELECT count(*) FROM vault_envelope")
    done = manage(server.environment, "restore", str(archive[0]))
    assert done.returncode != 0
    assert "holds something" in done.stderr
    assert server.query("SELECT count(*) FROM vault_envelope") == before


@pytest.mark.parametrize("damage", ["cut", "changed", "nothing"])
def test_a_damaged_archive_restores_nothing(
    archive: tuple[Path, str, str], elsewhere: dict[str, str], tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "damaged.tar"
    content = archive[0].read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) * 2 // 3])
    elif damage == "nothing":
        path.write_bytes(b"")
    else:
        _with_another_dump(archive[0], path)
    done = manage(elsewhere, "restore", str(path))
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    with psycopg.connect(elsewhere["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT to_regclass('vault_envelope')").fetchone()
    assert found == (None,)


def test_a_path_that_is_taken_is_not_overwritten(
    server: Server, archive: tuple[Path, str, str]
) -> None:
    before = archive[0].read_bytes()
    done = manage(server.environment, "backup", str(archive[0]))
    assert done.returncode != 0
    assert "Nothing was overwritten" in done.stderr
    assert archive[0].read_bytes() == before


def test_another_service_key_is_noticed(
    archive: tuple[Path, str, str], elsewhere: dict[str, str]
) -> None:
    other = {**elsewhere, "BLACKBAR_SERVICE_KEYS": "other:" + "QUJD" * 10 + "QUI="}
    done = manage(other, "restore", str(archive[0]))
    assert done.returncode != 0
    assert "BLACKBAR_SERVICE_KEYS opens 0 of" in done.stderr


def _with_another_dump(source: Path, target: Path) -> None:
    """Write an archive whose dump is another than the one that its manifest names."""
    with tarfile.open(source) as old, tarfile.open(target, "w:") as new:
        for member in old.getmembers():
            stream = old.extractfile(member)
            assert stream is not None
            content = stream.read()
            if member.name == "database.sql":
                content = content.replace(b"CREATE TABLE", b"CREATE  TABLE", 1)
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
