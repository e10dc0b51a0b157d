"""What can be done with the bars of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from accounts.models import User
from anonymizer import corrections
from anonymizer.corrections import Change, CorrectionError, Edit, History
from documents import services
from documents.formats.model import Page, SolidBar
from documents.models import Document
from images.bars import Bars, bars_from_json, bars_of_spans, parsed
from images.changes import with_change
from images.covered import boxes_without_text, spans_under
from images.models import PictureBars
from inference.engine.spans import Span
from sharing.corrections import tell
from sharing.policies import own_labels
from sharing.services import ConflictError, lock
from vault.envelope import DataKey

_NAME = "picture bars"
_CHANGED_ELSEWHERE = (
    "These bars were changed in another window. Reload the page to see them; "
    "your last step was not applied."
)


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
    bars = saved_bars(document, key)
    if bars is None:
        bars = bars_of_spans(page, text, in_text(original.spans, start))
    return OpenedPicture(original.name, text, page, bars)


@transaction.atomic
def save_bars(
    *, document: Document, key: DataKey, revision: int, value: object, by: User | None = None
) -> Bars:
    """Keep a person's bars, hide in the text what lies under them, have the clean picture made.

    revision: the one that the person saw
    value:    `{"fill", "bars": [{"id", "x", "y", "width", "height", "label", "on"}]}`
    Raises BarsError, ConflictError, GoneError; nothing is changed then.
    """
    locked = lock(document)
    if locked.revision != revision:
        raise ConflictError(_CHANGED_ELSEWHERE)
    opened = read_bars(locked, key)
    size = (int(opened.page.width), int(opened.page.height))
    bars = parsed(value, opened.bars, size, own_labels(locked))
    named = _named(locked, key)
    _store(locked, key, opened, bars, named, named, by)
    return bars


@transaction.atomic
def correct(
    *,
    document: Document,
    key: DataKey,
    revision: int,
    edits: Sequence[Edit],
    all_mentions: bool,
    by: User | None = None,
    why: str = "",
) -> None:
    """Apply edits of what was read in a picture to the bars over it, and publish the result.

    revision: the one that the person saw
    Raises CorrectionError, ConflictError, GoneError; nothing is changed then.
    """
    locked = lock(document)
    if locked.revision != revision:
        raise ConflictError(_CHANGED_ELSEWHERE)
    original = services.read_original(locked, key)
    before = original.spans
    # Whose bars are these: what they hide is cut where the lines end already.
    after = corrections.apply_edits(
        original.text,
        before,
        edits,
        History([], []),
        all_mentions=all_mentions,
        cut=list,
        labels=own_labels(locked),
    )
    gone, new = set(before) - set(after), set(after) - set(before)
    change = Change(tuple(sorted(gone, key=_start)), tuple(sorted(new, key=_start)))
    _apply(locked, key, change, by, why=why)


@transaction.atomic
def take_back(*, document: Document, key: DataKey, change: Change, by: User | None = None) -> None:
    """Undo one correction of a picture, whatever else was changed in it since, and publish.

    Raises CorrectionError, ConflictError, GoneError.
    """
    locked = lock(document)
    _apply(locked, key, change.inverted(), by, is_undo=True)


def changed_bars(document: Document, key: DataKey) -> tuple[SolidBar, ...] | None:
    """Return what is painted over a picture whose bars a person has changed, else None."""
    bars = saved_bars(document, key)
    return None if bars is None else bars.solid()


def _apply(
    document: Document,
    key: DataKey,
    change: Change,
    by: User | None,
    *,
    why: str = "",
    is_undo: bool = False,
) -> None:
    """Change bars so that exactly these places are hidden and shown. Raises CorrectionError."""
    opened, start = read_bars(document, key), document.text_start
    inner = Change(in_text(change.removed, start), in_text(change.added, start))
    bars = with_change(opened.bars, opened.page, opened.text, inner)
    before = set(spans_under(opened.page, opened.text, opened.bars.bars))
    after = set(spans_under(opened.page, opened.text, bars.bars))
    touched = (*inner.removed, *inner.added)
    if any(not any(span.overlaps(one) for one in touched) for span in before ^ after):
        raise CorrectionError("One bar hides this together with other words: use the canvas.")
    named = _named(document, key)
    gone = set(change.removed)
    renamed = [span for span in named if span not in gone]
    renamed += [span for span in change.added if span.start < start]
    spans = sorted(renamed, key=_start)
    _store(document, key, opened, bars, named, spans, by, why=why, is_undo=is_undo)


def _store(
    document: Document,
    key: DataKey,
    opened: OpenedPicture,
    bars: Bars,
    named: Sequence[Span],
    renamed: Sequence[Span],
    by: User | None,
    *,
    why: str = "",
    is_undo: bool = False,
) -> None:
    """Keep bars and publish what they hide. named, renamed: spans of the name, before and after."""
    keep_bars(document, key, bars)
    start, page, text = document.text_start, opened.page, opened.text
    before = [*named, *in_whole(spans_under(page, text, opened.bars.bars), start)]
    after = [*renamed, *in_whole(spans_under(page, text, bars.bars), start)]
    services.republish(document, key, after)
    former, latter = (boxes_without_text(page, one.bars) for one in (opened.bars, bars))
    tell(
        document,
        key,
        before,
        after,
        by,
        why=why,
        is_undo=is_undo,
        boxes_gone=[box for box in former if box not in latter],
        boxes_new=[box for box in latter if box not in former],
    )


def keep_bars(document: Document, key: DataKey, bars: Bars) -> None:
    """Store the bars that a person has changed, in the transaction of the change."""
    PictureBars.objects.update_or_create(
        document=document,
        defaults={"sealed_bars": document.envelope.seal_json(key, bars.as_json(), _NAME)},
    )


def saved_bars(document: Document, key: DataKey) -> Bars | None:
    """Return the bars that a person has changed, None where nobody has. Raises UnsealError."""
    row = PictureBars.objects.filter(document=document).first()
    if row is None:
        return None
    return bars_from_json(document.envelope.unseal_json(key, row.sealed_bars, _NAME))


def _named(document: Document, key: DataKey) -> list[Span]:
    """Return the spans of the file's name."""
    spans = services.read_original(document, key).spans
    return [span for span in spans if span.start < document.text_start]


def in_text(spans: Sequence[Span], start: int) -> tuple[Span, ...]:
    """Return the spans behind the name, with offsets into the file's text."""
    return tuple(
        replace(span, start=span.start - start, end=span.end - start)
        for span in spans
        if span.start >= start
    )


def in_whole(spans: Sequence[Span], start: int) -> list[Span]:
    """Return spans of the file's text with offsets into the text that begins with its name."""
    return [replace(span, start=span.start + start, end=span.end + start) for span in spans]


def _start(span: Span) -> int:
    return span.start
