"""What each page of a clean PDF draws by itself: bars, what is written on them, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

import pikepdf
from pikepdf import Dictionary, Name, Object

from documents.formats.model import Box
from documents.formats.pdf.verify_text import SHOWING, latin, strings_of

_WHITE = {"g": (1.0,), "rg": (1.0, 1.0, 1.0), "k": (0.0, 0.0, 0.0, 0.0)}
_BLACK = {"g": (0.0,), "rg": (0.0, 0.0, 0.0), "k": (0.0, 0.0, 0.0, 1.0)}
_LEAST_BAR = 3.0


@dataclass
class PageFacts:
    """What a page's own content draws.

    bars:            black rectangles, in coordinates of the page
    bar_operators:   indexes of the instructions that paint them
    written_on_bars: letters and digits of the strings drawn in white
    is_picture:      whether it draws no text of its own
    """

    bars: list[Box] = field(default_factory=list)
    bar_operators: list[int] = field(default_factory=list)
    written_on_bars: set[str] = field(default_factory=set)
    has_images: bool = False
    is_picture: bool = True


def facts_about(pdf: pikepdf.Pdf) -> list[PageFacts]:
    """Return the facts of each page; a page that cannot be parsed has none."""
    return [_facts_of(page.obj) for page in pdf.pages]


def _facts_of(page: Object) -> PageFacts:
    facts = PageFacts()
    resources = page.get("/Resources")
    facts.has_images = _has_images(resources, 0)
    try:
        instructions = pikepdf.parse_content_stream(page)
    except pikepdf.PdfError:
        return facts
    colour, saved = "", list[str]()
    boxes: list[Box] = []
    for index, instruction in enumerate(instructions):
        operator, operands = str(instruction.operator), instruction.operands
        if operator in _BLACK:
            numbers = tuple(float(value) for value in operands)
            is_white = numbers == _WHITE[operator]
            colour = "white" if is_white else "black" if numbers == _BLACK[operator] else ""
        elif operator == "q":
            saved.append(colour)
        elif operator == "Q":
            colour = saved.pop() if saved else ""
        elif operator == "re":
            x, y, width, height = (float(value) for value in operands)
            boxes.append(
                (min(x, x + width), min(y, y + height), max(x, x + width), max(y, y + height))
            )
        elif operator in {"f", "f*", "F", "B", "b", "n", "S", "W"}:
            if operator in {"f", "f*", "F"} and colour == "black":
                bars = [box for box in boxes if _is_bar(box)]
                facts.bars += bars
                facts.bar_operators += [index] if bars else []
            boxes = []
        elif operator in SHOWING:
            text = "".join(map(latin, strings_of(operands[-1])))
            if colour == "white":
                facts.written_on_bars.add("".join(char for char in text if char.isalnum()))
            else:
                facts.is_picture = False
    return facts


def _is_bar(box: Box) -> bool:
    return box[2] - box[0] > _LEAST_BAR and box[3] - box[1] > _LEAST_BAR


def _has_images(resources: Object | None, depth: int) -> bool:
    if not isinstance(resources, Dictionary) or depth > 10:
        return False
    for value in _listed_in(resources):
        if value.get("/Subtype") == Name.Image:
            return True
        if _has_images(value.get("/Resources"), depth + 1):
            return True
    return False


def _listed_in(resources: Object) -> list[Object]:
    listed = resources.get("/XObject")
    if not isinstance(listed, Dictionary):
        return []
    return [value for value in listed.as_dict().values() if isinstance(value, Object)]
