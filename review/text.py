"""The text of an item under review, as its own reading page cuts it; pictures with their bars."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from anonymizer.reading import Marked, blocks, single_block
from documents import reading
from documents.models import Document
from documents.services.opened import layout_of
from images.services import read_bars
from pastebin.models import Paste
from review.items import is_picture
from review.marks import Opened


def text_of(
    opened: Opened, marked: Sequence[Marked], changed: Collection[int] | None = None
) -> dict[str, Any]:
    """Return what the template of the text needs.

    changed: where marks changed, in code points; only the leaves around them are returned then
    """
    item = opened.item
    if isinstance(item, Paste):
        return {
            "name_block": single_block(opened.text, marked, 0, item.title_characters),
            "blocks": blocks(opened.text, marked, item.text_start, len(opened.text)),
        }
    parts = reading.parts(layout_of(item, opened.key)[0], item.kind)
    start = item.text_start
    if changed is not None:
        parts = [
            part
            for part in parts
            if any(start + part.start <= place < start + part.end for place in changed)
        ]
    return {
        "name_block": single_block(opened.text, marked, 0, item.name_characters),
        "leaves": [reading.leaf(part, opened.text, marked, start) for part in parts],
        "page_count": item.page_count,
    }


def picture_of(opened: Opened) -> dict[str, Any] | None:
    """Return a picture's size and its bars, with offsets into the whole text; None for others."""
    if not isinstance(opened.item, Document) or not is_picture(opened.item):
        return None
    picture, start = read_bars(opened.item, opened.key), opened.item.text_start
    return {
        "width": int(picture.page.width),
        "height": int(picture.page.height),
        "bars": [
            {
                "x": bar.x,
                "y": bar.y,
                "width": bar.width,
                "height": bar.height,
                "label": bar.label,
                "from": start + bar.start,
                "to": start + bar.end,
            }
            for bar in picture.bars.bars
            if bar.is_on
        ],
    }
