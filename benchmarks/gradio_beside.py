"""The same calls in Gradio's protocol, to Blackbar and to a gradio.Server beside it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
GRADIO = "gradio==6.31.0"
START_SECONDS = 180


class GradioCaller:
    """Somebody who calls `create_paste` as curl does: POST, then the stream of its events."""

    def __init__(self, url: str, key: str = "") -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._headers = {"Content-Type": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def call(self, text: str) -> None:
        """Make a call and wait for its result."""
        path = "/gradio_api/call/create_paste"
        begun = self._ask("POST", path, json.dumps({"data": [text, "1h"]}))
        events = self._ask("GET", f"{path}/{json.loads(begun)['event_id']}")
        if b"event: complete" not in events:
            raise SystemExit("A call was not completed.")

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        return ask(self._connection, method, path, body, self._headers)


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str | None,
    headers: dict[str, str],
) -> bytes:
    """Return the body of an answer; asks once more if the server had ended an idle connection."""
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
    except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
        connection.close()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        raise SystemExit(f"{path} answered {response.status}.")
    return content


def gradio_python(given: str | None) -> str:
    """Return a Python that has gradio: the given one, or of an environment made here, once."""
    if given:
        return given
    folder = Path(os.environ.get("BLACKBAR_VAR") or ROOT / "var") / "benchmarks" / "gradio"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", GRADIO], check=True)
    return str(python)


@contextmanager
def gradio_server(python: str, threads: int, concurrency: int = 1) -> Iterator[str]:
    """Run the gradio.Server and yield its address.

    threads:     of its engine, for one call
    concurrency: calls that it does at once
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    packages = sysconfig.get_path("purelib")
    numbers = [str(port), str(threads), str(concurrency)]
    command = [python, "benchmarks/gradio_app.py", *numbers, packages]
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/config")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    sys.exit("The gradio.Server did not start.")
