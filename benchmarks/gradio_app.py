"""A minimal gradio.Server around the same engine, for the other benchmarks to be measured against.

    python benchmarks/gradio_app.py PORT THREADS CONCURRENCY SITE-PACKAGES

runs in an environment that holds gradio; what the engine needs comes from the project's own
SITE-PACKAGES. Like the published app: the paste lies in a dict, a page is made of it at each view.
CONCURRENCY is how many calls are done at once: the published app has 1.
"""

from __future__ import annotations

import html
import secrets
import sys
import time
from pathlib import Path
from typing import Any

# Behind its own packages: gradio's versions come first.
sys.path += [str(Path(__file__).resolve().parent.parent), *sys.argv[4:]]

import gradio  # type: ignore[import-not-found]
from fastapi.responses import HTMLResponse  # type: ignore[import-not-found]

from inference.engine.engine import Engine

# Token, original, redacted text, spans, end.
PASTES: dict[str, tuple[str, str, str, list[Any], float]] = {}
PAGE = (
    "<!doctype html><title>Redacted paste</title><main><h1>Redacted paste</h1><pre>{}</pre></main>"
)
engine = Engine.load("compact", int(sys.argv[2]))
server = gradio.Server()


def create_paste(text: str, ttl: str = "never") -> dict[str, str]:
    """Detect, redact, keep."""
    (detection,) = engine.detect([text])
    spans = [(span.start, span.end, span.label) for span in detection.spans]
    pieces, end = [], 0
    for start, stop, label in spans:
        pieces += [text[end:start], f"<{label.upper()}>"]
        end = stop
    redacted = "".join([*pieces, text[end:]])
    pid, token = secrets.token_urlsafe(6), secrets.token_urlsafe(22)
    PASTES[pid] = (token, text, redacted, spans, time.time() + 3600)
    return {"view_path": f"/view/{pid}", "reveal_path": f"/view/{pid}?token={token}"}


@server.get("/view/{pid}", response_class=HTMLResponse)  # type: ignore[untyped-decorator]
async def view_paste(pid: str, token: str | None = None) -> Any:
    """Show the redacted text, or the original to who brings the token."""
    found = PASTES.get(pid)
    if found is None or found[4] < time.time():
        return HTMLResponse("Not found", status_code=404)
    revealed = bool(token) and secrets.compare_digest(token or "", found[0])
    return HTMLResponse(PAGE.format(html.escape(found[1] if revealed else found[2])))


server.api(name="create_paste", concurrency_limit=int(sys.argv[3]))(create_paste)
server.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
