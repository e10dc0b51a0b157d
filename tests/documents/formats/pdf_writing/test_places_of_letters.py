"""Bars and the text beside them say nothing about the width of what is hidden (Edact-Ray)."""

from __future__ import annotations

import pymupdf
import pytest

from documents.formats.pdf.bars import STEP
from tests.documents.formats.pdf_writing.made import Result, a_page, redacted, written


def _bars(result: Result) -> list[pymupdf.Rect]:
    with pymupdf.open(stream=result.content) as document:
        return [
            item[1]
            for drawing in document[0].get_drawings()
            for item in drawing["items"]
            if item[0] == "re" and drawing["fill"] == (0.0, 0.0, 0.0)
        ]


def _places(result: Result) -> list[tuple[str, float, float]]:
    """Return each visible letter with its place, those on bars left out."""
    with pymupdf.open(stream=result.content) as document:
        content = document[0].get_text("rawdict")
    return [
        (char["c"], round(char["origin"][0], 1), round(char["origin"][1], 1))
        for block in content["blocks"]
        for line in block["lines"]
        for span in line["spans"]
        if span["color"] != 0xFFFFFF
        for char in span["chars"]
        if not char["c"].isspace()
    ]


@pytest.mark.parametrize("pair", [("Lil", "Wim"), ("Martha Poe", "Wanda Mott")])
def test_page_is_the_same_whichever_name_was_hidden(pair: tuple[str, str]) -> None:
    one, two = (
        redacted(a_page(None, f"Dear {name}, your flat is ready now.", "Yours, the landlord"), name)
        for name in pair
    )
    assert one.hidden
    assert _bars(one) == _bars(two)
    assert _places(one) == _places(two)


def test_bars_are_whole_steps_wide() -> None:
    names = ["Al", "Wilhelmina", "Bartholomew Featherstonehaugh"]
    lines = [f"Now {name} came." for name in names]
    widths = [bar.width for bar in _bars(redacted(a_page(None, *lines), *names))]
    step = STEP * 12
    assert len(widths) == 3
    for width in widths:
        steps = (width + 0.06 * 12) / step
        assert steps == pytest.approx(round(steps), abs=0.01)
    assert widths[0] == pytest.approx(widths[1], abs=0.01)
    assert widths[2] > widths[1]


def test_spaces_of_a_justified_line_are_set_anew() -> None:
    """Both lines end at the same place, as justified lines do; their spaces tell the width."""
    pages = []
    for name, space in (("Lil", 9.7), ("Mormon", 3.1)):
        line = b"BT /F 12 Tf %.2f Tw 40 300 Td (Dear %s, your flat is ready) Tj ET"
        pages.append(redacted(written(line % (space, name.encode())), name))
    assert all(page.hidden for page in pages)
    assert _places(pages[0]) == _places(pages[1])


def test_kerning_beside_a_name_is_set_anew() -> None:
    pages = []
    for name, shift in ((b"Lil", -60), (b"Mom", 45)):
        line = b"BT /F 12 Tf 40 300 Td [(Dear ) %d (%s) %d (, your ) %d (flat)] TJ ET"
        pages.append(redacted(written(line % (shift, name, -shift, shift // 2)), name.decode()))
    assert all(page.hidden for page in pages)
    assert _places(pages[0]) == _places(pages[1])


def test_letters_placed_one_by_one_are_set_anew() -> None:
    pages = []
    for name, drift in (("Lil", 0.11), ("Mom", 0.37)):
        x, parts = 40.0, []
        for char in f"Dear {name}, your flat":
            if char != " ":
                parts.append(f"1 0 0 1 {x:.3f} 300 Tm ({char}) Tj")
            x += pymupdf.get_text_length(char, fontsize=12) + drift
        content = written(f"BT /F 12 Tf {' '.join(parts)} ET".encode())
        pages.append(redacted(content, name))
    assert all(page.hidden for page in pages)
    assert _places(pages[0]) == _places(pages[1])


def test_centred_lines_begin_on_a_grid() -> None:
    def centred(name: str) -> bytes:
        line = f"Dear {name}, your flat is ready"
        x = 297 - pymupdf.get_text_length(line, fontsize=12) / 2
        return a_page(lambda page: page.insert_text((x, 300), line, fontsize=12))

    one, two = (redacted(centred(name), name) for name in ("Lil", "Wim"))
    assert _places(one) == _places(two)


def test_next_column_and_next_lines_stay_where_they_are() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 300), "Tenant Wim", fontsize=12)
        page.insert_text((300, 300), "Floor 3", fontsize=12)
        page.insert_text((72, 330), "Signed", fontsize=12)

    content = a_page(draw)
    with pymupdf.open(stream=content) as document:
        before = [document[0].search_for(text)[0] for text in ("Floor 3", "Signed")]
    with pymupdf.open(stream=redacted(content, "Wim").content) as document:
        after = [document[0].search_for(text)[0] for text in ("Floor 3", "Signed")]
    for one, two in zip(before, after, strict=True):
        assert tuple(one) == pytest.approx(tuple(two), abs=0.05)


def test_moved_text_does_not_cross_the_rules_of_a_table() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.draw_line((140, 280), (140, 310))
        page.insert_text((72, 300), "by Wim", fontsize=12)
        page.insert_text((145, 300), "paid", fontsize=12)

    result = redacted(a_page(draw), "Wim")
    with pymupdf.open(stream=result.content) as document:
        assert document[0].search_for("paid")[0].x0 == pytest.approx(145, abs=0.1)
    assert all(bar.x1 <= 140 for bar in _bars(result))
