"""A hub on this machine that serves one checkpoint, and can fail in the ways a hub fails."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "someone/small"
COMMIT = "c0ffee" + "0" * 34
_BLOCK = 1 << 14


@dataclass
class FakeHub:
    """What it serves and how, and what it was asked for.

    files:         content by path
    status:        what everything is answered with instead, such as 503
    error_code:    the hub's own word for that, such as "RepoNotFound"
    cuts:          how many more downloads of `cut` end in the middle of the file
    cuts_at_start: these end before the first byte instead
    block_seconds: how long each block of a download takes
    asked:         (method, path, Range header) of each request
    """

    files: Mapping[str, bytes]
    status: int = 200
    error_code: str = ""
    cut: str = "model.safetensors"
    cuts: int = 0
    cuts_at_start: bool = False
    block_seconds: float = 0.0
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""

    def downloads(self, path: str) -> list[str]:
        """Return the Range headers with which a file's content was asked for."""
        end = f"/resolve/{COMMIT}/{path}"
        return [
            span
            for method, asked, span in self.asked
            if method == "GET" and asked[-len(end) :] == end
        ]


@contextmanager
def serve(hub: FakeHub) -> Iterator[FakeHub]:
    """Answer for a hub on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

        def _answer(self) -> None:
            path = self.path.partition("?")[0]
            hub.asked.append((self.command, path, self.headers.get("Range", "")))
            if hub.status != 200:
                self._send(hub.status, b"{}")
            elif path.startswith(f"/api/models/{NAME}/tree/"):
                self._send(200, json.dumps(_tree(hub.files)).encode())
            elif path.startswith(f"/api/models/{NAME}"):
                found = {"id": NAME, "sha": COMMIT, "siblings": []}
                self._send(200, json.dumps(found).encode())
            elif path.startswith(start := f"/{NAME}/resolve/{COMMIT}/"):
                self._send_file(path.removeprefix(start))
            else:
                self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

        def _send_file(self, path: str) -> None:
            content = hub.files[path]
            headers = {
                "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
                "X-Repo-Commit": COMMIT,
                "Accept-Ranges": "bytes",
            }
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            first = int(asked[1]) if asked else 0
            if asked:
                headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
            sent = len(content) - first
            if path == hub.cut and self.command == "GET" and hub.cuts:
                hub.cuts -= 1
                sent = 0 if hub.cuts_at_start else sent // 2
            self._send(206 if asked else 200, content[first:], headers, sent)

        def _send(
            self,
            status: int,
            content: bytes,
            more: Mapping[str, str] | None = None,
            sent: int | None = None,
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if hub.error_code:
                self.send_header("X-Error-Code", hub.error_code)
            for name, value in (more or {}).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            if sent is not None and sent < len(content):
                content = content[:sent]
                self.close_connection = True
            for start in range(0, len(content), _BLOCK):
                time.sleep(hub.block_seconds)
                self.wfile.write(content[start : start + _BLOCK])

    return Handler


def _tree(files: Mapping[str, bytes]) -> list[dict[str, object]]:
    return [
        {
            "type": "file",
            "path": path,
            "size": len(content),
            "oid": hashlib.sha1(content).hexdigest(),
        }
        for path, content in files.items()
    ]
