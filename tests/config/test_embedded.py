"""The embedded servers, started for real in a folder of their own."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import (
    EmbeddedError,
    Postgres,
    Valkey,
    initdb_sentence,
    runtime_folder,
    wait_until,
)
from config.process import kill_group

PATIENCE_SECONDS = 60.0


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Path]:
    folder = runtime_folder(tmp_path)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Running:
    """A started server, to be killed by the test."""

    def __init__(self, server: Postgres | Valkey) -> None:
        server.prepare()
        log = Path(f"{server.data}.log")
        self.process = server.program().start(log)
        is_up = wait_until(server.is_ready, lambda: self.process.poll() is None, PATIENCE_SECONDS)
        assert is_up, log.read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        kill_group(self.process, signal.SIGKILL)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()


def test_committed_rows_survive_a_kill(tmp_path: Path, runtime: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", runtime)
    with Running(postgres) as running:
        with psycopg.connect(postgres.url) as connection:
            connection.execute("CREATE TABLE kept (number int)")
            connection.execute("INSERT INTO kept VALUES (7)")
        running.kill()
    with Running(postgres), psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_leftover_postgres_is_ended_before_the_next_start(tmp_path: Path, runtime: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", runtime, durable=False)
    with Running(postgres) as leftover:
        with Running(postgres), psycopg.connect(postgres.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert leftover.process.wait() is not None


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(tmp_path: Path, runtime: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", runtime, durable=False)
    postgres.prepare()
    stranger = f"{os.getpid()}\n{postgres.data}\n"
    (postgres.data / "postmaster.pid").write_text(stranger)
    (postgres.sockets / ".s.PGSQL.5432.lock").write_text(stranger)
    with Running(postgres):
        pass


def test_an_interrupted_first_start_is_begun_again(tmp_path: Path, runtime: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "half").touch()
    with Running(Postgres(tmp_path / "postgres", runtime, durable=False)):
        pass


def test_postgres_never_logs_a_statement_or_a_row(tmp_path: Path, runtime: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", runtime, durable=False)
    with (
        Running(postgres),
        psycopg.connect(postgres.url, autocommit=True, cursor_factory=psycopg.ClientCursor) as c,
    ):
        c.execute("CREATE TABLE once (word text UNIQUE)")
        c.execute("INSERT INTO once VALUES (%s)", ["marigold"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            c.execute("INSERT INTO once VALUES (%s)", ["marigold"])
    assert "marigold" not in Path(f"{postgres.data}.log").read_text()


def test_another_versions_data_is_one_sentence(tmp_path: Path, runtime: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", runtime, durable=False)
    postgres.prepare()
    (postgres.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match="was made by PostgreSQL 12"):
        postgres.prepare()


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    output = "initdb: error: could not write file: No space left on device"
    assert initdb_sentence(output, tmp_path).startswith("The disk is full")


def test_valkey_keeps_its_keys_over_a_restart(tmp_path: Path, runtime: Path) -> None:
    valkey = Valkey(tmp_path / "valkey", runtime)
    with Running(valkey) as running:
        redis.Redis.from_url(valkey.url).set("kept", "7")
        running.process.terminate()
        running.process.wait()
    with Running(valkey):
        assert redis.Redis.from_url(valkey.url).get("kept") == b"7"


def test_valkey_listens_on_no_port(tmp_path: Path, runtime: Path) -> None:
    valkey = Valkey(tmp_path / "valkey", runtime)
    with Running(valkey):
        assert redis.Redis.from_url(valkey.url).config_get("port") == {"port": "0"}
        assert valkey.socket.stat().st_mode & 0o077 == 0


def test_sockets_lie_in_a_short_private_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 40)
    deep.mkdir()
    folder = runtime_folder(deep)
    try:
        assert len(os.fsencode(folder / "postgres" / ".s.PGSQL.5432")) < 103
        assert folder.stat().st_mode & 0o066 == 0
        assert runtime_folder(deep) == folder
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_strangers_folder_is_not_used(tmp_path: Path) -> None:
    folder = runtime_folder(tmp_path)
    try:
        os.chown(folder, 65534, 65534)
        with pytest.raises(EmbeddedError, match="belongs to somebody else"):
            runtime_folder(tmp_path)
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root runs PostgreSQL as another user")
def test_root_can_keep_data_where_nobody_else_can_pass(tmp_path: Path, runtime: Path) -> None:
    tmp_path.chmod(0o700)
    postgres = Postgres(tmp_path / "postgres", runtime, durable=False)
    with Running(postgres), psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert postgres.data.stat().st_uid != 0
