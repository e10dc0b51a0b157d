"""Files that were damaged on purpose, and what reading, cleaning and checking them came to.

As a program (`python -m tests.attack.mutated FIRST LAST`) it does a range of cases in this process
and prints a line for each; the process may die of one, which is an outcome too.
"""

from __future__ import annotations

import faulthandler
import io
import random
import re
import resource
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator

NAME = "Margarethe Lindner"
KINDS = ("pdf", "docx", "png")
SECONDS = 20
MEMORY_BYTES = 3 << 30
_NUMBERS = (b"0", b"-1", b"65536", b"2147483648", b"99999999999999999999", b"1e999")


def mutated(case: int) -> tuple[str, bytes]:
    """Return the name and the bytes of a case; the same for the same number."""
    chance = random.Random(case)
    kind = KINDS[case % len(KINDS)]
    whole = _WHOLE[kind]()
    if kind == "docx" and chance.random() < 0.7:
        return f"case.{kind}", _with_a_changed_part(whole, chance)
    return f"case.{kind}", _changed(whole, chance)


def outcome(name: str, content: bytes) -> str:
    """Read a file, and if that went well hide a name in it: returns "read", "clean" or an error.

    Raises AssertionError if a file that was called clean still holds the name.
    """
    from documents import formats
    from documents.formats.model import FormatError, Hidden, ReadOptions
    from documents.formats.survivors import HiddenValues

    options = ReadOptions(languages=("eng",))
    try:
        extracted = formats.read(content, name, options)
        starts = [match.start() for match in re.finditer(NAME, extracted.text)]
        if not starts:
            return "read"
        hidden = [Hidden(at, at + len(NAME), "private_person", "<PRIVATE_PERSON>") for at in starts]
        cleaned = formats.write_clean(content, extracted, hidden, options=options)
        values = HiddenValues([NAME], extracted.text.replace(NAME, "<PRIVATE_PERSON>"))
        checks = formats.verify(cleaned.content, extracted.kind, values, options=options)
    except FormatError as exc:
        return f"refused {exc.code}"
    except Exception as exc:
        # The child that reads files calls this damaged, and logs where.
        return f"fault {type(exc).__name__}"
    if not all(check.is_passed for check in checks):
        return "blocked"
    again = formats.read(cleaned.content, name, options)
    assert NAME not in again.text, "a clean file holds what was hidden"
    return "clean"


def _changed(content: bytes, chance: random.Random) -> bytes:
    """Return bytes with a handful of damages."""
    damages: tuple[Callable[[bytearray, random.Random], None], ...] = (
        _flip, _cut, _double, _drop, _number, _swap,
    )  # fmt: skip
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        chance.choice(damages)(made, chance)
    return bytes(made)


def _flip(made: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 3, 30))):
        made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)


def _cut(made: bytearray, chance: random.Random) -> None:
    del made[max(20, chance.randrange(len(made))) :]


def _double(made: bytearray, chance: random.Random) -> None:
    start, end = sorted((chance.randrange(len(made)), chance.randrange(len(made))))
    made[start:start] = made[start:end]


def _drop(made: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(made))
    del made[start : min(start + chance.choice((1, 50, 500)), len(made) - 20)]


def _number(made: bytearray, chance: random.Random) -> None:
    digits = [index for index, byte in enumerate(made) if 48 <= byte <= 57]
    if digits:
        place = chance.choice(digits)
        made[place : place + 1] = chance.choice(_NUMBERS)


def _swap(made: bytearray, chance: random.Random) -> None:
    size = min(64, len(made) // 4)
    one, other = chance.randrange(len(made) - size), chance.randrange(len(made) - size)
    kept = made[one : one + size]
    made[one : one + size] = made[other : other + size]
    made[other : other + size] = kept


def _with_a_changed_part(package: bytes, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, _changed(content, chance) if name == chosen else content)
    return out.getvalue()


def _pdf() -> bytes:
    import pymupdf

    with pymupdf.open() as document:
        for number in range(2):
            page = document.new_page(width=300, height=200)
            page.insert_text((20, 40), f"Page {number}. Dear {NAME}, thank you.")
            page.insert_link(
                {"kind": pymupdf.LINK_URI, "from": page.rect, "uri": "https://example.org/"}
            )
        document.set_metadata({"title": f"Letter to {NAME}"})
        return bytes(document.tobytes())


def _docx() -> bytes:
    from docx import Document

    document = Document()
    document.add_heading(f"Letter to {NAME}")
    document.add_paragraph(f"Dear {NAME}, thank you.")
    table = document.add_table(2, 2)
    table.cell(1, 1).text = NAME
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _png() -> bytes:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (420, 60), "white")
    ImageDraw.Draw(picture).text((10, 15), f"Dear {NAME}", "black", font_size=28)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _once(make: Callable[[], bytes]) -> Callable[[], bytes]:
    made: list[bytes] = []

    def known() -> bytes:
        if not made:
            made.append(make())
        return made[0]

    return known


_WHOLE = {"pdf": _once(_pdf), "docx": _once(_docx), "png": _once(_png)}


def lines(first: int, last: int) -> Iterator[str]:
    """Yield "CASE OUTCOME" of a range; a case that takes too long kills the process."""
    for case in range(first, last):
        signal.alarm(SECONDS)
        yield f"{case} {outcome(*mutated(case))}"


if __name__ == "__main__":
    faulthandler.disable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in lines(int(sys.argv[1]), int(sys.argv[2])):
        print(line, flush=True)
