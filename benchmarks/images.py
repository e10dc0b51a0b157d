"""Measure a screenshot of 1080p from upload to bars, against a running server.

    BLACKBAR_POSTS_PER_MINUTE=0 ./run --port 8000   # in one terminal
    python -m benchmarks.images --url http://127.0.0.1:8000 [--rounds 5]

"bars" is when the bars can be shown, "clean" when the verified picture can be fetched. The share
of OCR is that of reading the same picture in this process. Client and server share the machine.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from anonymizer.ocr import read_words
from benchmarks.documents import measure
from benchmarks.paste import ticket

SIZE = (1920, 1080)


def main() -> None:
    """Measure several rounds and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    rows: list[tuple[float, float, float]] = []
    for number in range(arguments.rounds):
        image = screenshot(number)
        start = time.perf_counter()
        read_words(image, thorough=True)
        ocr_seconds = time.perf_counter() - start
        measured: Any = measure(arguments.url, as_bytes(image))
        rows.append((measured.readable_seconds, measured.clean_seconds, ocr_seconds))
    print(time.strftime("%Y-%m-%d"))
    print("| | bars s | of it OCR s | clean s after |")
    print("|---|---|---|---|")
    for name, chosen in (("median", statistics.median), ("worst", max)):
        bars, clean, ocr = (chosen(column) for column in zip(*rows, strict=True))
        print(f"| {name} | {bars:.2f} | {ocr:.2f} | {clean:.2f} |")


def screenshot(number: int) -> Image.Image:
    """Return a window of tickets, about 250 words."""
    image = Image.new("RGB", SIZE, "#f4f4f6")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(18)
    for part in range(3):
        left = 30 + 630 * part
        draw.rectangle((left, 40, left + 600, 1040), fill="white", outline="#d0d0d4")
        top = 60
        for word_line in _lines(ticket(number * 3 + part), 58):
            draw.text((left + 20, top), word_line, fill="#1d1d1f", font=font)
            top += 27
            if top > 1000:
                break
    return image


def as_bytes(image: Image.Image) -> bytes:
    """Return a picture as a PNG."""
    held = io.BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


def _lines(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    main()
