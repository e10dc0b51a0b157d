"""Open a clean picture again: its chunks by hand, its pixels with MuPDF, its words by OCR."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import pymupdf
from PIL import Image

from anonymizer.barcodes import find_barcodes
from anonymizer.ocr import OcrWord, laid_out
from documents.formats.model import Check, DamagedError, ReadOptions, SolidBar
from documents.formats.picture.read import says, words_in
from documents.formats.picture.tags import ink_on, runs_on
from documents.formats.survivors import HiddenValues

Pixels = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ALLOWED_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
# Compressed pixels hold any short row of letters by chance; OCR sees any two of them anywhere.
SHORTEST_IN_BYTES = 8
SHORTEST_IN_PIXELS = 3
# "GB 1" is read as "6B 1" at the second look, or the other way round.
SHORTEST_OVER_WORDS = 4
_MOST_WORDS = 12


def verify(
    clean: bytes, values: HiddenValues, *, options: ReadOptions, bars: Sequence[SolidBar] = ()
) -> tuple[Check, ...]:
    """Return how a clean picture was opened again. bars: what has to be painted, in this order."""
    chunks, faults = _chunks(clean)
    pixels = decoded(clean)
    image = Image.fromarray(pixels)
    return (
        Check("chunks", chunks, faults),
        Check("bars", len(bars), _unpainted(pixels, bars)),
        Check("pictures", 1, _read_again(image, values, options)),
        Check("bytes", 1, _in_bytes(clean, values)),
    )


def decoded(clean: bytes) -> Pixels:
    """Return a PNG's pixels as rows of red, green and blue, decoded by MuPDF."""
    try:
        pixmap = pymupdf.Pixmap(clean)
        if pixmap.alpha or pixmap.colorspace is None or pixmap.colorspace.n != 3:
            pixmap = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.Pixmap(pixmap, 0))
    except (RuntimeError, ValueError) as exc:
        raise DamagedError("The clean picture does not open.") from exc
    rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    return rows[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3)


def _chunks(clean: bytes) -> tuple[int, tuple[str, ...]]:
    """Return how many chunks there are, and what is wrong with them."""
    if not clean.startswith(SIGNATURE):
        return 0, ("the file's signature",)
    chunks = list(_walk(clean))
    names = [name for name, _, _ in chunks]
    faults = []
    if not ALLOWED_CHUNKS.issuperset(names):
        faults.append("a chunk that holds no pixels")
    if not all(is_whole for _, is_whole, _ in chunks):
        faults.append("a damaged chunk")
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or names.count(b"IEND") != 1:
        faults.append("the order of chunks")
    if not chunks or chunks[-1][2] != len(clean):
        faults.append("bytes after the end of the picture")
    return len(names), tuple(faults)


def _walk(clean: bytes) -> Iterator[tuple[bytes, bool, int]]:
    """Yield each chunk's name, whether its checksum holds, and where it ends."""
    at = len(SIGNATURE)
    while at + 12 <= len(clean):
        (length,) = struct.unpack_from(">I", clean, at)
        end = at + 12 + length
        if end > len(clean):
            yield clean[at + 4 : at + 8], False, len(clean)
            return
        body = clean[at + 4 : end - 4]
        (checksum,) = struct.unpack_from(">I", clean, end - 4)
        yield body[:4], zlib.crc32(body) == checksum, end
        at = end
        if body[:4] == b"IEND":
            return


def _unpainted(pixels: Pixels, bars: Sequence[SolidBar]) -> tuple[str, ...]:
    """Return the bars under which something else is seen than bars."""
    expected = np.zeros(pixels.shape, np.uint8)
    is_bar = np.zeros(pixels.shape[:2], np.bool_)
    for bar in bars:
        area = np.s_[bar.y : bar.y + bar.height, bar.x : bar.x + bar.width]
        expected[area], is_bar[area] = bar.colour, True
        ink = ink_on(bar.colour)
        for y, x, length in runs_on(bar):
            expected[y, x : x + length] = ink
    wrong = (pixels != expected).any(axis=2) & is_bar
    return tuple(
        f"bar {number}"
        for number, bar in enumerate(bars, 1)
        if wrong[bar.y : bar.y + bar.height, bar.x : bar.x + bar.width].any()
    )


def _read_again(image: Image.Image, values: HiddenValues, options: ReadOptions) -> tuple[str, ...]:
    """Return where hidden values can still be read, as places in the picture."""
    sought = _of_length(values, SHORTEST_IN_PIXELS)
    if not len(sought):
        return ()
    words = words_in(image, options)
    places = [
        f"around {round(word.box[0])}, {round(word.box[1])}"
        for word in words
        if sought.are_in(word.text)
    ]
    if not places:
        places = _over_words(words, _of_length(values, SHORTEST_OVER_WORDS))
    codes = find_barcodes(image)
    places += [
        f"a barcode around {round(code.box[0])}, {round(code.box[1])}"
        for code in codes
        if sought.are_in(says(code))
    ]
    return tuple(dict.fromkeys(places))


def _over_words(words: Sequence[OcrWord], sought: HiddenValues) -> list[str]:
    """Return where a value can be read over several words, the fewest that hold it."""
    if not len(sought) or not sought.are_in(laid_out(words)[0]):
        return []
    for count in range(2, _MOST_WORDS):
        for start in range(len(words) - count + 1):
            some = words[start : start + count]
            if sought.are_in(laid_out(some)[0]):
                x, y = some[0].box[:2]
                return [f"around {round(x)}, {round(y)}"]
    return ["over many words"]


def _in_bytes(clean: bytes, values: HiddenValues) -> tuple[str, ...]:
    sought = _of_length(values, SHORTEST_IN_BYTES)
    return ("the bytes of the file",) if len(sought) and sought.are_in_bytes(clean) else ()


def _of_length(values: HiddenValues, shortest: int) -> HiddenValues:
    long = (v for v in values.folded_values if len(v.replace(" ", "")) >= shortest)
    return HiddenValues.from_folded(long)
