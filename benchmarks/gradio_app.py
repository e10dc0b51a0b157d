"""A minimal gradio.Server around the same engine, for `benchmarks.api` to be measured against.

    python benchmarks/gradio_app.py PORT THREADS SITE-PACKAGES

runs in an environment that holds gradio; what the engine needs comes from the project's own
SITE-PACKAGES. Like the published app: the paste lies in a dict, calls are done one after another.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Any

# Behind its own packages: gradio's versions come first.
sys.path += [str(Path(__file__).resolve().parent.parent), *sys.argv[3:]]

import gradio  # type: ignore[import-not-found]

from inference.engine.engine import Engine

PASTES: dict[str, tuple[str, str, str, list[Any]]] = {}
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
    PASTES[pid] = (token, text, redacted, spans)
    return {"view_path": f"/view/{pid}", "reveal_path": f"/view/{pid}?token={token}"}


server.api(name="create_paste")(create_paste)
server.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
