"""Pictures with known private words: ten kinds of screenshots and photographs in five languages.

    .venv/bin/python -m benchmarks.ocr_set FOLDER

writes them all into a folder to look at. `benchmarks.ocr_images` measures on them.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from benchmarks.ocr_set_texts import TEXTS, Texts

FONTS = Path(__file__).resolve().parent.parent / "static/fonts"
LANGUAGES = tuple(TEXTS)
Colour = str | tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A text as it was drawn: private parts in braces, its place and size in pixels."""

    marked: str
    left: float
    top: float
    size: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A rendered picture and what is known of it.

    values:  the private texts in it
    lines:   all texts in it in reading order, as drawn (before it was photographed)
    letters: (height, width) int32: 0, or the number from 1 of the private character whose ink
             is at the pixel; all characters of one picture are numbered through
    other:   (height, width) bool: ink of what is not private
    """

    image: Image.Image
    values: tuple[str, ...]
    lines: tuple[Line, ...]
    letters: np.ndarray[tuple[int, int], np.dtype[np.int32]]
    other: np.ndarray[tuple[int, int], np.dtype[np.bool_]]


@dataclass
class Canvas:
    """A picture in the making, with the places of its private ink beside it."""

    language: str
    size: tuple[int, int]
    ground: Colour = "white"
    values: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    characters: int = 0

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", self.size, self.ground)
        self.draw = ImageDraw.Draw(self.image)
        self.letters = Image.new("I", self.size, 0)
        self.other = Image.new("1", self.size, 0)

    def text(
        self,
        place: tuple[float, float],
        marked: str,
        size: float = 16,
        ink: Colour = "black",
        family: str = "inter",
        weight: str = "Regular",
    ) -> float:
        """Draw a text whose private parts stand in braces; return where it ends."""
        font = font_of("china" if self.language == "zh" else family, size, weight)
        plain = re.sub(r"[{}]", "", marked)
        self.lines.append(Line(marked, *place, size))
        self.draw.text(place, plain, fill=ink, font=font)
        start = 0
        for number, part in enumerate(re.split(r"[{}]", marked)):
            if number % 2:
                self.values.append(part)
            for index in range(start, start + len(part)):
                self._note(place, plain, index, font, is_private=bool(number % 2))
            start += len(part)
        return place[0] + font.getlength(plain)

    def width_of(self, marked: str, size: float, family: str = "inter") -> float:
        """Return how wide a text would be."""
        font = font_of("china" if self.language == "zh" else family, size, "Regular")
        return font.getlength(re.sub(r"[{}]", "", marked))

    def box(self, box: tuple[float, float, float, float], fill: Colour, radius: int = 0) -> None:
        """Draw a filled rectangle, with round corners if asked."""
        self.draw.rounded_rectangle(box, radius, fill=fill)

    def shown(self) -> Shown:
        """Return what was drawn."""
        return Shown(
            self.image,
            tuple(self.values),
            tuple(self.lines),
            np.asarray(self.letters).astype(np.int32),
            np.asarray(self.other).astype(bool),
        )

    def _note(
        self,
        place: tuple[float, float],
        plain: str,
        index: int,
        font: ImageFont.FreeTypeFont,
        *,
        is_private: bool,
    ) -> None:
        if plain[index].isspace():
            return
        self.characters += is_private
        left = place[0] + font.getlength(plain[: index + 1]) - font.getlength(plain[index])
        layer = self.letters if is_private else self.other
        ink = ImageDraw.Draw(layer)
        ink.fontmode = "1"
        fill = self.characters if is_private else 1
        ink.text((left, place[1]), plain[index], fill=fill, font=font)


@cache
def font_of(family: str, size: float, weight: str) -> ImageFont.FreeTypeFont:
    """Return a font that comes with the project or with PyMuPDF."""
    if family == "china":
        return ImageFont.truetype(io.BytesIO(pymupdf.Font("china-s").buffer), size)
    if family in ("helv", "tiro", "cour"):
        return ImageFont.truetype(io.BytesIO(pymupdf.Font(family).buffer), size)
    names = {"inter": "inter", "mono": "jetbrains-mono", "serif": "source-serif-4"}
    font = ImageFont.truetype(FONTS / f"{names[family]}.woff2", size)
    if family != "serif":
        font.set_variation_by_name(weight)
    return font


def photographed(
    shown: Shown, *, degrees: float, noise: float, blur: float, shade: float, seed: int
) -> Shown:
    """Return a picture as a camera might have taken it: askew, unevenly lit, noisy, as a JPEG."""
    image = shown.image.rotate(
        degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(120, 110, 100)
    ).filter(ImageFilter.GaussianBlur(blur))
    values = np.asarray(image, dtype=np.float32)
    across = np.linspace(1.0, 1.0 - shade, values.shape[1], dtype=np.float32)[None, :, None]
    values = 20 + values * 0.84 * across
    values += np.random.default_rng(seed).normal(0, noise, values.shape[:2])[..., None]
    held = io.BytesIO()
    Image.fromarray(values.clip(0, 255).astype(np.uint8)).save(held, "JPEG", quality=70)
    letters = Image.fromarray(shown.letters.astype(np.int32)).rotate(degrees, expand=True)
    other = Image.fromarray(shown.other).rotate(degrees, expand=True)
    return Shown(
        Image.open(held).convert("RGB"),
        shown.values,
        shown.lines,
        np.asarray(letters).astype(np.int32),
        np.asarray(other).astype(bool),
    )


def _chat(language: str, texts: Texts, *, dark: bool) -> Shown:
    canvas = Canvas(language, (900, 700), "#111b21" if dark else "#efeae2")
    canvas.box((0, 0, 900, 64), "#202c33" if dark else "#008069")
    canvas.text((24, 20), texts.rows[0][0], 20, "white")
    top = 84.0
    for number, line in enumerate(texts.thread):
        mine = number % 2
        width = canvas.width_of(line, 17)
        left = 900 - width - 56 if mine else 24.0
        fill = ("#005c4b" if mine else "#202c33") if dark else ("#d9fdd3" if mine else "white")
        canvas.box((left, top, left + width + 32, top + 48), fill, 10)
        canvas.text((left + 16, top + 13), line, 17, "#e9edef" if dark else "#111b21")
        top += 66
    return canvas.shown()


def _chat_light(language: str, texts: Texts) -> Shown:
    return _chat(language, texts, dark=False)


def _chat_dark(language: str, texts: Texts) -> Shown:
    return _chat(language, texts, dark=True)


def _dashboard(language: str, texts: Texts) -> Shown:
    canvas = Canvas(language, (1280, 720), "#f4f5f7")
    canvas.box((0, 0, 210, 720), "#1f2937")
    for number, word in enumerate(texts.words[:4]):
        canvas.text((28, 90 + 44 * number), word, 15, "#d1d5db")
    canvas.text((240, 28), texts.words[0], 24, "#111827", weight="Bold")
    canvas.text((1010, 32), texts.rows[0][0], 14, "#374151")
    for number, row in enumerate(texts.rows):
        left, top = 240 + 505 * (number % 2), 90 + 150 * (number // 2)
        canvas.box((left, top, left + 485, top + 130), "white", 8)
        canvas.text((left + 20, top + 14), row[0], 15, "#111827", weight="SemiBold")
        canvas.text((left + 20, top + 44), row[1], 13, "#6b7280")
        canvas.text((left + 20, top + 68), row[2], 13, "#6b7280")
        canvas.text((left + 360, top + 50), row[3], 22, "#047857", weight="Bold")
    for number, (name, value) in enumerate(texts.fields[:6]):
        canvas.text((240, 420 + 42 * number), name, 13, "#6b7280")
        canvas.text((460, 420 + 42 * number), value, 13, "#111827")
    return canvas.shown()


def _terminal(language: str, texts: Texts) -> Shown:
    canvas = Canvas(language, (1100, 560), "#0d1117")
    lines = ["$ head users.csv"]
    lines += [f"{n},{row[0]},{row[1]},{row[2]}" for n, row in enumerate(texts.rows, start=1042)]
    lines += ["$ env | sort", "API_KEY={sk-proj-Zr81Kq07LmXw42TbVd95}", "HOME=/srv/app"]
    lines += ["$ tail -2 app.log", "INFO login ip={203.0.113.77} user={o.grant@mailbox.example}"]
    lines += ["WARN 2 retries, 1 failed"]
    inks = {"$": "#7ee787", "W": "#e3b341"}
    for number, line in enumerate(lines):
        ink = inks.get(line[0], "#c9d1d9")
        canvas.text((18, 16 + 30 * number), line, 17, ink, family="mono")
    return canvas.shown()


def _email(language: str, texts: Texts) -> Shown:
    canvas = Canvas(language, (1000, 760))
    canvas.box((0, 0, 1000, 52), "#2b579a")
    canvas.text((20, 16), texts.words[3], 16, "white")
    canvas.text((32, 72), texts.words[1], 22, "#1b1b1b", weight="SemiBold")
    canvas.text((32, 112), f"{texts.rows[0][0]} <{texts.rows[0][1]}>", 14, "#444444")
    canvas.text((32, 136), f"{texts.rows[1][0]} <{texts.rows[1][1]}>", 14, "#777777")
    for number, line in enumerate(texts.letter):
        if line:
            canvas.text((32, 190 + 30 * number), line, 15, "#222222")
    return canvas.shown()


def _card(language: str, texts: Texts) -> Shown:
    canvas = Canvas(language, (860, 540), "#dfe9f3")
    for line in range(0, 860, 14):
        canvas.draw.line((line, 0, line - 200, 540), fill="#cfdcea")
    canvas.box((0, 0, 860, 60), "#274c77")
    canvas.text((24, 16), texts.words[3].upper(), 24, "white", "helv")
    canvas.box((30, 90, 230, 350), "#9fb3c8")
    for number, (name, value) in enumerate(texts.fields):
        canvas.text((260, 82 + 54 * number), name, 13, "#48607a", "helv")
        canvas.text((260, 100 + 54 * number), value, 21, "#101820", "helv")
    return canvas.shown()


def _receipt(language: str, texts: Texts) -> Shown:
    canvas = Canvas(language, (620, 900), "#fbfaf6")
    top = 40.0
    for line in (
        texts.words[4].upper(),
        *texts.letter[:3],
        "",
        f"{texts.fields[5][0]}: {texts.fields[5][1]}",
    ):
        canvas.text((60, top), line, 24, "#222222", "cour")
        top += 38
    for number, row in enumerate(texts.rows, start=1):
        canvas.text((60, top + 20), f"{number} x {texts.words[6]}", 24, "#222222", "cour")
        canvas.text((440, top + 20), row[3], 24, "#222222", "cour")
        top += 38
    for line in (texts.rows[2][0], texts.rows[2][2], "VISA {4539 5787 6362 1486}", texts.words[5]):
        canvas.text((60, top + 60), line, 24, "#222222", "cour")
        top += 42
    return photographed(canvas.shown(), degrees=4, noise=18, blur=0.9, shade=0.35, seed=4)


def _table(language: str, texts: Texts) -> Shown:
    canvas = Canvas(language, (1100, 480))
    canvas.box((20, 20, 1080, 62), "#374151")
    lefts = (36, 290, 640, 900)
    for left, name in zip(lefts, texts.heads, strict=True):
        canvas.text((left, 32), name, 15, "white", weight="Bold")
    for number, row in enumerate(texts.rows * 2):
        top = 62 + 48 * number
        canvas.box((20, top, 1080, top + 48), "#eef2f7" if number % 2 else "white")
        for left, value in zip(lefts, row, strict=True):
            canvas.text((left, top + 15), value, 14, "#111827")
    return canvas.shown()


def _settings(language: str, texts: Texts) -> Shown:
    canvas = Canvas(language, (820, 720), "#1c1c1e")
    canvas.text((30, 24), texts.words[2], 28, "white", weight="Bold")
    for number, (name, value) in enumerate(texts.fields):
        top = 90 + 74 * number
        canvas.box((20, top, 800, top + 64), "#2c2c2e", 12)
        canvas.text((40, top + 21), name, 16, "#ebebf5")
        width = canvas.width_of(value, 16)
        canvas.text((776 - width, top + 21), value, 16, "#8e8e93")
    return canvas.shown()


def _photo(language: str, texts: Texts) -> Shown:
    canvas = Canvas(language, (1240, 1000), "#fdfdfb")
    for number, line in enumerate(texts.letter):
        if line:
            canvas.text((110, 90 + 52 * number), line, 29, "#1a1a1a", "tiro")
    return photographed(canvas.shown(), degrees=-2.5, noise=12, blur=1.1, shade=0.45, seed=9)


KINDS: Mapping[str, Callable[[str, Texts], Shown]] = {
    "chat, light": _chat_light,
    "chat, dark": _chat_dark,
    "dashboard": _dashboard,
    "terminal": _terminal,
    "e-mail": _email,
    "ID card": _card,
    "table": _table,
    "settings, dark": _settings,
    "letter, photographed": _photo,
    "receipt, noisy": _receipt,
}
NOISY = frozenset({"receipt, noisy", "letter, photographed"})


def rendered(kind: str, language: str) -> Shown:
    """Return one picture of the set; always the same pixels."""
    return KINDS[kind](language, TEXTS[language])


def main() -> None:
    """Write all pictures into a folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        for language in LANGUAGES:
            name = f"{kind.replace(', ', '-').replace(' ', '-').lower()}-{language}.png"
            rendered(kind, language).image.save(folder / name)


if __name__ == "__main__":
    main()
