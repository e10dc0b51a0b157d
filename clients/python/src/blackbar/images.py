"""Pictures: documents of one page, with bars that can be moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypedDict, Unpack

from blackbar.answers import Fields
from blackbar.document import Document, DocumentPage
from blackbar.documents import (
    OperatingPoint,
    Source,
    Target,
    Which,
    ended,
    fetched,
    found,
    handed_in,
    id_of,
    listed,
    opening,
)
from blackbar.files import PRIVATE
from blackbar.jobs import DEFAULT_TIMEOUT_SECONDS
from blackbar.sharing import Expiry
from blackbar.steps import Request, Steps, address, encoded

_IMAGES = "images"
Fill = Literal["black", "white", "category"]


class ImageOptions(TypedDict, total=False):
    """How a picture is treated; the API's documentation says what each means."""

    operating_point: OperatingPoint
    expires: Expiry


@dataclass(frozen=True, slots=True, repr=False)
class Bar:
    """A bar over a picture, in whole pixels.

    id:         the server's; anything new for a bar that is drawn
    start, end: of what it hides in the text that was read; both 0 for one that was drawn
    text:       what it hides
    """

    id: str
    x: int
    y: int
    width: int
    height: int
    label: str
    on: bool = True
    start: int = 0
    end: int = 0
    text: str = ""

    def __repr__(self) -> str:
        return f"<Bar {self.label}, {self.width} x {self.height} at {self.x}, {self.y}>"


@dataclass(frozen=True, slots=True)
class Bars:
    """All bars of a picture of a size in pixels. clean: how far the flattened picture is"""

    revision: int
    width: int
    height: int
    fill: str
    bars: tuple[Bar, ...]
    clean: str


def upload(
    source: Source,
    *,
    name: str | None = None,
    idempotency_key: str | None = None,
    **options: Unpack[ImageOptions],
) -> Steps[Document]:
    """Hand in a picture: a path, bytes, or a stream, which is read from its beginning.

    Returns it with its reveal token, which is never told again. Raises OSError, InvalidError,
    ProblemError, TransportError.
    """
    return (yield from handed_in(_IMAGES, source, name, idempotency_key, options))


def get(image: Which) -> Steps[Document]:
    """Return how far a picture is. Raises NotFoundError, ProblemError, TransportError."""
    return (yield from found(_IMAGES, image))


def list_images(*, cursor: str | None = None, limit: int | None = None) -> Steps[DocumentPage]:
    """Return one's own pictures, newest first; takes a key with the scope read.

    cursor: of the part of the list before
    Raises ProblemError, TransportError.
    """
    return (yield from listed(_IMAGES, "images", cursor, limit))


def wait(image: Which, *, timeout: float = DEFAULT_TIMEOUT_SECONDS) -> Steps[Document]:
    """Wait until a picture is read and its flattened version is made.

    timeout: in seconds
    Raises DocumentFailedError if either does not go, DeadlineError, ProblemError, TransportError.
    """
    return (yield from ended(_IMAGES, image, timeout))


def bars(image: Which, *, reveal_token: str | None = None) -> Steps[Bars]:
    """Return the bars and what they hide, for who may open the original.

    Raises NotFoundError, NotReadyError, ProblemError, TransportError.
    """
    where, headers = address(_IMAGES, id_of(image), "bars"), opening(image, reveal_token)
    answer = yield Request("GET", where, headers=headers, is_repeatable=True)
    return _bars_from(Fields(answer.json()))


def set_bars(
    image: Which,
    bars: Sequence[Bar],
    *,
    revision: int,
    fill: Fill = "black",
    reveal_token: str | None = None,
) -> Steps[Bars]:
    """Set all bars; the flattened picture follows.

    revision: of the bars that these replace
    Raises ConflictError, InvalidError, NotFoundError, ProblemError, TransportError.
    """
    body = {"revision": revision, "fill": fill, "bars": [_bar_as_json(one) for one in bars]}
    answer = yield Request(
        "PUT",
        address(_IMAGES, id_of(image), "bars"),
        headers=opening(image, reveal_token),
        body=encoded(body),
    )
    return _bars_from(Fields(answer.json()))


def download(image: Which, target: Target) -> Steps[None]:
    """Fetch the flattened PNG to a path, where it appears once it is whole, or to a stream.

    Raises NotReadyError, ProblemError, TransportError, OSError.
    """
    yield from fetched(address(_IMAGES, id_of(image), "file"), target)


def download_original(
    image: Which, target: Target, *, reveal_token: str | None = None
) -> Steps[None]:
    """Fetch the original file, for who may open it. Raises what `download` does."""
    where = address(_IMAGES, id_of(image), "source")
    yield from fetched(where, target, opening(image, reveal_token), PRIVATE)


def delete(image: Which, *, reveal_token: str | None = None) -> Steps[None]:
    """Delete a picture, its bars and keys. Raises NotFoundError, ProblemError, TransportError."""
    where, headers = address(_IMAGES, id_of(image)), opening(image, reveal_token)
    yield Request("DELETE", where, headers=headers, is_repeatable=True)


def _bar_as_json(bar: Bar) -> dict[str, Any]:
    fields = asdict(bar)
    return {name: fields[name] for name in ("id", "x", "y", "width", "height", "label", "on")}


def _bars_from(told: Fields) -> Bars:
    clean = told.inner("clean")
    return Bars(
        revision=told.whole("revision"),
        width=told.whole("width"),
        height=told.whole("height"),
        fill=told.text("fill"),
        bars=tuple(_bar_from(one) for one in told.objects("bars")),
        clean=clean.text("state") if clean else "none",
    )


def _bar_from(told: Fields) -> Bar:
    return Bar(
        id=told.text("id"),
        x=told.whole("x"),
        y=told.whole("y"),
        width=told.whole("width"),
        height=told.whole("height"),
        label=told.text("label"),
        on=told.flag("on"),
        start=told.whole_or_none("start") or 0,
        end=told.whole_or_none("end") or 0,
        text=told.text_or_none("text") or "",
    )
