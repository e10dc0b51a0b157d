"""Pictures in a real browser: sent, changed by hand and by keys, saved to the very pixel."""

from __future__ import annotations

import base64
import io
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.images.drawn import MAIL, encoded, letter
from tests.whole.conftest import Server

pytestmark = pytest.mark.browser
SECONDS = 60


class Canvas:
    """The canvas of a letter, in a browser."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.steps = 0
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(SECONDS * 1000)
        page.goto(f"{server.url}/images/")
        file = {"name": "letter.png", "mimeType": "image/png", "buffer": encoded(letter())}
        page.set_input_files("#file", [file])  # type: ignore[list-item]
        page.wait_for_url("**/original/canvas")
        page.wait_for_selector("[data-loading=done]")
        self.pid = page.url.split("/")[4]

    def bars(self) -> list[dict[str, Any]]:
        """The bars as the server has them once all is saved."""
        self.page.wait_for_selector("#saved[data-state=saved]")
        path = f"/documents/{self.pid}/original/bars"
        held: dict[str, Any] = self.page.request.get(self.server.url + path).json()
        return list(held["bars"])

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the picture lies on the screen."""
        box = self.page.locator("#sheet").bounding_box()
        assert box is not None
        width, height = letter().size
        fitting = min(1, (box["width"] - 48) / width, (box["height"] - 48) / height)
        scale = fitting * 1.25**self.steps
        left = box["x"] + (box["width"] - width * scale) / 2
        top = box["y"] + (box["height"] - height * scale) / 2
        return left + x * scale, top + y * scale

    def zoom(self, steps: int) -> None:
        """Zoom in by keys, or out for negative steps."""
        for _ in range(abs(steps)):
            self.page.keyboard.press("+" if steps > 0 else "-")
        self.steps += steps

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag from one pixel of the picture to another."""
        self.page.mouse.move(*self.point(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.point(*end), steps=4)
        self.page.mouse.up()

    def saved(self) -> Any:
        """The pixels that the browser saves."""
        with self.page.expect_download() as waiting:
            self.page.keyboard.press("s")
        content = Path(waiting.value.path()).read_bytes()
        assert content.endswith(b"IEND\xaeB`\x82")
        assert not any(name in content[:200] for name in (b"tEXt", b"eXIf", b"iCCP", b"tIME"))
        return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))

    def shared(self) -> Any:
        """The pixels that everybody gets, once they are made of these bars."""
        self.page.wait_for_selector("#saved[data-state=saved]")
        deadline = time.monotonic() + SECONDS
        while True:
            answer = httpx.get(f"{self.server.url}/images/{self.pid}/picture.png")
            if answer.status_code == 200:
                return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"))
            assert time.monotonic() < deadline, "the clean picture was not made"
            time.sleep(0.2)


def expected(bars: list[dict[str, Any]]) -> Any:
    pixels = np.array(letter())
    for bar in bars:
        if bar["on"]:
            area = np.s_[bar["y"] : bar["y"] + bar["height"], bar["x"] : bar["x"] + bar["width"]]
            pixels[area] = 0
    return pixels


@pytest.mark.parametrize(("density", "zoom"), [(1, 0), (2, 2), (3, -3)])
def test_bars_are_dragged_drawn_and_switched_and_the_pixels_are_those_of_the_server(
    browser: Browser, server: Server, density: int, zoom: int
) -> None:
    context = browser.new_context(
        viewport={"width": 1100, "height": 700}, device_scale_factor=density
    )
    canvas = Canvas(context.new_page(), server)
    page = canvas.page
    canvas.zoom(zoom)
    first = canvas.bars()[0]
    middle = (first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
    canvas.drag(middle, (middle[0] + 30, middle[1] + 10))
    moved = canvas.bars()[0]
    assert abs(moved["x"] - first["x"] - 30) <= 1
    assert abs(moved["y"] - first["y"] - 10) <= 1
    right = moved["x"] + moved["width"]
    canvas.drag((right, moved["y"] + moved["height"] / 2), (right + 40, moved["y"]))
    assert abs(canvas.bars()[0]["width"] - moved["width"] - 40) <= 1
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert canvas.bars()[0]["x"] == first["x"]
    page.keyboard.press("b")
    page.keyboard.press("8")
    canvas.drag((300, 150), (420, 190))
    drawn = canvas.bars()[-1]
    assert drawn["label"] == "secret"
    assert abs(drawn["width"] - 120) <= 1
    page.uncheck("#bar-list input[data-category=private_email]")
    bars = canvas.bars()
    assert [bar["on"] for bar in bars if bar["label"] == "private_email"] == [False]
    canvas.zoom(1)  # what is saved knows nothing of the zoom
    saved = canvas.saved()
    assert (saved == expected(bars)).all()
    assert (canvas.shared() == saved).all()
    page.reload()
    page.wait_for_selector("[data-loading=done]")
    assert canvas.bars() == bars
    assert not canvas.errors
    context.close()


def test_everything_goes_with_keys_alone(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 1100, "height": 700})
    canvas = Canvas(context.new_page(), server)
    page = canvas.page
    before = canvas.bars()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Alt+ArrowRight")
    moved = canvas.bars()[0]
    assert (moved["x"], moved["y"], moved["width"]) == (
        before[0]["x"] + 1,
        before[0]["y"] + 10,
        before[0]["width"] + 1,
    )
    page.keyboard.press("t")
    assert canvas.bars()[0]["on"] is False
    page.keyboard.press("t")
    page.keyboard.press("d")
    assert len(canvas.bars()) == len(before) + 1
    page.keyboard.press("Delete")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    assert len(canvas.bars()) == len(before) + 1
    page.keyboard.press("3")
    assert canvas.bars()[-1]["label"] == "private_email"
    for _ in range(20):
        page.keyboard.press("Control+z")
    assert [bar["x"] for bar in canvas.bars()] == [bar["x"] for bar in before]
    page.keyboard.press("Control+y")
    assert canvas.bars()[0]["x"] == before[0]["x"] + 1
    page.keyboard.press("Control+z")
    page.keyboard.press("a")
    assert not any(bar["on"] for bar in canvas.bars())
    page.keyboard.press("a")
    page.select_option("#fill", "category")
    bars = canvas.bars()
    saved = canvas.saved()
    colours = {tuple(pixel) for bar in bars for pixel in saved[bar["y"], bar["x"] : bar["x"] + 9]}
    assert len(colours) == len({bar["label"] for bar in bars})
    assert (canvas.shared() == saved).all()
    assert not canvas.errors
    context.close()


class Fingers:
    """A phone's screen: touches as the browser gets them from one."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.session = canvas.page.context.new_cdp_session(canvas.page)

    def drag(self, *ways: tuple[tuple[float, float], tuple[float, float]]) -> None:
        """Drag one finger or two over the picture, each from one pixel to another."""
        starts, ends = ([self.canvas.point(*way[end]) for way in ways] for end in (0, 1))
        self._send("touchStart", starts)
        for step in range(1, 5):
            share = step / 4
            points = [
                (x + (to_x - x) * share, y + (to_y - y) * share)
                for (x, y), (to_x, to_y) in zip(starts, ends, strict=True)
            ]
            self._send("touchMove", points)
        self._send("touchEnd", [])

    def _send(self, kind: str, points: Any) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_a_finger_moves_and_draws_and_two_of_them_zoom(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    canvas = Canvas(context.new_page(), server)
    page, fingers = canvas.page, Fingers(canvas)
    first = canvas.bars()[0]
    middle = (first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
    fingers.drag((middle, (middle[0] - 40, middle[1])))
    moved = canvas.bars()[0]
    assert abs(moved["x"] - first["x"] + 40) <= 2
    page.click("[data-tool=draw]")
    fingers.drag(((300, 150), (420, 190)))
    drawn = canvas.bars()[-1]
    assert abs(drawn["x"] - 300) <= 2
    assert abs(drawn["width"] - 120) <= 2
    before = page.inner_text("#zoom")
    fingers.drag(((280, 100), (120, 100)), ((360, 100), (520, 100)))
    page.wait_for_function("was => document.getElementById('zoom').textContent !== was", arg=before)
    assert len(canvas.bars()) == 4, "two fingers draw nothing"
    assert not canvas.errors
    context.close()


def test_a_pen_draws(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 1100, "height": 700})
    canvas = Canvas(context.new_page(), server)
    session = context.new_cdp_session(canvas.page)
    canvas.page.click("[data-tool=draw]")
    end = (420, 190)
    for kind, place in (("Pressed", (300, 150)), ("Moved", end), ("Released", end)):
        x, y = canvas.point(*place)
        pen = {"type": f"mouse{kind}", "x": x, "y": y, "button": "left", "pointerType": "pen"}
        session.send("Input.dispatchMouseEvent", pen | {"clickCount": 1, "buttons": 1})
    drawn = canvas.bars()[-1]
    assert [drawn[side] for side in ("x", "y", "width", "height")] == pytest.approx(
        [300, 150, 120, 40], abs=1
    )
    context.close()


DROP = """async ([selector, names, content]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const carried = new DataTransfer();
  for (const name of names) carried.items.add(new File([bytes], name, { type: "image/png" }));
  const target = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(
      new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried })
    );
}"""
COPY = """async (content) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const picture = new Blob([bytes], { type: "image/png" });
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


def test_pictures_are_pasted_and_dropped_here_and_on_the_page_of_texts(
    browser: Browser, server: Server
) -> None:
    content = base64.b64encode(encoded(letter())).decode()
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    page.goto(f"{server.url}/images/")
    page.evaluate(COPY, content)
    page.keyboard.press("Control+V")
    page.wait_for_url("**/original/canvas")
    page.goto(f"{server.url}/images/")
    page.evaluate(DROP, ["#dropzone", ["one.png", "two.png"], content])
    page.locator("#uploads [data-open]").nth(1).wait_for()
    page.goto(server.url)
    page.evaluate(DROP, ["body", ["letter.png"], content])
    page.wait_for_url("**/documents/*/links")
    page.wait_for_selector("#links[data-stage=done]")
    assert "picture under its bars" in page.inner_text("#links")
    context.close()


def test_the_list_says_what_the_canvas_shows_and_strangers_see_pixels_only(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    canvas = Canvas(context.new_page(), server)
    page = canvas.page
    assert page.locator("#bar-list button", has_text=MAIL).count() == 1
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    page.locator("#bar-list button", has_text=MAIL).click()
    page.fill("#inspector [name=width]", "111")
    page.keyboard.press("Tab")
    assert 111 in {bar["width"] for bar in canvas.bars()}
    canvas.shared()
    stranger = browser.new_context().new_page()
    stranger.goto(f"{server.url}/images/{canvas.pid}")
    natural = "document.querySelector('figure img').naturalWidth"
    stranger.wait_for_function(f"{natural} === {letter().size[0]}")
    assert MAIL not in stranger.content()
    stranger.context.close()
    context.close()
