"""The Gradio dialect by its own clients, as installed from the registries, and by curl."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError, AuthenticationError

from tests.images.drawn import MAIL, encoded, letter
from tests.whole.conftest import ROOT, Server

CLIENTS = ROOT / "tests/clients"
ENDPOINTS = ["/create_paste", "/analyze_document", "/anonymize_screenshot", "/redact_document"]
TEXT = "Write to eve.kent@mail.example today."
REDACTED = "Write to <PRIVATE_EMAIL> today."
SPANS = [{"start": 9, "end": 30, "label": "private_email"}]
LONG = "Notes of the meeting with nothing to hide. The weather was fine and the tea was hot. "
FILE_DATA = {"path", "url", "size", "orig_name", "mime_type", "is_stream", "meta"}
NEW_KEY = """
import django
django.setup()
from accounts.keys import create_key
from accounts.models import Scope, User
owner = User.objects.create_user("{name}")
print(create_key(owner=owner, name="k", scopes=[Scope.REDACT]).bearer)
"""


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """A key of the running server."""
    code = NEW_KEY.format(name="k" + secrets.token_hex(4))
    made = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=server.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return made.stdout.split()[-1]


@pytest.fixture(scope="module")
def client(server: Server, key: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The Python client with a key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        connected = _connect(server.url, key, tmp_path_factory.mktemp("downloads"))
    yield connected
    connected.close()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A file with something private."""
    path = tmp_path / "note of eve.txt"
    path.write_text(TEXT)
    return path


def _connect(address: str, key: str | None, folder: Path) -> Client:
    headers = {"Authorization": f"Bearer {key}"} if key else None
    return Client(
        address,
        headers=headers,
        verbose=False,
        analytics_enabled=False,
        download_files=str(folder),
    )


def _assert_shared(server: Server, paste: dict[str, str]) -> None:
    assert set(paste) == {"view_path", "reveal_path"}
    path, _, token = paste["reveal_path"].partition("?token=")
    assert path == paste["view_path"]
    assert len(token) == 32
    assert httpx.get(f"{server.url}{path}/raw").text == REDACTED


class TestPython:
    """`gradio_client`."""

    def test_arguments_by_position_and_by_name(self, server: Server, client: Client) -> None:
        _assert_shared(server, client.predict(TEXT, "1h", api_name="/create_paste"))
        _assert_shared(server, client.predict(TEXT, api_name="/create_paste"))
        _assert_shared(server, client.predict(text=TEXT, ttl="7d", api_name="/create_paste"))
        _assert_shared(server, client.predict(TEXT, fn_index=0))

    @pytest.mark.parametrize("slash", ["", "/"])
    def test_without_a_key(self, server: Server, tmp_path: Path, slash: str) -> None:
        nobody = _connect(server.url + slash, None, tmp_path)
        _assert_shared(server, nobody.predict(text=TEXT, api_name="/create_paste"))

    def test_view_api(self, client: Client) -> None:
        shown = client.view_api(print_info=False, return_format="dict")
        assert list(shown["named_endpoints"]) == ENDPOINTS
        assert "predict(text, ttl, api_name=" in client.view_api(
            print_info=False, return_format="str"
        )

    def test_a_document(self, client: Client, note: Path) -> None:
        answer = client.predict(handle_file(str(note)), api_name="/analyze_document")
        assert set(answer) == {"text", "spans", "stats"}
        assert (answer["text"], answer["spans"]) == (TEXT, SPANS)
        assert answer["stats"]["counts"] == {"private_email": 1}

    def test_a_picture(self, client: Client, tmp_path: Path) -> None:
        path = tmp_path / "letter.png"
        path.write_bytes(encoded(letter()))
        answer = client.predict(image=handle_file(str(path)), api_name="/anonymize_screenshot")
        assert set(answer) == {"image_data_url", "width", "height", "boxes"}
        assert answer["image_data_url"].startswith("data:image/png;base64,iVBORw0KGgo")
        assert (answer["width"], answer["height"]) == letter().size
        assert all(set(box) == {"x", "y", "w", "h", "label", "text"} for box in answer["boxes"])
        mails = [box for box in answer["boxes"] if box["label"] == "private_email"]
        assert MAIL in [box["text"] for box in mails]

    def test_a_file_comes_back_clean(self, client: Client, note: Path) -> None:
        path = Path(client.predict(file=handle_file(str(note)), api_name="/redact_document"))
        assert (path.name, path.read_text()) == ("redacted.txt", REDACTED)

    def test_errors_say_what_is_wrong(self, client: Client, tmp_path: Path) -> None:
        with pytest.raises(AppError, match="ttl is never, or a time such as 10m, 1h, 7d"):
            client.predict(text=TEXT, ttl="soon", api_name="/create_paste")
        damaged = tmp_path / "damaged.pdf"
        damaged.write_bytes(b"%PDF-1.7\n" + b"\0" * 100)
        with pytest.raises(AppError, match="PDF is damaged"):
            client.predict(handle_file(str(damaged)), api_name="/analyze_document")
        with pytest.raises(AppError, match="fetches nothing from addresses"):
            client.predict(handle_file("http://127.0.0.1/x"), api_name="/analyze_document")

    def test_a_wrong_key_is_an_authentication_error(self, server: Server, tmp_path: Path) -> None:
        with pytest.raises(AuthenticationError):
            _connect(server.url, "blackbar_" + "0" * 32, tmp_path)

    def test_many_at_once(self, server: Server, client: Client) -> None:
        jobs = [client.submit(text=TEXT, api_name="/create_paste") for _ in range(12)]
        pastes = [job.result(timeout=60) for job in jobs]
        assert len({paste["view_path"] for paste in pastes}) == 12
        _assert_shared(server, pastes[-1])

    def test_a_call_is_cancelled_and_the_others_go_on(self, server: Server, client: Client) -> None:
        long = client.submit(text=LONG * 20_000, api_name="/create_paste")
        _wait_until_begun(server)
        other = client.submit(text=TEXT, api_name="/create_paste")
        assert long.cancel()
        with pytest.raises((CancelledError, AppError)):
            long.result(timeout=60)
        _assert_shared(server, other.result(timeout=60))
        assert _long_pastes(server) == 0


def _long_pastes(server: Server) -> int:
    rows = server.query(
        "SELECT count(*) FROM inference_scan WHERE characters = %s", len(LONG) * 20_000
    )
    return int(str(rows[0][0]))


def _wait_until_begun(server: Server) -> None:
    """Wait until the long text has been taken."""
    for _ in range(600):
        if _long_pastes(server):
            return
        server.query("SELECT pg_sleep(0.05)")
    pytest.fail("the call did not begin")


@pytest.fixture(scope="module")
def installed() -> None:
    """Install what the lock of the JavaScript clients names."""
    subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=CLIENTS, check=True
    )


@pytest.mark.usefixtures("installed")
@pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("npm") is None, reason="there is no node or npm"
)
class TestJavaScript:
    """`@gradio/client`, installed from tests/clients/package-lock.json."""

    def _run(self, scenario: str, server: Server, key: str = "") -> Any:
        done = subprocess.run(
            ["node", "gradio.mjs", scenario, server.url, *([key] if key else [])],
            cwd=CLIENTS, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def test_arguments_by_name_and_by_position(self, server: Server, key: str) -> None:
        for data in self._run("paste", server, key):
            (paste,) = data
            _assert_shared(server, paste)

    def test_without_a_key(self, server: Server) -> None:
        assert self._run("endpoints", server) == ENDPOINTS

    def test_a_document(self, server: Server, key: str) -> None:
        answer = self._run("document", server, key)
        assert set(answer) == {"text", "spans", "stats"}
        assert (answer["text"], answer["spans"]) == (TEXT, SPANS)

    def test_a_file_comes_back_clean_and_is_never_shown(self, server: Server, key: str) -> None:
        answer = self._run("file", server, key)
        assert set(answer["data"]) == FILE_DATA
        assert answer["data"]["meta"] == {"_type": "gradio.FileData"}
        assert (answer["type"], answer["text"]) == ("application/octet-stream", REDACTED)

    def test_an_error_says_what_is_wrong(self, server: Server, key: str) -> None:
        answer = self._run("error", server, key)
        assert answer["is_error"]
        assert answer["stage"] == "error"
        assert answer["message"].startswith("ttl is never")

    def test_many_at_once(self, server: Server, key: str) -> None:
        assert len(set(self._run("many", server, key))) == 8

    def test_a_call_is_cancelled_and_the_others_go_on(self, server: Server, key: str) -> None:
        answer = self._run("cancel", server, key)
        assert answer["last"] == ["status", "error", "This call was cancelled."]
        _assert_shared(server, answer["other"][0])


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("version", "sent"), [("", {"data": [TEXT]}), ("v2/", {"text": TEXT, "ttl": "1h"})]
)
def test_curl_as_gradio_publishes_it(
    server: Server, key: str, version: str, sent: dict[str, Any], slash: str
) -> None:
    """The snippet of a Gradio app's API page; `read` needs a group in a shell without lastpipe."""
    program = """
        curl -X POST $SERVER/gradio_api/call/${VERSION}create_paste$SLASH -s \
          -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" -d "$SENT" \
          | awk -F'"' '{ print $4}' \
          | { read EVENT_ID; curl -sN $SERVER/gradio_api/call/create_paste/$EVENT_ID$SLASH \
          -H "Authorization: Bearer $KEY"; }
    """
    variables = {
        "SERVER": server.url, "KEY": key, "VERSION": version, "SENT": json.dumps(sent),
        "SLASH": slash,
    }  # fmt: skip
    done = subprocess.run(
        ["sh", "-c", program],
        env={**os.environ, **variables}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    event, data, *rest = done.stdout.split("\n")
    assert (event, rest) == ("event: complete", ["", ""])
    (paste,) = json.loads(data.removeprefix("data: "))
    _assert_shared(server, paste)


def test_waiting_streams_leave_the_threads_to_others(server: Server, key: str) -> None:
    """The server has 16 threads; 40 streams wait, and it still answers."""
    api = f"{server.url}/gradio_api"
    headers = {"Authorization": f"Bearer {key}"}
    sent = {"data": [LONG * 20_000], "fn_index": 0, "session_hash": "s" + secrets.token_hex(8)}
    event_id = httpx.post(f"{api}/queue/join", json=sent, headers=headers).json()["event_id"]
    streams = []
    try:
        for _ in range(40):
            stream = _open_stream(server.url, sent["session_hash"], key)
            streams.append(stream)
            assert stream.recv(12) == b"HTTP/1.1 200"
        assert httpx.get(f"{server.url}/healthz", timeout=20).status_code == 200
        assert _long_pastes(server) == 1  # none of them was turned away
    finally:
        httpx.post(f"{api}/cancel", json={"event_id": event_id}, headers=headers)
        for stream in streams:
            stream.close()


def _open_stream(url: str, session_hash: object, key: str) -> socket.socket:
    parts = urlsplit(url)
    stream = socket.create_connection((parts.hostname, parts.port), timeout=20)
    stream.sendall(
        f"GET /gradio_api/queue/data?session_hash={session_hash} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {key}\r\n\r\n".encode()
    )
    return stream
