"""Open a picture safely and write it without anything but its pixels.

What comes out of `open_picture` is plain RGB, turned upright by its own orientation mark, with no
metadata: what a person sees is what there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
_NAMES = "PNG, JPEG, WebP, GIF, TIFF and BMP"
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Modes of more than 8 bits a channel: Pillow's own conversion cuts them off at 255.
_DEEP = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
# Whatever a decoder says about bytes that are not what they claim to be.
_DECODER_ERRORS = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    SyntaxError,
    EOFError,
    MemoryError,
)


class PictureError(Exception):
    """Raised when bytes are no picture that can be shown; the message is for the user."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What a picture's header says. width and height: pixels as stored, before any turning."""

    format: str
    width: int
    height: int
    is_first_of_many: bool

    @property
    def note(self) -> str:
        """Say what of the picture is not read, "" if all is."""
        if not self.is_first_of_many:
            return ""
        return "Only the first picture of this file is read; the others are dropped."


def open_picture(content: bytes, *, max_pixels: int) -> Image.Image:
    """Return the first picture of a file as upright RGB without metadata.

    The size is checked before a pixel is decoded. Transparency is laid on white.
    Raises PictureError with a sentence for the user.
    """
    opened = _opened(content, max_pixels)
    try:
        opened.load()
        plain = _upright(_as_rgb(opened), opened)
    except MemoryError as exc:
        raise PictureError("This picture needs too much memory.") from exc
    except _DECODER_ERRORS as exc:
        raise PictureError("This picture is damaged and cannot be read to its end.") from exc
    except Image.DecompressionBombError as exc:
        raise PictureError("This picture has too many pixels.") from exc
    plain.info = {}
    return plain


def picture_facts(content: bytes, *, max_pixels: int) -> PictureFacts:
    """Return what the header says; raises PictureError as `open_picture` does."""
    opened = _opened(content, max_pixels)
    try:
        many = bool(getattr(opened, "is_animated", False))
    except (*_DECODER_ERRORS, Image.DecompressionBombError):
        many = True
    return PictureFacts(opened.format or "", opened.width, opened.height, many)


def as_png(image: Image.Image) -> bytes:
    """Return the pixels as a PNG: no metadata, no colour profile, nothing after its end."""
    if image.mode not in {"RGB", "L", "1"}:
        image = image.convert("RGB")
    if image.info:
        bare = Image.new(image.mode, image.size)
        bare.paste(image)
        image = bare
    out = BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()


def _opened(content: bytes, max_pixels: int) -> ImageFile.ImageFile:
    if not content:
        raise PictureError("This file is empty.")
    try:
        opened = Image.open(BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as exc:
        raise PictureError(f"This is no picture of a kind that is read here: {_NAMES}.") from exc
    except Image.DecompressionBombError as exc:
        raise PictureError(_too_many(max_pixels)) from exc
    except _DECODER_ERRORS as exc:
        raise PictureError("This picture is damaged and cannot be read.") from exc
    if opened.width * opened.height > max_pixels:
        raise PictureError(_too_many(max_pixels))
    if not opened.width or not opened.height:
        raise PictureError("This picture has no pixels.")
    return opened


def _too_many(max_pixels: int) -> str:
    return f"This picture has more than {max_pixels:,} pixels, the most that is taken."


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode in _DEEP:
        image = _as_eight_bits(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return image.convert("RGB") if image.mode != "RGB" else image.copy()


def _as_eight_bits(image: Image.Image) -> Image.Image:
    """Stretch the values over 0-255, so that nothing hides in the darkest of 65,536 levels."""
    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, copy=False)
    low = min(0.0, float(values.min()))
    span = float(values.max()) - low or 1.0
    values -= low
    values *= 255.0 / span
    return Image.fromarray(values.astype(np.uint8))


def _upright(plain: Image.Image, opened: Image.Image) -> Image.Image:
    """Apply the orientation mark; one that cannot be read counts as none."""
    try:
        mark = opened.getexif().get(_ORIENTATION_TAG)
    except _DECODER_ERRORS:
        return plain
    turn = _TURNS.get(mark) if isinstance(mark, int) else None
    return plain if turn is None else plain.transpose(turn)
