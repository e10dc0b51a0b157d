"""What people and programs do with pastes, over a lean connection.

Each raises ActionError when an answer is not what it has to be.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from benchmarks.lean import Answer, Wire

_JSON = "Content-Type: application/json\r\n"
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
_WAIT_SECONDS = 50
# Returns the path of the public page and the reveal token.
Create = Callable[[Wire, str], Coroutine[Any, Any, "Made"]]


class ActionError(Exception):
    """Raised when an answer is not what it has to be; says which and its status."""


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """A paste that is ready."""

    path: str
    token: str


async def paste_by_api(wire: Wire, text: str) -> Made:
    """Create a paste through the native API and wait, in one request, until it is ready."""
    body = json.dumps({"text": text, "expires": "1h", "wait": _WAIT_SECONDS}).encode()
    answer = await wire.post("/api/v1/pastes", body, _JSON)
    if answer.status not in {201, 202}:
        raise ActionError(f"a paste by the API: {answer.status}")
    made = json.loads(answer.body)
    state = made["state"]
    while state == "scanning":  # the request did not wait long enough
        await asyncio.sleep(float(answer.header("Retry-After") or 0.5))
        answer = await wire.get(f"/api/v1/pastes/{made['id']}")
        expect(answer, 200, "how far a paste is")
        state = json.loads(answer.body)["state"]
    if state != "ready":
        raise ActionError(f"a paste by the API: {state}")
    return Made(f"/view/{made['id']}", made["reveal_token"])


async def paste_in_gradio(wire: Wire, text: str) -> Made:
    """Create a paste in Gradio's protocol, as curl does: POST, then the stream of its events."""
    path = "/gradio_api/call/create_paste"
    begun = await wire.post(path, json.dumps({"data": [text, "1h"]}).encode(), _JSON)
    expect(begun, 200, "a call")
    events = await wire.get(f"{path}/{json.loads(begun.body)['event_id']}")
    expect(events, 200, "a stream")
    kind, _, data = events.body.partition(b"event: complete\n")[2].partition(b"data: ")
    if kind or not data:
        raise ActionError("A call was not completed.")
    (result,) = json.loads(data.split(b"\n", 1)[0])
    return Made(result["view_path"], result["reveal_path"].partition("token=")[2])


async def paste_by_form(wire: Wire, text: str) -> Made:
    """Create a paste through the page, as a browser does: form, progress, page of both links."""
    page = await wire.get("/")
    expect(page, 200, "the form")
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
    if not found:
        raise ActionError("The page holds no form: is anonymous use switched off?")
    form = {
        "csrfmiddlewaretoken": found[1].decode(),
        "text": text,
        "expires": "1h",
        "style": "placeholder",
        "operating_point": "balanced",
    }
    cookies = _cookies(page)
    sent = await wire.post("/", urlencode(form).encode(), f"{_FORM}{_as_header(cookies)}")
    expect(sent, 302, "the form, sent")
    cookies |= _cookies(sent)
    location, poll = sent.header("Location"), ""
    while True:
        shown = await wire.get(location, f"{poll}{_as_header(cookies)}")
        expect(shown, 200, "the page of links")
        cookies |= _cookies(shown)
        token = re.search(rb"\?token=([\w-]+)", shown.body)
        if token:
            return Made(f"/view/{location.split('/')[2]}", token[1].decode())
        delay = re.search(rb"load delay:(\d+)ms", shown.body)
        if not delay:
            raise ActionError("The scan of a paste failed.")
        poll = "HX-Request: true\r\n"
        await asyncio.sleep(int(delay[1]) / 1000)


async def view(wire: Wire, made: Made) -> None:
    """Fetch the public page."""
    expect(await wire.get(made.path), 200, "a public page")


async def reveal(wire: Wire, made: Made) -> None:
    """Open the private link and follow it to the original."""
    led = await wire.get(f"{made.path}?token={made.token}")
    expect(led, 302, "a private link")
    header = _as_header(_cookies(led))
    expect(await wire.get(led.header("Location"), header), 200, "an original")


def expect(answer: Answer, status: int, what: str) -> None:
    """Raise ActionError unless an answer has this status."""
    if answer.status != status:
        raise ActionError(f"{what}: {answer.status}")


def _cookies(answer: Answer) -> dict[str, str]:
    pairs = (line.split(";")[0].partition("=") for line in answer.headers("Set-Cookie"))
    return {name: value for name, _, value in pairs}


def _as_header(cookies: dict[str, str]) -> str:
    if not cookies:
        return ""
    return "Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()) + "\r\n"
