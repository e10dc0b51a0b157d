"""What blocks are to a reader, told by comparing all of a document's: headings, running heads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from documents.formats.model import Role
from documents.formats.pdf.paragraphs import Draft

# Of the page's height: where heads and feet stand.
EDGE = 0.12
LONGEST_HEAD = 200
LONGEST_HEADING = 160
LARGER = 1.12
MOST_LEVELS = 6
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a block is compared. middle: of its height on the page, 0 to 1."""

    role: Role
    page: int
    size: float
    is_bold: bool
    length: int
    lines: int
    middle: float
    words: int
    """A hash of its words, whatever the numbers in them; 0 for long blocks."""
    is_sentence: bool


def traits_of(draft: Draft, page: int, height: float) -> Traits:
    """Return what of a page's block is compared with others."""
    boxes = [piece.line.box for piece in draft.pieces]
    middle = (min(box[1] for box in boxes) + max(box[3] for box in boxes)) / 2
    short = len(draft.text) <= LONGEST_HEAD
    return Traits(
        draft.role,
        page,
        # Sizes read from pixels waver too much to tell headings by.
        0.0 if draft.pieces[0].line.from_ocr else round(draft.size, 1),
        draft.is_bold,
        len(draft.text),
        len(draft.pieces),
        middle / max(1.0, height),
        hash(DIGITS.sub("0", draft.text)) or 1 if short else 0,
        draft.text.rstrip()[-1:] in ".,;",
    )


def roles_of(traits: Sequence[Traits], pages: int) -> list[tuple[Role, int]]:
    """Return each block's role and level, where these follow from the whole document."""
    running = _running(traits, pages)
    body_size, body_is_bold = _body(traits)
    headings = {
        index
        for index, block in enumerate(traits)
        if index not in running and _is_heading(block, body_size, body_is_bold)
    }
    looks = sorted({(-traits[i].size, not traits[i].is_bold) for i in headings})
    levels = {look: min(level, MOST_LEVELS) for level, look in enumerate(looks, 1)}
    roles: list[tuple[Role, int]] = []
    for index, block in enumerate(traits):
        if index in running:
            roles.append((Role.HEADER if block.middle < 0.5 else Role.FOOTER, 0))
        elif index in headings:
            roles.append((Role.HEADING, levels[-block.size, not block.is_bold]))
        else:
            roles.append((block.role, -1))
    return roles


def _body(traits: Sequence[Traits]) -> tuple[float, bool]:
    """Return the size and weight of most characters."""
    weights: Counter[tuple[float, bool]] = Counter()
    for block in traits:
        if block.size and block.role in {Role.PARAGRAPH, Role.ITEM, Role.CELL}:
            weights[block.size, block.is_bold] += block.length
    return max(weights, key=lambda look: (weights[look], look), default=(0.0, False))


def _is_heading(block: Traits, body_size: float, body_is_bold: bool) -> bool:
    if not block.size or block.role not in {Role.PARAGRAPH, Role.ITEM}:
        return False
    if block.length > LONGEST_HEADING or block.lines > 4 or block.length < 2:
        return False
    if block.size > LARGER * body_size:
        return True
    is_of_body_size = block.size > 0.97 * body_size
    return block.is_bold and not body_is_bold and is_of_body_size and not block.is_sentence


def _running(traits: Sequence[Traits], pages: int) -> set[int]:
    """Return the blocks that stand at the same edge of several pages with the same words."""
    seen: dict[tuple[int, bool], set[int]] = {}
    edges: list[tuple[int, tuple[int, bool]]] = []
    for index, block in enumerate(traits):
        is_at_edge = block.middle < EDGE or block.middle > 1 - EDGE
        if block.words and is_at_edge and block.role is not Role.CELL:
            key = (block.words, block.middle < 0.5)
            seen.setdefault(key, set()).add(block.page)
            edges.append((index, key))
    needed = max(2, min(3, pages // 2))
    return {index for index, key in edges if len(seen[key]) >= needed}
