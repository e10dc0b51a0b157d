"""What all hosts share, each a real server: PostgreSQL, Valkey, a bucket, a proxy with TLS."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
import redis
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.embedded import Postgres, Valkey, runtime_folder, wait_until
from config.process import Program, kill_group
from tests.hosts.network import Place, free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0
BUCKET = "sealed"
DOMAIN = "localhost"


@dataclass(slots=True)
class Shared:
    """Addresses and secrets of what all hosts share."""

    database_url: str
    redis_url: str
    s3_url: str
    s3_secret: str

    def bucket(self, bucket: str = BUCKET) -> dict[str, bytes]:
        """Return what lies in a bucket, by name."""
        client = self.s3()
        listed = client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            one["Key"]: client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
            for one in listed
        }

    def s3(self):  # type: ignore[no-untyped-def]  # boto3 has no types of its own
        """Return a client of the storage."""
        return boto3.client(
            "s3",
            "local",
            endpoint_url=self.s3_url,
            aws_access_key_id="blackbar",
            aws_secret_access_key=self.s3_secret,
            config=Config(retries={"max_attempts": 0}, connect_timeout=2, read_timeout=10),
        )


def program_path(name: str) -> str:
    """Return a program of the tests' requirements; skips the test, aloud, where it is missing."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: ./test installs it where it is to be had")
    return found


@contextlib.contextmanager
def shared_servers(folder: Path, address: str) -> Iterator[Shared]:
    """Start database, broker and bucket on an address, and stop them."""
    # Short: the server's socket lies in it.
    runtime = runtime_folder(folder)
    secret = secrets.token_hex(16)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, runtime, ignore_errors=True)
        database_url = stack.enter_context(_postgres(folder, runtime, address))
        redis_url = stack.enter_context(_valkey(folder, runtime, address))
        s3_url = stack.enter_context(_bucket(folder, address, secret))
        shared = Shared(database_url, redis_url, s3_url, secret)
        _wait(lambda: _makes_bucket(shared), "the storage")
        yield shared


@contextlib.contextmanager
def proxy(folder: Path, upstreams: list[Place]) -> Iterator[str]:
    """Start Caddy with deploy/Caddyfile in front of hosts, and return its address."""
    plain, tls = free_port("127.0.0.1"), free_port("127.0.0.1")
    options = (
        f"{{\n\thttp_port {plain}\n\thttps_port {tls}\n\tadmin off\n\tskip_install_trust\n}}\n"
    )
    (folder / "Caddyfile").write_text(options + (ROOT / "deploy" / "Caddyfile").read_text())
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "certificates"),
        "BLACKBAR_DOMAIN": DOMAIN,
        "BLACKBAR_UPSTREAMS": " ".join(f"{one.address}:{one.port}" for one in upstreams),
    }
    command = (program_path("caddy"), "run", "--config", "Caddyfile")
    with _running(Program("caddy", command, environment, folder), folder / "caddy.log"):
        url = f"https://{DOMAIN}:{tls}"
        _wait(lambda: _listens(tls), "the proxy")
        yield url


@contextlib.contextmanager
def _postgres(folder: Path, runtime: Path, address: str) -> Iterator[str]:
    postgres = Postgres(folder / "postgres", runtime, durable=False)
    postgres.prepare()
    with (postgres.data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {address}/24 trust\n")
    port, program = free_port(address), postgres.program()
    argv = [word for word in program.argv if word != "listen_addresses="]
    argv = [word for number, word in enumerate(argv) if argv[number : number + 2] != ["-c", "-c"]]
    argv += ["-c", f"listen_addresses={address}", "-c", f"port={port}", "-c", "max_connections=300"]
    program = dataclasses.replace(program, argv=tuple(argv))
    # Its own check asks the default port of its socket.
    asked = f"postgresql://blackbar@{address}:{port}/postgres"
    with _running(program, folder / "postgres.log"):
        _wait(lambda: _makes_database(asked), "PostgreSQL")
        yield asked.rpartition("/")[0] + "/blackbar"


@contextlib.contextmanager
def _valkey(folder: Path, runtime: Path, address: str) -> Iterator[str]:
    valkey = Valkey(folder / "valkey", runtime, durable=False)
    valkey.prepare()
    port, program = free_port(address), valkey.program()
    more = ("--port", str(port), "--bind", address, "--protected-mode", "no")
    program = dataclasses.replace(program, argv=(*program.argv, *more))
    url = f"redis://{address}:{port}/0"
    with _running(program, folder / "valkey.server.log"):
        _wait(valkey.is_ready, "Valkey")
        yield url


@contextlib.contextmanager
def _bucket(folder: Path, address: str, secret: str) -> Iterator[str]:
    data = folder / "bucket"
    data.mkdir()
    port = free_port(address)
    ports = {"s3.port": port}
    for name in ("master", "volume", "filer", "admin"):
        ports[f"{name}.port"] = free_port(address)
        ports[f"{name}.port.grpc"] = free_port(address)
    ports |= {"s3.port.iceberg": 0, "s3.port.lance": 0, "s3.port.grpc": free_port(address)}
    flags = [f"-{name}={number}" for name, number in ports.items()]
    flags += [f"-dir={data}", f"-ip={address}", f"-ip.bind={address}"]
    command = (program_path("weed"), "mini", *flags, "-webdav=false", "-admin.ui=false")
    credentials = {"AWS_ACCESS_KEY_ID": "blackbar", "AWS_SECRET_ACCESS_KEY": secret}
    environment = {"PATH": os.defpath, "HOME": str(folder), **credentials}
    with _running(Program("weed", command, environment, folder), folder / "weed.log"):
        yield f"http://{address}:{port}"


@contextlib.contextmanager
def _running(program: Program, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = program.start(log)
    try:
        yield process
    finally:
        process.send_signal(program.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(program.stop_seconds)
        kill_group(process, program.stop_signal.SIGKILL)
        process.wait()


def _makes_database(url: str) -> bool:
    import psycopg

    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute("CREATE DATABASE blackbar")
    except psycopg.OperationalError:
        return False
    return True


def _makes_bucket(shared: Shared) -> bool:
    try:
        shared.s3().create_bucket(Bucket=BUCKET)
    except (BotoCoreError, ClientError):
        return False
    return True


def _listens(port: int) -> bool:
    # Not asked for a page: it keeps a request while no host behind it is ready.
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def _wait(is_ready: Callable[[], bool], what: str) -> None:
    if not wait_until(is_ready, lambda: True, START_SECONDS):
        pytest.fail(f"{what} did not start")


def monitored(url: str) -> redis.Redis:
    """Return a client of the broker for looking at what goes through it."""
    assert urlsplit(url).scheme == "redis"
    return redis.Redis.from_url(url, socket_timeout=30)
