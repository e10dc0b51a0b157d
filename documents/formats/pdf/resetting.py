"""Writes text anew where lines were set anew: each string at its own place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import pikepdf
from pikepdf import Object

from documents.formats.pdf.areas import Matrix, Point, combined, inverted
from documents.formats.pdf.bars import Move
from documents.formats.pdf.content import Instruction
from documents.formats.pdf.runs import Drawn, Run, items_of

_SHOWING = {"Tj", "TJ", "'", '"'}
_PLACING = {"Td", "T*", "Tm"}


def reset(
    instructions: Sequence[Instruction], part: int, drawn: Drawn, moves: Iterable[Move]
) -> list[Instruction]:
    """Return a part's instructions with its moved runs at their new places.

    Text objects that hold one give each of their strings an absolute place.
    """
    moved = {(move.run.operator, move.run.element): move for move in moves if move.run.part == part}
    if not moved:
        return list(instructions)
    runs = {(run.operator, run.element): run for run in drawn.runs if run.part == part}
    operators = {operator for operator, _ in moved}
    written: list[Instruction] = []
    for start, end in _text_objects(instructions):
        block = range(start, end)
        if not operators.intersection(block):
            written += instructions[start:end]
            continue
        for index in block:
            written += _placed(instructions[index], part, index, drawn, runs, moved)
    return written


def _text_objects(instructions: Sequence[Instruction]) -> Iterable[tuple[int, int]]:
    """Yield ranges that cover all instructions, text objects apart from the rest."""
    start = 0
    for index, (_, operator) in enumerate(instructions):
        if operator == "BT":
            yield start, index
            start = index
        elif operator == "ET":
            yield start, index + 1
            start = index + 1
    yield start, len(instructions)


def _placed(
    instruction: Instruction,
    part: int,
    index: int,
    drawn: Drawn,
    runs: dict[tuple[int, int], Run],
    moved: dict[tuple[int, int], Move],
) -> Iterable[Instruction]:
    operands, operator = instruction
    if operator in _PLACING:
        return
    if operator == "TD":
        yield [_number(-float(operands[1]))], "TL"
        return
    if operator not in _SHOWING:
        yield instruction
        return
    matrix, character_space, word_space = drawn.starts[part, index]
    if operator == '"':
        yield [operands[0]], "Tw"
        yield [operands[1]], "Tc"
    strings = list(items_of(operands[-1]))
    if not any((index, element) in moved for element in range(len(strings))):
        yield _numbers(matrix), "Tm"
        yield [operands[-1]], "TJ" if operator == "TJ" else "Tj"
        return
    is_spaced = True
    for element, item in enumerate(strings):
        run = runs.get((index, element))
        if run is None or not isinstance(item, bytes):
            continue
        move = moved.get((index, element))
        if is_spaced != (move is None or not move.is_respaced):
            is_spaced = not is_spaced
            yield [_number(character_space if is_spaced else 0)], "Tc"
            yield [_number(word_space if is_spaced else 0)], "Tw"
        yield _numbers(_matrix_after(run, move)), "Tm"
        yield [pikepdf.String(item)], "Tj"
    if not is_spaced:
        yield [_number(character_space)], "Tc"
        yield [_number(word_space)], "Tw"


def _matrix_after(run: Run, move: Move | None) -> Matrix:
    if move is None:
        return run.text_matrix
    x, y = _without_origin(move.shift, inverted(run.matrix))
    return combined(run.text_matrix, (1, 0, 0, 1, x, y))


def _without_origin(vector: Point, matrix: Matrix) -> Point:
    a, b, c, d, _, _ = matrix
    return a * vector[0] + c * vector[1], b * vector[0] + d * vector[1]


def _numbers(values: Iterable[float]) -> list[Object]:
    return [_number(value) for value in values]


def _number(value: float) -> Object:
    return Decimal(f"{value:.6f}".rstrip("0").rstrip(".") or "0")  # type: ignore[return-value]
