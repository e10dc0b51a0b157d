"""Frames: what two processes say to each other, a JSON head and pieces of bytes beside it.

A frame is eight bytes for the length of the head, the head, then the pieces, whose sizes stand in
the head under "sizes". Nothing in a frame is ever run.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

LENGTH = struct.Struct(">Q")
LONGEST_HEAD = 4_000_000


class FrameError(ValueError):
    """Raised when bytes are no frame, or a larger one than is taken."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A head and the pieces beside it."""

    head: dict[str, Any]
    parts: tuple[bytes, ...] = ()


def packed(head: dict[str, Any], parts: Sequence[bytes] = ()) -> list[bytes]:
    """Return the pieces of bytes that make a frame, to be written one after the other."""
    sizes = [len(part) for part in parts]
    written = json.dumps({**head, "sizes": sizes}, separators=(",", ":")).encode()
    return [LENGTH.pack(len(written)), written, *parts]


def write(stream: BinaryIO, head: dict[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Write a frame and flush it."""
    for piece in packed(head, parts):
        stream.write(piece)
    stream.flush()


def read(stream: BinaryIO) -> Frame | None:
    """Return the next frame of a stream, None at its end."""
    start = stream.read(LENGTH.size)
    if not start:
        return None
    head = head_from(stream.read(head_length(start)))
    return Frame(head, tuple(stream.read(size) for size in sizes_of(head)))


def head_length(start: bytes) -> int:
    """Return how long a head is, from the eight bytes before it."""
    if len(start) != LENGTH.size:
        raise FrameError("a frame ends early")
    length: int = LENGTH.unpack(start)[0]
    if length > LONGEST_HEAD:
        raise FrameError("a frame is too large")
    return length


def head_from(content: bytes) -> dict[str, Any]:
    """Return a head from its bytes."""
    try:
        head = json.loads(content)
    except (ValueError, RecursionError):
        raise FrameError("a head is no JSON") from None
    if not isinstance(head, dict):
        raise FrameError("a head is no object")
    return head


def sizes_of(head: dict[str, Any]) -> list[int]:
    """Return the sizes of the pieces that follow a head."""
    sizes = head.get("sizes")
    if not isinstance(sizes, list):
        raise FrameError("sizes are missing")
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise FrameError("a size is none")
    return sizes
