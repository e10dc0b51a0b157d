"""Pages of a PDF as pictures with the places of words, for who may open the original.

A child process keeps the file for as long as pages are asked for (documents.sandbox.Renderer);
this process keeps at most a few, and lets them go a minute after the last page.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from anonymizer.pixels import boxes_of
from documents import work
from documents.formats.model import Box
from documents.limits import bounds
from documents.models import Document
from documents.sandbox import Renderer
from documents.services import read_page, read_source
from inference.engine.spans import Span
from vault.envelope import DataKey

WIDEST_PX = 2400
KEPT = 2
KEPT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PageBox:
    """A rectangle that a span covers on its page, in points from the top left."""

    span_index: int
    box: Box


def page_boxes(
    document: Document, key: DataKey, number: int, spans: Sequence[Span]
) -> tuple[float, float, tuple[PageBox, ...]]:
    """Return a page's width and height in points, and the rectangles of the spans on it.

    spans: of the whole sealed text, in order. Raises GoneError.
    """
    page = read_page(document, key, number)
    start = document.text_start
    found = [
        PageBox(index, box)
        for index, span in enumerate(spans)
        if span.end - start > page.start and span.start - start < page.end
        for box in boxes_of(span.start - start, span.end - start, page.words)
    ]
    return page.width, page.height, tuple(found)


def page_picture(document: Document, key: DataKey, number: int, width_px: int) -> bytes:
    """Return a page of the original as the bytes of a picture. Raises FormatError, GoneError."""
    return _kept.renderer(document, key).page(number, width_px=min(width_px, WIDEST_PX))


class _KeptRenderers:
    """The renderers of the documents that are being read in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._renderers: OrderedDict[str, tuple[Renderer, float]] = OrderedDict()
        self._timer: threading.Timer | None = None

    def renderer(self, document: Document, key: DataKey) -> Renderer:
        with self._lock:
            held = self._renderers.pop(document.pid, None)
        if held is None:
            content = b"".join(read_source(document, key))
            renderer = Renderer(content, work.read_options(document, key), bounds=bounds())
        else:
            renderer = held[0]
        with self._lock:
            raced = self._renderers.pop(document.pid, None)
            if raced is not None:
                renderer = raced[0]
            self._renderers[document.pid] = (renderer, time.monotonic() + KEPT_SECONDS)
            self._drop_old()
        return renderer

    def _drop_old(self) -> None:
        """Let go what is too old or too many; the lock is held."""
        now = time.monotonic()
        while self._renderers:
            pid, (renderer, until) = next(iter(self._renderers.items()))
            if until > now and len(self._renderers) <= KEPT:
                break
            del self._renderers[pid]
            threading.Thread(target=renderer.close, daemon=True).start()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._renderers:
            self._timer = threading.Timer(KEPT_SECONDS + 1, self._tick)
            self._timer.daemon = True
            self._timer.start()

    def _tick(self) -> None:
        with self._lock:
            self._drop_old()


_kept = _KeptRenderers()
