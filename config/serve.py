"""The server as ./run starts it: embedded servers, migrations, then the Procfile."""

from __future__ import annotations

import base64
import fcntl
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.embedded import EmbeddedError, Postgres, Valkey, runtime_folder
from config.process import Program
from config.secret_files import SecretFileError, with_files
from config.supervisor import Child, ProcfileError, Supervisor, read_procfile

ROOT = Path(__file__).resolve().parent.parent
# First no new requests, then no new work, then the servers below.
STOP_ORDER = (("web",), ("engine", "files", "documents"), ("beat",), ("valkey",), ("postgres",))
READY_SECONDS = 120.0


class StartError(Exception):
    """The server cannot start; the sentence goes to the user."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the web server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address as a person on this machine types it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}"


def main() -> None:
    """Serve until told to stop; one sentence and exit code 1 if that is not possible."""
    supervisor = Supervisor()
    try:
        address = read_address(os.environ)
        var = Path(os.environ.get("BLACKBAR_VAR") or ROOT / "var").resolve()
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = hold(var, address)
        check_port(address)
        env = child_environment(var, address)
        supervisor.listen_for_signals()
        serve(supervisor, var, env, address)
        os.close(lock)
    except (StartError, EmbeddedError, ProcfileError, SecretFileError) as exc:
        supervisor.stop(STOP_ORDER)
        sys.exit(str(exc))
    except KeyboardInterrupt:  # before the supervisor listens
        sys.exit(130)
    except OSError as exc:
        supervisor.stop(STOP_ORDER)
        sys.exit(f"{exc.filename or 'Something'} could not be used: {exc.strerror}.")


def serve(supervisor: Supervisor, var: Path, env: dict[str, str], address: Address) -> None:
    """Start everything in order, keep it going, and end it in order."""
    runtime = runtime_folder(var)
    try:
        if not env.get("DATABASE_URL"):
            postgres = Postgres(var / "postgres", runtime)
            start_embedded(supervisor, postgres)
            env["DATABASE_URL"] = postgres.url
        if not env.get("REDIS_URL"):
            valkey = Valkey(var / "valkey", runtime)
            start_embedded(supervisor, valkey)
            env["REDIS_URL"] = valkey.url
            env["CELERY_BROKER_URL"] = valkey.broker_url
        if not supervisor.stop_requested:
            start_processes(supervisor, env, address)
        supervisor.run()
        supervisor.say("", "Stopping ...")
        supervisor.stop(STOP_ORDER)
        supervisor.say("", "Stopped.")
    finally:
        supervisor.stop(STOP_ORDER)
        shutil.rmtree(runtime, ignore_errors=True)


def start_embedded(supervisor: Supervisor, server: Postgres | Valkey) -> None:
    """Start an embedded server and wait until it answers.

    Raises EmbeddedError or StartError; returns early if told to stop.
    """
    if supervisor.stop_requested:
        return
    server.prepare()
    program = server.program()
    child = supervisor.start(program)
    is_ready = supervisor.wait_for(server.is_ready, child, READY_SECONDS)
    if not is_ready and not supervisor.stop_requested:
        raise StartError(
            f"{program.name} did not start with the data in {server.data}; see its lines above."
        )


def start_processes(supervisor: Supervisor, env: Mapping[str, str], address: Address) -> None:
    """Migrate, start the Procfile's processes, and say where the server is.

    Raises StartError if that fails; returns early if told to stop.
    """
    python = env["PATH"].partition(os.pathsep)[0] + "/python"
    choice = subprocess.Popen(
        [python, "-c", CHOICE], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    prepare = Program("setup", (python, "-m", "config.prepare"), env, ROOT)
    if supervisor.run_once(prepare):
        raise StartError("Blackbar could not be set up; see the lines above.")
    sentence = choice.communicate()[0].strip()
    if choice.returncode:
        raise StartError(sentence)
    if supervisor.stop_requested:
        return
    children = [supervisor.start(program) for program in read_procfile(ROOT / "Procfile", env)]
    web = next(child for child in children if child.program.name == "web")
    if wait_for_web(supervisor, web, address):
        supervisor.say("", f"\nBlackbar is at {address.url}  (Ctrl-C stops it)\n{sentence}\n")


def wait_for_web(supervisor: Supervisor, web: Child, address: Address) -> bool:
    """Wait for the first answer; False if told to stop meanwhile."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not supervisor.stop_requested:
        if supervisor.wait_for(lambda: answers(address), web, 1.0):
            return True
    if supervisor.stop_requested:
        return False
    raise StartError(f"The web server did not answer within {READY_SECONDS:g} s.")


# Asked of the detection engine in a process of its own, which loads no weights.
CHOICE = """
import os, sys
try:
    from inference.engine.checkpoint import choice
    from inference.engine.errors import CheckpointError
except ModuleNotFoundError:
    sys.exit()
try:
    print(choice(os.environ.get("BLACKBAR_CHECKPOINT", "")))
except CheckpointError as exc:
    print(exc)
    sys.exit(1)
"""


def answers(address: Address) -> bool:
    """Say whether the web server answers its health check."""
    host = address.url.removeprefix("http://").rpartition(":")[0].strip("[]")
    connection = http.client.HTTPConnection(host, address.port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def read_address(env: Mapping[str, str]) -> Address:
    """Read BLACKBAR_BIND and BLACKBAR_PORT.

    Raises StartError if the port is no port.
    """
    raw = env.get("BLACKBAR_PORT") or "8000"
    if not raw.isdecimal() or not 0 < int(raw) < 65536:
        raise StartError("BLACKBAR_PORT must be a number between 1 and 65535.")
    return Address(env.get("BLACKBAR_BIND") or "127.0.0.1", int(raw))


def check_port(address: Address) -> None:
    """Raise StartError if the port is taken."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except PermissionError:
            raise StartError(f"Port {address.port} is only open to root here.") from None
        except OSError:
            raise StartError(
                f"Port {address.port} is taken by another program: end it, or choose another port"
                " with --port."
            ) from None


def hold(var: Path, address: Address) -> int:
    """Take the lock of the data folder and return its descriptor, to be kept open.

    Raises StartError that says who holds it.
    """
    descriptor = os.open(var / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.read(descriptor, 1000).decode("utf-8", "replace")
        os.close(descriptor)
        raise StartError(holder_sentence(text, var)) from None
    holder = {
        "pid": os.getpid(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        "port": address.port,
    }
    os.ftruncate(descriptor, 0)
    os.write(descriptor, json.dumps(holder).encode())
    return descriptor


def holder_sentence(text: str, var: Path) -> str:
    """Say who holds the data folder, as far as its lock tells."""
    try:
        holder = json.loads(text)
        who = f"process {holder['pid']} since {holder['since']}, on port {holder['port']}"
    except (ValueError, KeyError, TypeError):
        who = "another ./run that is just starting"
    return f"{var} is in use by {who}: stop it first, or set BLACKBAR_VAR to another folder."


def child_environment(var: Path, address: Address) -> dict[str, str]:
    """Return the environment of all processes: the shell's, plus what was not given.

    Raises StartError if data is there but its keys are not.
    """
    env = with_files(os.environ)
    env.update(read_or_make_secrets(var, env))
    env["BLACKBAR_VAR"] = str(var)
    env["BLACKBAR_BIND"] = address.host
    env["BLACKBAR_PORT"] = str(address.port)
    env.setdefault("BLACKBAR_DEBUG", "0")
    env["PYTHONUNBUFFERED"] = "1"
    if os.getuid() == 0:  # Celery says it three times at every start
        env["PYTHONWARNINGS"] = "ignore:You're running the worker"
    env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), env.get("PATH", os.defpath)))
    return env


def read_or_make_secrets(var: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets of the data folder, made at the first start; given ones come first.

    Raises StartError if data is there but its keys are not: with new ones it could not be read.
    """
    names = ("BLACKBAR_SECRET_KEY", "BLACKBAR_SERVICE_KEYS")
    given = {name: env[name] for name in names if env.get(name)}
    if len(given) == len(names):
        return given
    path = var / "secrets.env"
    if not path.exists():
        if (var / "postgres").exists():
            raise StartError(
                f"{path} is missing, and without it the data in {var} cannot be read: put it back,"
                " or move the folder away to start empty."
            )
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        fresh = {names[0]: secrets.token_urlsafe(48), names[1]: f"k1:{key}"}
        write_secrets(path, fresh)
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    if not set(names) <= set(kept) | set(given):
        raise StartError(f"{path} does not hold {' and '.join(names)}.")
    return kept | given


def write_secrets(path: Path, values: Mapping[str, str]) -> None:
    """Write a secrets file for its owner alone, whole or not at all."""
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("# Keep this file and back it up apart from the data: it opens what waits.\n")
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


if __name__ == "__main__":
    main()
