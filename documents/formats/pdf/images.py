"""Images of a PDF without what is stored beside their pixels."""

from __future__ import annotations

import io
import struct

from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image

# Above so many different values among a thousand pixels an image is stored as a photograph.
_PHOTOGRAPH_COLOURS = 96
_JPEG_QUALITY = 85
_KEPT_BOXES = {b"jP  ", b"ftyp", b"jp2h", b"jp2c"}
_COMMENT, _ADOBE, _ICC = 0xFE, 0xEE, 0xE2
_MOST_PIXELS = 120_000_000


def strip_image(image: Stream) -> bool:
    """Take metadata out of an image's data and pack bare pixels; False if it cannot be done."""
    filters = _filters_of(image)
    if not filters:
        _pack(image)
        return True
    if "/DCTDecode" not in filters and "/JPXDecode" not in filters:
        return True
    if len(filters) > 1:
        return False
    content = bytes(image.read_raw_bytes())
    bare = bare_jpeg(content) if filters == ["/DCTDecode"] else bare_jpx(content)
    if bare is None:
        return False
    if bare != content:
        parameters = image.get("/DecodeParms")
        kept = parameters if isinstance(parameters, Dictionary) else None
        image.write(bare, filter=Name(filters[0]), decode_parms=kept)
    return True


def bare_jpeg(content: bytes) -> bytes | None:
    """Return a JPEG without comments, EXIF, XMP and bytes after its end; None if it is none."""
    if content[:2] != b"\xff\xd8":
        return None
    kept, position = [b"\xff\xd8"], 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        (length,) = struct.unpack(">H", content[position + 2 : position + 4])
        segment = content[position : position + 2 + length]
        if marker == 0xDA:
            end = content.rfind(b"\xff\xd9")
            return b"".join(kept) + content[position : end + 2 if end > position else None]
        if _is_drawing_segment(marker, segment):
            kept.append(segment)
        position += 2 + length
    return None


def _is_drawing_segment(marker: int, segment: bytes) -> bool:
    if marker == _ADOBE:
        return segment[4:9] == b"Adobe"
    if marker == _ICC:
        return segment[4:15] == b"ICC_PROFILE"
    return marker != _COMMENT and not 0xE0 <= marker <= 0xEF


def bare_jpx(content: bytes) -> bytes | None:
    """Return a JPEG 2000 file without boxes of text, XML and the like; None if it is none."""
    if content[:4] == b"\xff\x4f\xff\x51":
        return content
    kept, position = [], 0
    while position + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        if length == 1 and position + 16 <= len(content):
            (length,) = struct.unpack(">Q", content[position + 8 : position + 16])
        end = len(content) if length == 0 else position + length
        if end <= position + 7:
            return None
        if kind in _KEPT_BOXES:
            kept.append(content[position:end])
        position = end
    return b"".join(kept) if any(box[4:8] == b"jp2c" for box in kept) else None


def _pack(image: Stream) -> None:
    """Store bare pixels of a photograph as JPEG; others are packed without loss on saving."""
    mode = _mode_of(image)
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    if not mode or not 0 < width * height <= _MOST_PIXELS or "/Decode" in image:
        return
    pixels = bytes(image.read_bytes())
    size = len(mode) * width * height if mode == "RGB" else width * height
    if len(pixels) < size:
        return
    picture = Image.frombytes(mode, (width, height), pixels[:size])
    sample = picture.resize((32, 32), Image.Resampling.NEAREST)
    if len(sample.getcolors(1024) or ()) < _PHOTOGRAPH_COLOURS:
        return
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=_JPEG_QUALITY)
    image.write(encoded.getvalue(), filter=Name.DCTDecode)


def _mode_of(image: Stream) -> str:
    """Return how Pillow calls an image's bare pixels, "" where it is better left alone."""
    if image.get("/ImageMask") or image.get("/BitsPerComponent") != 8:
        return ""
    space = image.get("/ColorSpace")
    if isinstance(space, Array) and len(space) == 2 and space[0] == Name.ICCBased:
        return {1: "L", 3: "RGB"}.get(int(space[1].get("/N", 0)), "")
    return {"/DeviceGray": "L", "/DeviceRGB": "RGB"}.get(str(space), "")


def _filters_of(image: Stream) -> list[str]:
    named = image.get("/Filter")
    if named is None:
        return []
    if isinstance(named, Array):
        return [str(name) for name in named.as_list()]
    return [str(named)] if isinstance(named, Name) else []
