"""Where each string of a page's content stands: the text state of PDF, carried out.

A run is one string of a text operator (one element of a TJ array), in coordinates of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from documents.formats.pdf.areas import Matrix, Point, combined
from documents.formats.pdf.content import Instruction
from documents.formats.pdf.fonts import Font, Fonts

_UNMOVED: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_DEEPEST_FORM = 12


class UnknownTextError(Exception):
    """Raised when the place of text on a page cannot be told; the page keeps its places then."""


class Part(Protocol):
    """A content stream with its resources, opened."""

    @property
    def key(self) -> int:
        """Number of the stream among those of the file."""

    @property
    def instructions(self) -> list[Instruction]:
        """What it draws."""

    @property
    def resources(self) -> Object:
        """The resources that its names belong to."""

    @property
    def matrix(self) -> Matrix:
        """What leads from its coordinates to those of who draws it."""

    def form(self, name: str) -> Part | None:
        """Return the form that it draws by a name."""


@dataclass(slots=True)
class Run:
    """A string, placed.

    part, operator, element: where it stands: key of the stream, index of its instruction, index in
                             the TJ array
    text_matrix: at its start; matrix: from there to the page
    length:  of its glyphs at their own widths, without spacing, in points of the page
    drawn:   with character and word spacing between them, but not after the last: what stands there
             may have been drawn back over it
    size:    of the font in points of the page
    """

    part: int
    operator: int
    element: int
    text_matrix: Matrix
    matrix: Matrix
    origin: Point
    along: Point
    length: float
    drawn: float
    size: float
    begins_blank: bool = False
    ends_blank: bool = False
    is_blank: bool = False


@dataclass(slots=True)
class Drawn:
    """What a page draws as text.

    starts: text matrix and spacing in force where each text operator begins, by part and index
    shared: parts drawn more than once, which cannot be changed for one place only
    """

    runs: list[Run] = field(default_factory=list)
    starts: dict[tuple[int, int], tuple[Matrix, float, float]] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _State:
    matrix: Matrix
    font: Font | None = None
    size: float = 0.0
    character_space: float = 0.0
    word_space: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


def drawn_by(page: Part, fonts: Fonts) -> Drawn:
    """Return what a page and its forms draw as text, in drawing order.

    Raises UnknownTextError where a font's encoding is not understood.
    """
    drawn = Drawn()
    _Walk(drawn, fonts, set()).through(page, _UNMOVED, 0)
    return drawn


class _Walk:
    def __init__(self, drawn: Drawn, fonts: Fonts, seen: set[int]) -> None:
        self._drawn = drawn
        self._fonts = fonts
        self._seen = seen

    def through(self, part: Part, matrix: Matrix, depth: int) -> None:
        if part.key in self._seen:
            self._drawn.shared.add(part.key)
        self._seen.add(part.key)
        state, saved = _State(matrix), list[_State]()
        text = line = _UNMOVED
        for index, (operands, operator) in enumerate(part.instructions):
            match operator:
                case "q":
                    saved.append(replace(state))
                case "Q":
                    state = saved.pop() if saved else state
                case "cm":
                    state.matrix = combined(_matrix_of(operands), state.matrix)
                case "Do" if depth < _DEEPEST_FORM:
                    if (form := part.form(str(operands[0]))) is not None:
                        self.through(form, combined(form.matrix, state.matrix), depth + 1)
                case "BT":
                    text = line = _UNMOVED
                case "Tf":
                    state.font = self._font(part, str(operands[0]))
                    state.size = float(operands[1])
                case "Tc":
                    state.character_space = float(operands[0])
                case "Tw":
                    state.word_space = float(operands[0])
                case "Tz":
                    state.scale = float(operands[0]) / 100
                case "TL":
                    state.leading = float(operands[0])
                case "Ts":
                    state.rise = float(operands[0])
                case "Tm":
                    text = line = _matrix_of(operands)
                case "Td" | "TD":
                    x, y = float(operands[0]), float(operands[1])
                    state.leading = -y if operator == "TD" else state.leading
                    text = line = combined((1, 0, 0, 1, x, y), line)
                case "T*" | "'" | '"':
                    text = line = combined((1, 0, 0, 1, 0, -state.leading), line)
                    if operator == '"':
                        state.word_space = float(operands[0])
                        state.character_space = float(operands[1])
            if operator in {"Tj", "TJ", "'", '"'}:
                text = self._show(part, index, operands[-1], state, text)

    def _font(self, part: Part, name: str) -> Font | None:
        fonts = part.resources.get("/Font")
        font = fonts.get(name) if isinstance(fonts, Dictionary) else None
        return self._fonts.of(font) if isinstance(font, Dictionary) else None

    def _show(self, part: Part, index: int, operand: Object, state: _State, text: Matrix) -> Matrix:
        """Place the strings of one operator; return the text matrix after them."""
        self._drawn.starts[part.key, index] = (text, state.character_space, state.word_space)
        font = state.font
        if font is None or not font.bytes_per_code:
            raise UnknownTextError
        for element, item in enumerate(items_of(operand)):
            if isinstance(item, bytes):
                codes = list(font.codes(item))
                natural = font.width(item) * state.size * state.scale
                drawn = natural + _spacing(item, codes, font, state)
                if codes:
                    end = drawn - state.character_space * state.scale
                    run = _placed((part.key, index, element), state, text, natural, end)
                    run.begins_blank = font.is_blank(codes[0])
                    run.ends_blank = font.is_blank(codes[-1])
                    run.is_blank = run.begins_blank and all(map(font.is_blank, codes))
                    self._drawn.runs.append(run)
                text = combined((1, 0, 0, 1, drawn, 0), text)
            else:
                step = -item / 1000 * state.size * state.scale
                text = combined((1, 0, 0, 1, step, 0), text)
        return text


def items_of(operand: Object) -> Iterator[bytes | float]:
    """Yield the strings and kerning numbers of a text operator's operand."""
    if isinstance(operand, pikepdf.String):
        yield bytes(operand)
    elif isinstance(operand, Array):
        for item in operand.as_list():
            yield bytes(item) if isinstance(item, pikepdf.String) else float(item)


def form_named(resources: Object, name: str) -> Object | None:
    """Return the form of a name, None where it is an image or missing."""
    found = resources.get("/XObject")
    form = found.get(name) if isinstance(found, Dictionary) else None
    if isinstance(form, pikepdf.Stream) and form.get("/Subtype") == Name.Form:
        return form
    return None


def _spacing(text: bytes, codes: list[int], font: Font, state: _State) -> float:
    """Return how much wider than its glyphs a string is drawn, in text space."""
    spaces = text.count(b" ") if font.bytes_per_code == 1 else 0
    return (len(codes) * state.character_space + spaces * state.word_space) * state.scale


def _placed(
    place: tuple[int, int, int], state: _State, text: Matrix, natural: float, drawn: float
) -> Run:
    whole = combined(text, state.matrix)
    a, b, c, d, _, _ = whole
    unit = math.hypot(a, b)
    is_mirrored = a * d - b * c <= 0
    if not unit or is_mirrored or state.size <= 0 or state.scale <= 0:
        raise UnknownTextError
    return Run(
        part=place[0],
        operator=place[1],
        element=place[2],
        text_matrix=text,
        matrix=state.matrix,
        origin=(whole[4] + state.rise * c, whole[5] + state.rise * d),
        along=(a / unit, b / unit),
        length=natural * unit,
        drawn=drawn * unit,
        size=state.size * math.hypot(c, d),
    )


def _matrix_of(operands: list[Object]) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in operands)
    return a, b, c, d, e, f
