"""First step of ./run and ./test: the virtual environment, then the rest inside it.

Runs on the bare Python of the machine, so it uses the standard library alone.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# pip's settings and the variables by which uv takes the same.
PIP_SETTINGS = {
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "cert": "SSL_CERT_FILE",
}
TORCH_FLAG = "--torch"
HUB_NAME = re.compile(r"[\w][\w.-]*/[\w][\w.-]*")
OFFLINE_SIGNS = (
    "connection",
    "dns error",
    "name resolution",
    "network",
    "newconnectionerror",
    "timed out",
)


class InstallError(Exception):
    """The environment could not be made; the user sees the sentence and nothing is started."""


def main(arguments: Sequence[str]) -> None:
    """Install what `run` or `test` needs and become that program."""
    program, *rest = arguments
    # Without compiled files each of the server's processes would compile Django for itself.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        if program == "test":
            # What runs on PyTorch is tested where gigabytes may be fetched for it.
            install(["test", "training"] if TORCH_FLAG in rest else ["test"])
            rest = [argument for argument in rest if argument != TORCH_FLAG]
            command = [str(PYTHON), "-m", "tests", *rest]
        else:
            options = parse(rest)
            for name in ("port", "checkpoint"):
                if getattr(options, name) is not None:
                    os.environ[f"BLACKBAR_{name.upper()}"] = str(getattr(options, name))
            checkpoint = os.environ.get("BLACKBAR_CHECKPOINT", "")
            if checkpoint and Path(checkpoint).expanduser().is_dir():
                checkpoint = str(Path(checkpoint).expanduser().resolve())
                os.environ["BLACKBAR_CHECKPOINT"] = checkpoint
            install(["base", "privacy-filter"] if needs_torch(checkpoint) else ["base"])
            command = [str(PYTHON), "-m", "config.serve"]
    except InstallError as exc:
        sys.exit(str(exc))
    except KeyboardInterrupt:
        sys.exit(130)
    os.chdir(ROOT)
    os.execv(command[0], command)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the options of ./run."""
    parser = argparse.ArgumentParser(
        prog="./run",
        description="Sets Blackbar up and serves it until Ctrl-C.",
        epilog="Data stays in ./var. With DATABASE_URL or REDIS_URL set, those servers are used"
        " instead of the embedded ones. docs/settings.md describes all settings.",
    )
    parser.add_argument("--port", type=int, help="port on this machine (default 8000)")
    parser.add_argument(
        "--checkpoint",
        metavar="NAME_OR_DIR",
        help="compact (comes with Blackbar), openai/privacy-filter, another name on the hub, or a"
        " directory; what needs PyTorch installs it first",
    )
    options = parser.parse_args(arguments)
    if options.port is not None and not 0 < options.port < 65536:
        parser.error("the port must lie between 1 and 65535")
    return options


def needs_torch(checkpoint: str) -> bool:
    """Say whether a checkpoint runs on PyTorch, as all but `compact` and directories like it do."""
    directory = Path(checkpoint).expanduser()
    if checkpoint and directory.is_dir():
        return not any(directory.glob("*.onnx"))
    return HUB_NAME.fullmatch(checkpoint) is not None


def install(locks: Sequence[str]) -> None:
    """Bring the virtual environment up to date with lock files of requirements/.

    Raises InstallError with one sentence.
    """
    # Two starts at once must not write to one environment; the folder itself is the lock.
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if not PYTHON.exists() or not (VENV / "made").exists():
            print("Making the virtual environment in .venv ...", flush=True)
            make_venv()
        for lock in locks:
            requirements = ROOT / "requirements" / f"{lock}.txt"
            wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
            stamp = VENV / f"{lock}.sha256"
            if stamp.exists() and stamp.read_text() == wanted:
                continue
            print(f"Installing requirements/{lock}.txt ...", flush=True)
            install_lock(requirements)
            stamp.write_text(wanted)
    except OSError as exc:
        raise InstallError(f"The environment could not be written: {exc.strerror}.") from exc
    finally:
        os.close(folder)


def make_venv() -> None:
    """Make .venv anew with the Python that runs this."""
    uv = shutil.which("uv")
    if uv:
        attempt([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)])
    else:
        attempt([sys.executable, "-m", "venv", "--clear", str(VENV)])
    (VENV / "made").touch()


def install_lock(requirements: Path) -> None:
    """Install a lock file with uv where it can be had, else with pip."""
    uv = shutil.which("uv") or own_uv()
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "-r", str(requirements)]
    if uv is None:
        attempt(pip)
        return
    environment = {**uv_settings(), **os.environ}
    command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), "-r", str(requirements)]
    # uv reads some package sources otherwise than pip does, so pip has the last word.
    if (VENV / "bin" / "pip").exists():
        if subprocess.run(command, env=environment, capture_output=True).returncode:
            attempt(pip)
    else:
        attempt(command, environment)


def own_uv() -> str | None:
    """Install uv into the environment: ten times as fast as pip, but nothing depends on it."""
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "uv"]
        subprocess.run(pip, capture_output=True)
    return str(uv) if uv.exists() else None


def uv_settings() -> dict[str, str]:
    """Return pip's own settings on this machine in the form that uv takes."""
    pip = [str(PYTHON), "-m", "pip", "config", "list"]
    listing = subprocess.run(pip, capture_output=True, text=True).stdout
    found: dict[str, str] = {}
    for line in listing.splitlines():
        name, _, value = line.partition("=")
        variable = PIP_SETTINGS.get(name.rpartition(".")[2])
        if variable:
            found[variable] = value.strip("'\"").replace("\\n", " ")
    # As pip does it: all sources are equal. The locks' hashes say what may come from them.
    found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if "UV_FIND_LINKS" in found:  # pip separates by spaces, uv by commas
        found["UV_FIND_LINKS"] = ",".join(found["UV_FIND_LINKS"].split())
    return found


def attempt(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Run a step of the installation.

    Raises InstallError that says in one sentence what stopped it, after the step's own last lines.
    """
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode == 0:
        return
    output = (done.stdout + done.stderr).strip()
    print("\n".join(output.splitlines()[-8:]), file=sys.stderr)
    lowered = output.lower()
    if "no space left" in lowered:
        raise InstallError("The disk is full: the environment in .venv could not be written.")
    if "ensurepip" in lowered:
        raise InstallError(
            "This Python cannot make virtual environments: install its venv package"
            " (python3-venv on Debian and Ubuntu) or uv."
        )
    if any(sign in lowered for sign in OFFLINE_SIGNS):
        raise InstallError(
            "The packages could not be fetched: the first start needs a network, or a folder of"
            " wheels in pip's find-links setting."
        )
    raise InstallError(f"The installation stopped with exit code {done.returncode}; see above.")


if __name__ == "__main__":
    main(sys.argv[1:])
