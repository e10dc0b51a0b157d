"""Addresses that somebody hands in: the server asks none but a webhook's, and no private one.

What counts as private, and that a name cannot change its mind between check and call, is in
tests/webhooks/.
"""

from __future__ import annotations

import ast
import json
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.keys import create_key
from accounts.models import Scope, User
from documents import work
from tests.pastebin.world import Make, Scan, committed
from webhooks.models import Webhook

pytestmark = committed
ROOT = Path(__file__).parents[2]
# What opens connections, and why. The rest of the server imports nothing that could.
OPENERS = {
    "api/gradio/detached.py": "goes on with a connection that a client opened",
    "config": "is the processes themselves: listening, asking one's own server whether it is ready",
    "documents/formats/template.py": "answers on the pair of sockets that it was started with",
    "documents/children.py": "starts such a process with its end of that pair",
    "documents/template.py": "talks over pairs of sockets with the process that it started",
    "inference/worker.py": "says the name of its machine",
    "webhooks/sending.py": "sends webhooks, to the address that was checked",
}
_CLIENTS = re.compile(
    r"(?:socket|http\.client|urllib\.request|urllib3|requests|httpx|aiohttp|ftplib|telnetlib)$"
)
PACKAGES = (
    "accounts", "anonymizer", "api", "audit", "config", "documents", "entries", "images",
    "inference", "library", "moderation", "oversight", "pastebin", "policies", "review",
    "sharing", "vault", "webhooks", "workspaces",
)  # fmt: skip


class Listener:
    """A service of the private network, which counts who knocks."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.knocks = 0
        threading.Thread(target=self._count, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/"

    def close(self) -> None:
        """End it."""
        self._socket.close()

    def _count(self) -> None:
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return
            self.knocks += 1


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A service that nobody may reach through the server."""
    made = Listener()
    yield made
    made.close()


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_webhooks_are_sent_anywhere() -> None:
    found = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            name = str(file.relative_to(ROOT))
            # Weights are fetched by a command, before the server starts.
            if "engine/" not in name and any(_CLIENTS.match(one) for one in _imports(file)):
                found.add("config" if name.startswith("config/") else name)
    assert found == set(OPENERS)


@pytest.mark.parametrize("form", ["{}", "{}?x=.example.org", "//{}", "http://x@{}"])
def test_a_webhook_to_the_inside_is_refused(
    alice: User, client: Client, listener: Listener, form: str
) -> None:
    url = form.format(listener.url if form.startswith("{") else listener.url[7:])
    bearer = create_key(owner=alice, name="k", scopes=list(Scope)).bearer
    made = client.post(
        "/api/v1/webhooks",
        json.dumps({"url": url}),
        "application/json",
        headers={"Authorization": f"Bearer {bearer}"},
    )
    assert made.status_code == 422
    client.force_login(alice)
    client.post("/accounts/webhooks/", {"url": url})
    assert not Webhook.objects.exists()
    assert listener.knocks == 0


@pytest.mark.parametrize("name", ["analyze_document", "redact_document", "anonymize_screenshot"])
def test_a_gradio_call_fetches_no_address(client: Client, listener: Listener, name: str) -> None:
    for file in (
        {"path": listener.url, "url": listener.url, "meta": {"_type": "gradio.FileData"}},
        {"path": "a.txt", "url": listener.url, "meta": {"_type": "gradio.FileData"}},
    ):
        body = json.dumps({"data": [file]})
        answer = client.post(f"/gradio_api/run/{name}", body, "application/json")
        assert answer.status_code >= 400
    assert listener.knocks == 0


def test_texts_titles_and_files_that_name_addresses_fetch_none(
    make: Make, scan: Scan, client: Client, listener: Listener
) -> None:
    """Nor do parsers: a picture of a page, a stylesheet, a frame, a part of a mail elsewhere."""
    url = listener.url
    make(f"See {url} for more.", title=url)
    files = {
        "a.html": f'<img src="{url}"><link rel=stylesheet href="{url}"><iframe src="{url}">',
        "b.md": f"![x]({url})\n\n[y]({url})\n",
        "c.eml": f"From: a@b.example\nContent-Type: message/external-body; URL={url}\n\n{url}\n",
        "d.txt": url,
    }
    for name, text in files.items():
        fields = {
            "file": SimpleUploadedFile(name, text.encode()),
            "expires": "1h",
            "style": "placeholder",
            "operating_point": "balanced",
        }
        assert client.post("/documents/", fields).status_code == 302, name
    work.run_pending()
    scan()
    work.run_pending()
    assert listener.knocks == 0
