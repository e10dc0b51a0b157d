"""Content streams as lists of instructions, reduced to what draws.

Comments, marked content with its property lists (ActualText, Alt), unknown operators and operands
beside the purpose fall away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

Instruction = tuple[list[Object], str]

INLINE_IMAGE = "INLINE IMAGE"
# How many operands each operator takes; None: any number of numbers, a name last.
_OPERANDS: dict[str, int | None] = (
    dict.fromkeys(
        [
            "b",
            "B",
            "b*",
            "B*",
            "BT",
            "ET",
            "f",
            "F",
            "f*",
            "h",
            "n",
            "q",
            "Q",
            "s",
            "S",
            "T*",
            "W",
            "W*",
        ],
        0,
    )
    | dict.fromkeys(
        [
            "g",
            "G",
            "gs",
            "i",
            "j",
            "J",
            "M",
            "ri",
            "sh",
            "Tc",
            "TL",
            "Tr",
            "Ts",
            "Tw",
            "Tz",
            "w",
            "Do",
            "cs",
            "CS",
            "Tj",
            "TJ",
            "'",
        ],
        1,
    )
    | dict.fromkeys(["d", "d0", "l", "m", "Td", "TD", "Tf"], 2)
    | dict.fromkeys(["rg", "RG", '"'], 3)
    | dict.fromkeys(["k", "K", "re", "v", "y"], 4)
    | dict.fromkeys(["c", "cm", "d1", "Tm"], 6)
    | dict.fromkeys(["sc", "SC", "scn", "SCN"], None)
)
_NUMBERS = {int, float, Decimal}
_TEXT = {"Tj", "TJ", "'", '"'}
# The kind of resource that an operator's name operand belongs to.
_NAMED = {
    "Do": "/XObject",
    "Tf": "/Font",
    "gs": "/ExtGState",
    "cs": "/ColorSpace",
    "CS": "/ColorSpace",
    "scn": "/Pattern",
    "SCN": "/Pattern",
    "sh": "/Shading",
    "ri": "",
}


@dataclass
class Used:
    """What a content stream uses: names by kind of resource, and strings by name of the font."""

    names: dict[str, set[str]] = field(default_factory=dict)
    strings: dict[str, list[bytes]] = field(default_factory=dict)

    def add(self, kind: str, name: str) -> None:
        """Note that a resource is used."""
        self.names.setdefault(kind, set()).add(name)

    def has(self, kind: str, name: str) -> bool:
        """Say whether a resource is used."""
        return name in self.names.get(kind, ())


def instructions_of(source: Object) -> tuple[list[Instruction], Used]:
    """Return what a page or stream draws, balanced, with the resources it uses.

    Raises pikepdf.PdfError where it cannot be parsed.
    """
    used = Used()
    kept: list[Instruction] = []
    saved: list[str] = []
    font, in_text = "", False
    for operands, operator in _parsed(source):
        if operator == "q":
            saved.append(font)
        elif operator == "Q":
            if not saved:
                continue
            font = saved.pop()
        elif operator == "BT":
            if in_text:
                continue
            in_text = True
        elif operator == "ET":
            if not in_text:
                continue
            in_text = False
        elif operator == "Tf":
            font = str(operands[0])
        elif operator in _TEXT:
            used.strings.setdefault(font, []).extend(strings_of(operands[-1]))
        if kind := _NAMED.get(operator):
            if operands and isinstance(operands[-1 if operator != "Tf" else 0], Name):
                used.add(kind, str(operands[-1 if operator != "Tf" else 0]))
        elif operator == INLINE_IMAGE:
            _note_inline_image(operands[0], used)
        kept.append((operands, operator))
    kept.extend([([], "ET")] if in_text else [])
    kept.extend([([], "Q")] * len(saved))
    return kept, used


def written(instructions: Iterable[Instruction]) -> bytes:
    """Return instructions as the bytes of a content stream."""
    return pikepdf.unparse_content_stream(
        [(operands, pikepdf.Operator(operator)) for operands, operator in instructions]
    )


def strings_of(operand: Object) -> Iterator[bytes]:
    """Yield the strings of a text operator's operand, without the kerning between them."""
    if isinstance(operand, pikepdf.String):
        yield bytes(operand)
    elif isinstance(operand, Array):
        yield from (bytes(item) for item in operand.as_list() if isinstance(item, pikepdf.String))


def _parsed(source: Object) -> Iterator[Instruction]:
    for instruction in pikepdf.parse_content_stream(source):
        operator = str(instruction.operator)
        if operator == INLINE_IMAGE:
            yield list(instruction.operands), operator
            continue
        if operator not in _OPERANDS:
            continue
        operands = _trimmed(list(instruction.operands), operator)
        if operands is not None:
            yield operands, operator


def _trimmed(operands: list[Object], operator: str) -> list[Object] | None:
    """Return the operands that an operator takes, None where it cannot be carried out."""
    count = _OPERANDS[operator]
    if count is not None:
        if len(operands) < count:
            return None
        operands = operands[len(operands) - count :]
    if operator in _TEXT:
        if isinstance(operands[-1], pikepdf.String):
            return operands
        if operator == "TJ" and isinstance(operands[-1], Array):
            return [_text_items(operands[-1])]
        return None
    for operand in operands:
        if type(operand) in _NUMBERS or _is_number(operand):
            continue
        if isinstance(operand, Name):
            if operator in _NAMED:
                continue
        elif (
            isinstance(operand, Array)
            and operator == "d"
            and all(_is_number(item) for item in operand.as_list())
        ):
            continue
        return None
    return operands


def _text_items(items: Array) -> Array:
    listed = items.as_list()
    if all(isinstance(item, pikepdf.String) or _is_number(item) for item in listed):
        return items
    return Array([i for i in listed if isinstance(i, pikepdf.String) or _is_number(i)])


def _is_number(value: object) -> bool:
    if isinstance(value, Object):
        return value._type_code in {
            pikepdf.ObjectType.integer,
            pikepdf.ObjectType.real,
        }
    return not isinstance(value, (str, bytes)) and hasattr(value, "__float__")


def _note_inline_image(image: Object, used: Used) -> None:
    """Inline images may name a colour space of the resources."""
    for candidate in ("/ColorSpace", "/CS"):
        value = image.obj.get(candidate) if isinstance(image.obj, Dictionary) else None
        if isinstance(value, Name):
            used.add("/ColorSpace", str(value))
