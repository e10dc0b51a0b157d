"""What can be done with the bars of a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import transaction

from documents import services
from documents.formats.model import Page, SolidBar
from documents.models import Document
from images.bars import Bars, bars_from_json, bars_of_spans, parsed
from images.covered import spans_under
from images.models import PictureBars
from inference.engine.spans import Span
from sharing.services import ConflictError, lock
from vault.envelope import DataKey

_NAME = "picture bars"


@dataclass(frozen=True, slots=True, repr=False)
class OpenedPicture:
    """A picture's bars, for who may open it.

    name:  of the file, as it was given
    text:  what was read in the picture; bars' start and end are offsets into it
    page:  its size in pixels, and where its words stand
    """

    name: str
    text: str
    page: Page
    bars: Bars


def read_bars(document: Document, key: DataKey) -> OpenedPicture:
    """Open a picture's bars. Raises UnsealError, GoneError."""
    original = services.read_original(document, key)
    page = services.read_page(document, key, 1)
    start = document.text_start
    text = original.text[start:]
    bars = _saved(document, key)
    if bars is None:
        spans = [
            replace(span, start=span.start - start, end=span.end - start)
            for span in original.spans
            if span.start >= start
        ]
        bars = bars_of_spans(page, text, spans)
    return OpenedPicture(original.name, text, page, bars)


@transaction.atomic
def save_bars(*, document: Document, key: DataKey, revision: int, value: object) -> Bars:
    """Keep a person's bars, hide in the text what lies under them, have the clean picture made.

    revision: the one that the person saw
    value:    `{"fill", "bars": [{"id", "x", "y", "width", "height", "label", "on"}]}`
    Raises BarsError, ConflictError, GoneError; nothing is changed then.
    """
    locked = lock(document)
    if locked.revision != revision:
        raise ConflictError(
            "These bars were changed in another window. Reload the page to see them; "
            "your last step was not applied."
        )
    opened = read_bars(locked, key)
    bars = parsed(value, opened.bars, (int(opened.page.width), int(opened.page.height)))
    PictureBars.objects.update_or_create(
        document=locked,
        defaults={"sealed_bars": locked.envelope.seal_json(key, bars.as_json(), _NAME)},
    )
    services.republish(locked, key, _spans(locked, key, opened, bars))
    return bars


def changed_bars(document: Document, key: DataKey) -> tuple[SolidBar, ...] | None:
    """Return what is painted over a picture whose bars a person has changed, else None."""
    bars = _saved(document, key)
    return None if bars is None else bars.solid()


def _saved(document: Document, key: DataKey) -> Bars | None:
    row = PictureBars.objects.filter(document=document).first()
    if row is None:
        return None
    return bars_from_json(document.envelope.unseal_json(key, row.sealed_bars, _NAME))


def _spans(document: Document, key: DataKey, opened: OpenedPicture, bars: Bars) -> list[Span]:
    """Return the spans of name and text: those of the name as they are, then what bars hide."""
    start = document.text_start
    named = services.read_original(document, key).spans
    under = spans_under(opened.page, opened.text, bars.bars)
    moved = [replace(span, start=span.start + start, end=span.end + start) for span in under]
    return [span for span in named if span.start < start] + moved
