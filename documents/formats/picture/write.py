"""Write a picture clean: its pixels with solid bars, as a PNG that holds nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from anonymizer.pictures import as_png
from documents.formats.model import (
    CannotCleanError,
    Cleaned,
    Extracted,
    Hidden,
    ReadOptions,
    SolidBar,
)
from documents.formats.picture.bars import bars_of, painted
from documents.formats.picture.read import opened


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    bars: Sequence[SolidBar] | None = None,
) -> Cleaned:
    """Return the righted picture under bars. bars: None for those that follow from `hidden`.

    Raises FormatError.
    """
    image, _ = opened(content, options)
    page = extracted.pages[0]
    if image.size != (int(page.width), int(page.height)):
        raise CannotCleanError("This picture has another size than when it was read.")
    chosen = bars_of(extracted, hidden) if bars is None else bars
    return Cleaned(
        as_png(painted(image, chosen)),
        ("Everything but the pixels was removed: camera data, place, previews, texts.",),
    )
