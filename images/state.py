"""What pages and programs are told of a picture's bars."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from documents.models import CleanState, Document
from images.bars import PlacedBar
from images.services import OpenedPicture


def state_as_json(document: Document, opened: OpenedPicture) -> dict[str, Any]:
    """Return the bars with what they hide, for who may open the original."""
    return {
        "revision": document.revision,
        "width": int(opened.page.width),
        "height": int(opened.page.height),
        "fill": opened.bars.fill,
        "bars": [bar_as_json(bar, opened.text) for bar in opened.bars.bars],
        "clean": clean_as_json(document),
    }


def bar_as_json(bar: PlacedBar, text: str) -> dict[str, Any]:
    """Return a bar with the words that it was made for."""
    fields = asdict(bar)
    fields["on"] = fields.pop("is_on")
    fields["text"] = " ".join(text[bar.start : bar.end].split())
    return fields


def clean_as_json(document: Document) -> dict[str, Any]:
    """Return how far the clean picture is: "making", "ready", "blocked" or "failed"."""
    state = "ready" if document.has_clean_file else document.clean_state
    if state == CleanState.READY and not document.has_clean_file:
        state = CleanState.MAKING
    return {"state": state, "error": document.clean_error, "places": document.clean_places}
