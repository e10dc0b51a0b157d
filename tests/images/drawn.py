"""Pictures for tests, drawn here, with what is private in them known."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFont

NAME = "Margaret Holloway"
MAIL = "holloway@mail.example"
CARD = "4929 1234 5678 9012"
LINES = (f"Dear {NAME},", f"your card {CARD} was charged.", f"Write to {MAIL}.")
SIZE = (640, 200)
LINE_HEIGHT = 48


def letter(lines: tuple[str, ...] = LINES, *, is_dark: bool = False) -> Image.Image:
    """Return a picture of lines of text."""
    ground, ink = ("#101418", "#e8e8e8") if is_dark else ("white", "black")
    image = Image.new("RGB", SIZE, ground)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((24, 24 + number * LINE_HEIGHT), line, fill=ink, font=ImageFont.load_default(26))
    return image


def with_code(said: str) -> Image.Image:
    """Return a picture with a QR code and a line that is not private."""
    image = letter(("Your ticket",))
    held = io.BytesIO()
    segno.make(said, error="m").save(held, kind="png", scale=4, border=2)
    held.seek(0)
    with Image.open(held) as code:
        image.paste(code.convert("RGB"), (400, 20))
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    held = io.BytesIO()
    image.save(held, kind, **options)
    return held.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG of 50,000 x 50,000 white pixels in a few kilobytes."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\0" + b"\xff" * (width // 8)
    body = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pixels(content: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a file's pixels."""
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def chunk_names(content: bytes) -> list[bytes]:
    """Return the names of a PNG's chunks; what is after its end counts as one more, b"rest"."""
    names, at = [], 8
    while at < len(content) and names[-1:] != [b"IEND"]:
        (length,) = struct.unpack_from(">I", content, at)
        names.append(content[at + 4 : at + 8])
        at += 12 + length
    return names + ([b"rest"] if at != len(content) else [])
