"""Leaves of a document: where they begin, what stands in them, what a correction changes."""

from __future__ import annotations

from typing import Any

import pytest

from anonymizer.reading import Marked, original_spans
from anonymizer.text import Style, redact
from documents.changes import changed_places
from documents.formats.model import Block, Role
from documents.reading import LEAF_CELLS, LEAF_CHARACTERS, Group, Leaf, leaves, parts
from documents.summary import MOST_BARS, summarise
from inference.engine.spans import Span


def _document(*pieces: str, **places: Any) -> tuple[str, list[Block]]:
    """Return a text of paragraphs and their blocks; `page` gives each one's page."""
    blocks, at = [], 0
    pages = places.get("page", [0] * len(pieces))
    for piece, page in zip(pieces, pages, strict=True):
        blocks.append(Block(places.get("role", Role.PARAGRAPH), at, at + len(piece), page=page))
        at += len(piece) + 1
    return "\n".join(pieces), blocks


def _marked(text: str, spans: list[Span]) -> list[Marked]:
    redaction = redact(text, spans, Style.NUMBERED)
    return original_spans(text, spans, redaction.bars, redaction.text, "model")


def _span(text: str, words: str, after: int = 0) -> Span:
    start = text.index(words, after)
    return Span(start, start + len(words), "private_person", 0.9, "model", "", "")


def _text_of(leaf: Leaf) -> str:
    pieces = [piece for group in leaf.groups for piece in group.pieces]
    pieces += [p for group in leaf.groups for row in group.rows for cell in row for p in cell]
    return "|".join("".join(segment.text for segment in piece.segments) for piece in pieces)


def test_every_block_stands_in_one_leaf_once_and_whole() -> None:
    words = [f"Paragraph {number} " + "x" * (number * 37 % 900) for number in range(400)]
    text, blocks = _document(*words)
    found = leaves(blocks, "txt", text, [], 0)
    assert "|".join(map(_text_of, found)) == "|".join(words)
    assert len(found) > 10
    assert all(leaf.length < LEAF_CHARACTERS + 1000 for leaf in found)


def test_a_page_begins_a_leaf_and_names_it() -> None:
    text, blocks = _document("One", "still one", "two", page=[1, 1, 2])
    assert [(leaf.title, _text_of(leaf)) for leaf in leaves(blocks, "pdf", text, [], 0)] == [
        ("Page 1", "One|still one"),
        ("Page 2", "two"),
    ]
    assert leaves(blocks, "pptx", text, [], 0)[0].title == "Slide 1"


def test_a_long_page_goes_on_without_a_second_heading() -> None:
    text, blocks = _document(*["y" * 1000] * 10, page=[1] * 10)
    found = leaves(blocks, "pdf", text, [], 0)
    assert [leaf.title for leaf in found] == ["Page 1", ""]


def test_what_is_not_the_body_is_set_apart_under_its_title() -> None:
    text = "Body\nA remark"
    blocks = [Block(Role.PARAGRAPH, 0, 4), Block(Role.COMMENT, 5, 13, title="Comment 1")]
    found = leaves(blocks, "docx", text, [], 0)
    assert [(leaf.title, leaf.is_aside) for leaf in found] == [("", False), ("Comment 1", True)]


def _table(rows: int, columns: int) -> tuple[str, list[Block]]:
    cells = [f"r{row}c{column}" for row in range(rows) for column in range(columns)]
    text, blocks = _document(*cells, role=Role.CELL)
    placed = [
        Block(Role.CELL, b.start, b.end, table=1, row=i // columns, column=i % columns)
        for i, b in enumerate(blocks)
    ]
    return text, placed


def _only_group(leaf: Leaf) -> Group:
    assert len(leaf.groups) == 1
    return leaf.groups[0]


def test_cells_stand_in_rows_and_missing_ones_are_empty() -> None:
    text, blocks = _table(2, 3)
    del blocks[4]
    rows = _only_group(leaves(blocks, "docx", text, [], 0)[0]).rows
    assert [[len(cell) for cell in row] for row in rows] == [[1, 1, 1], [1, 0, 1]]


def test_a_long_table_is_cut_between_rows_and_keeps_its_columns() -> None:
    text, blocks = _table(LEAF_CELLS, 3)
    found = leaves(blocks, "csv", text, [], 0)
    assert len(found) > 1
    groups = [_only_group(leaf) for leaf in found]
    assert all(len(row) == 3 and all(row) for group in groups for row in group.rows)
    assert {group.widths for group in groups} == {groups[0].widths}
    assert sum(groups[0].widths) in range(98, 103)


def test_lines_of_code_and_items_stand_together() -> None:
    text = "a = 1\nb = 2\n1. first\nsecond"
    blocks = [
        Block(Role.CODE, 0, 5),
        Block(Role.CODE, 6, 11),
        Block(Role.ITEM, 12, 20, level=1),
        Block(Role.ITEM, 21, 27, level=2),
    ]
    groups = leaves(blocks, "md", text, [], 0)[0].groups
    assert [(group.kind, len(group.pieces)) for group in groups] == [("code", 2), ("list", 2)]
    assert [piece.is_marked for piece in groups[1].pieces] == [True, False]


class TestChanges:
    def test_only_leaves_with_other_marks_are_sent(self) -> None:
        text, blocks = _document("Ann here", "Ben here", "Ann again", page=[1, 2, 3])
        first, second = _span(text, "Ann"), _span(text, "Ann", 5)
        before = _marked(text, [first, second])
        after = _marked(text, [first, _span(text, "Ben"), second])
        changed = changed_places(before, after, parts(blocks, "pdf"), 0)
        assert [part.page for part in changed.parts] == [2]

    def test_a_mark_elsewhere_whose_number_moves_is_told(self) -> None:
        text, blocks = _document("Ann here", "Ben here", page=[1, 2])
        before = _marked(text, [_span(text, "Ben")])
        after = _marked(text, [_span(text, "Ann"), _span(text, "Ben")])
        changed = changed_places(before, after, parts(blocks, "pdf"), 0)
        assert [part.page for part in changed.parts] == [1]
        assert [span.redacted for span in changed.figures] == ["<PRIVATE_PERSON_2>"]

    def test_a_change_in_the_name_touches_no_leaf(self) -> None:
        text, blocks = _document("Ann here")
        name = "Ben\n\n"
        after = _marked(name + text, [_span(name + text, "Ben")])
        changed = changed_places([], after, parts(blocks, "txt"), len(name))
        assert not changed.parts


class TestSummary:
    @pytest.mark.parametrize("pages", [3, 52, 53, 300, 3000])
    def test_the_bars_hold_every_mark_and_fit(self, pages: int) -> None:
        text, blocks = _document(*["Ann here"] * pages, page=list(range(1, pages + 1)))
        spans = [_span(text, "Ann", block.start) for block in blocks[::2]]
        summary = summarise(text, _marked(text, spans), parts(blocks, "pdf"), 0, pages)
        assert len(summary.bars) <= MOST_BARS
        told = [int(bar.title.rpartition(": ")[2].split()[0]) for bar in summary.bars]
        assert sum(told) == len(spans)
        assert float(summary.bars[-1].x) + float(summary.bars[-1].width) <= 208
        assert summary.empty_count == pages // 2

    def test_a_page_without_text_is_a_page_with_none(self) -> None:
        text, blocks = _document("Ann here", "Ann there", page=[1, 3])
        spans = [_span(text, "Ann"), _span(text, "Ann", 5)]
        summary = summarise(text, _marked(text, spans), parts(blocks, "pdf"), 0, 3)
        assert [page.number for page in summary.empty_pages] == [2]

    def test_repeated_values_lead_to_their_first_mark(self) -> None:
        text, blocks = _document("Ben, Ann, ann, Ann")
        spans = [_span(text, "Ben"), _span(text, "Ann"), _span(text, "ann"), _span(text, "Ann", 9)]
        summary = summarise(text, _marked(text, spans), parts(blocks, "txt"), 0, 0)
        assert [(one.value, one.count, one.start) for one in summary.repeated] == [("Ann", 3, 5)]

    def test_an_empty_document_has_a_summary(self) -> None:
        summary = summarise("", [], [], 0, 0)
        assert (summary.total, summary.bars, summary.repeated) == (0, (), ())
