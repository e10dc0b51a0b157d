"""Words in the rows in which they are seen, and addresses in one piece."""

from __future__ import annotations

import numpy as np
import pytest

from anonymizer.ocr.addresses import rejoined
from anonymizer.ocr.edges import grown
from anonymizer.ocr.rows import by_rows
from anonymizer.ocr.text import laid_out
from anonymizer.ocr.unite import united
from anonymizer.ocr.words import OcrWord


def word(
    text: str, x: float, y: float, *, line: int = 0, block: int = 0, sure: float = 0.9
) -> OcrWord:
    """Return a word of letters ten pixels wide and twenty high."""
    return OcrWord(text, (x, y, x + 10 * len(text), y + 20), sure, line, block)


def seen(words: list[OcrWord]) -> str:
    return laid_out(by_rows(words))[0]


def test_a_field_stands_beside_its_name() -> None:
    names = [word(text, 0, 50 * n, line=n) for n, text in enumerate(("Surname", "Address"))]
    values = [
        word("Holloway", 300, 2, line=2, block=1),
        word("Mill", 300, 51, line=3, block=1),
        word("Lane", 350, 51, line=3, block=1),
    ]
    assert seen(names + values) == "Surname\tHolloway\n\nAddress\tMill Lane"


def test_rows_slightly_askew_are_followed() -> None:
    row = [word("aaaa", 60 * n, 3 * n, line=n) for n in range(12)]
    below = [word("bbbb", 60 * n, 26 + 3 * n, line=20 + n) for n in range(12)]
    assert seen(below + row).split("\n") == [" ".join(["aaaa"] * 12), " ".join(["bbbb"] * 12)]


def test_a_line_that_was_mixed_of_two_rows_is_parted() -> None:
    mixed = [word("one", 0, 0), word("four", 50, 30), word("two", 50, 0), word("three", 0, 30)]
    assert seen(mixed) == "one two\nthree four"


def test_columns_of_prose_stay_columns() -> None:
    words = [
        word("text", 500 * column + 50 * place, 30 * line, line=10 * column + line, block=column)
        for column in range(2)
        for line in range(4)
        for place in range(6)
    ]
    assert by_rows(words) == words


def test_sums_in_two_cards_are_not_one_number() -> None:
    cards = [word("17.95", 0, 0, line=0), word("402.10", 200, 0, line=1, block=1)]
    assert seen(cards) == "17.95\n402.10"
    named = [word("Total", 0, 0, line=0), word("402.10", 200, 0, line=1, block=1)]
    assert seen(named) == "Total\t402.10"


def test_a_speck_beside_the_text_takes_no_part_in_its_row() -> None:
    text = [word("Paris", 100, 0, line=1, block=1), word("fe", 400, 0, line=2, block=2, sure=0.2)]
    assert seen(text) == "Paris\nfe"


def test_nothing_has_no_rows() -> None:
    assert by_rows([]) == []


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        (("k.lueders@brief.", 6, "example"), "k.lueders@brief.example"),
        (("k.lueders@brief", 10, "example"), "k.lueders@brief.example"),
        (("<a.boehm", 6, "@post.example>"), "<a.boehm@post.example>"),
        (("<o.", 6, "grant@post.example>"), "<o.grant@post.example>"),
        (("zoe", 6, ".carp@post.example"), "zoe.carp@post.example"),
        (("ann@inbox.exam", 4, "ple"), "ann@inbox.example"),
        (("https://post.example/", 6, "reset"), "https://post.example/reset"),
    ],
)
def test_an_address_that_was_torn_is_whole_again(pieces: tuple[str, int, str], whole: str) -> None:
    first = word(pieces[0], 0, 0)
    joined = rejoined([first, word(pieces[2], first.box[2] + pieces[1], 0), word("x", 900, 0)])
    assert [one.text for one in joined] == [whole, "x"]
    assert joined[0].box == (0, 0, first.box[2] + pieces[1] + 10 * len(pieces[2]), 20)


@pytest.mark.parametrize(
    ("first", "gap", "second"),
    [
        ("ann@post.example", 8, "writes"),
        ("Mail", 6, "ann@post.example"),
        ("me.", 6, "Then"),
        ("@ann", 10, "writes"),
        ("ann@post.", 40, "example"),
        ("ann@post", 10, "Example"),
    ],
)
def test_words_beside_an_address_stay_apart(first: str, gap: int, second: str) -> None:
    one = word(first, 0, 0)
    assert len(rejoined([one, word(second, one.box[2] + gap, 0)])) == 2


def test_a_piece_on_the_next_line_stays_there() -> None:
    assert len(rejoined([word("ann@post.", 0, 0), word("example", 96, 0, line=1)])) == 2


def test_of_two_readings_the_one_with_the_whole_address_is_taken() -> None:
    torn = [word("li.xy@m", 0, 0), word("ailbox", 80, 0)]
    whole = [word("li.xy@mail.example", 0, 0, sure=0.4)]
    assert [one.text for one in united(torn, whole)] == ["li.xy@mail.example"]
    assert [one.text for one in united(whole, torn)] == ["li.xy@mail.example"]


# ---- Boxes that run through a letter


def _ink(
    *strokes: tuple[int, int], width: int = 100
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    pixels = np.full((30, width), 255, np.uint8)
    for left, right in strokes:
        pixels[8:22, left:right] = 0
    return pixels


def test_a_box_that_ends_in_a_letter_grows_to_its_end() -> None:
    pixels = _ink((30, 40), (42, 52), (60, 70))
    assert grown(pixels, (33, 5, 49, 25)) == (30, 5, 52, 25)


def test_a_box_that_ends_in_the_blank_stays() -> None:
    pixels = _ink((30, 40), (42, 52), (60, 70))
    assert grown(pixels, (29, 5, 54, 25)) == (29, 5, 54, 25)


def test_a_box_in_a_long_rule_stays() -> None:
    assert grown(_ink((0, 100)), (40, 5, 60, 25)) == (40, 5, 60, 25)
