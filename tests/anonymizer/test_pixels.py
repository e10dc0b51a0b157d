"""Bars over pixels, and from spans to rectangles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from anonymizer.pixels import Box, boxes_of, cover, padded


@dataclass(frozen=True, slots=True)
class Word:
    """A word as documents have it."""

    start: int
    end: int
    box: Box
    edges: tuple[float, ...] = ()


# "Jane Doe met" on a line, "Roe" on the next; ten pixels a character.
LINE = (
    Word(0, 4, (0, 0, 40, 12), (0, 10, 20, 30, 40)),
    Word(5, 8, (50, 0, 80, 12), (50, 60, 70, 80)),
    Word(9, 12, (90, 0, 120, 12)),
    Word(13, 16, (0, 20, 30, 32)),
)


def test_a_span_over_words_is_one_rectangle() -> None:
    assert boxes_of(0, 8, LINE) == [(0, 0, 80, 12)]


def test_a_span_over_lines_is_a_rectangle_for_each() -> None:
    assert boxes_of(5, 16, LINE) == [(50, 0, 120, 12), (0, 20, 30, 32)]


def test_a_part_of_a_word_is_exact_where_edges_are_known() -> None:
    assert boxes_of(1, 3, LINE) == [(10, 0, 30, 12)]
    assert boxes_of(6, 7, LINE) == [(60, 0, 70, 12)]
    assert boxes_of(3, 6, LINE) == [(30, 0, 60, 12)]


def test_a_part_of_a_word_without_edges_hides_the_word() -> None:
    assert boxes_of(10, 11, LINE) == [(90, 0, 120, 12)]


def test_edges_that_do_not_fit_the_word_hide_the_word() -> None:
    assert boxes_of(0, 1, [Word(0, 3, (0, 0, 30, 9), (0, 10, 30))]) == [(0, 0, 30, 9)]


def test_words_beside_the_span_stay() -> None:
    assert boxes_of(4, 5, LINE) == []
    assert boxes_of(8, 9, LINE) == []
    assert boxes_of(3, 3, LINE) == []


def test_far_apart_words_of_a_line_get_a_bar_each() -> None:
    far = (Word(0, 3, (0, 0, 30, 12)), Word(4, 7, (300, 0, 330, 12)))
    assert len(boxes_of(0, 7, far)) == 2


@given(st.integers(0, 16), st.integers(0, 16))
def test_every_character_of_a_span_lies_in_one_of_its_rectangles(one: int, other: int) -> None:
    start, end = sorted((one, other))
    boxes = boxes_of(start, end, LINE)
    for word in LINE:
        for place in range(max(start, word.start), min(end, word.end)):
            x = word.box[0] + 10 * (place - word.start) + 5
            y = (word.box[1] + word.box[3]) / 2
            assert any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in boxes)


def _written(text: str, size: int) -> tuple[Image.Image, Box]:
    """Return a text on white, and the box of its dark ink, as OCR would give it."""
    image = Image.new("RGB", (600, 120), "white")
    ImageDraw.Draw(image).text((40, 30), text, fill="black", font=ImageFont.load_default(size))
    dark = np.argwhere(np.asarray(image.convert("L")) < 100)
    (top, left), (bottom, right) = dark.min(axis=0), dark.max(axis=0)
    return image, (float(left), float(top), float(right + 1), float(bottom + 1))


@pytest.mark.parametrize("size", [9, 14, 24, 48])
def test_no_stroke_shows_beside_a_bar(size: int) -> None:
    image, box = _written("Joggypq |Jy", size)
    covered = np.asarray(cover(image, [box], colour=(255, 255, 255)))
    assert (covered == 255).all()


def test_pixels_under_a_bar_are_of_one_colour_and_the_rest_is_as_it_was() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (80, 120, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    covered = np.asarray(cover(image, [(30.4, 20.6, 70.2, 40.1)], colour=(10, 20, 30)))
    bar = padded((30.4, 20.6, 70.2, 40.1), image.size)
    assert bar is not None
    left, top, right, bottom = bar
    assert (covered[top:bottom, left:right] == (10, 20, 30)).all()
    rest = np.ones((80, 120), dtype=bool)
    rest[top:bottom, left:right] = False
    assert np.array_equal(covered[rest], noise[rest])
    assert np.array_equal(np.asarray(image), noise)


def test_bars_round_outward_and_end_at_the_picture() -> None:
    assert padded((10.5, 10.5, 19.5, 19.5), (100, 100), 0) == (10, 10, 20, 20)
    assert padded((-50, -50, 500, 500), (100, 90)) == (0, 0, 100, 90)
    assert padded((200, 10, 300, 20), (100, 90)) is None
    assert padded((19.5, 19.5, 10.5, 10.5), (100, 100), 0) == (10, 10, 20, 20)


def test_a_bar_outside_of_the_picture_changes_nothing() -> None:
    image = Image.new("RGB", (20, 20), "white")
    assert np.array_equal(np.asarray(cover(image, [(50, 50, 60, 60)])), np.asarray(image))


def test_grey_and_indexed_pictures_get_true_bars() -> None:
    for mode in ("L", "P", "1", "RGBA"):
        image = Image.new("RGB", (40, 40), "white").convert(mode)
        covered = cover(image, [(10, 10, 30, 30)], colour=(200, 30, 40))
        assert covered.mode == "RGB"
        assert covered.getpixel((20, 20)) == (200, 30, 40)


def test_a_tag_stands_on_its_bar_only_where_it_fits() -> None:
    image = Image.new("RGB", (200, 60), "white")
    plain = np.asarray(cover(image, [(20, 20, 120, 44)]))
    tagged = np.asarray(cover(image, [(20, 20, 120, 44)], tags=["PER"]))
    changed = np.argwhere((plain != tagged).any(axis=2))
    assert len(changed)
    assert changed[:, 0].min() >= 18
    assert changed[:, 0].max() < 46
    assert (tagged.max(axis=2)[20:44, 20:120] > 200).any()
    for box in ((20, 20, 30, 44), (20, 20, 120, 26)):
        small = cover(image, [box], tags=["PER"])
        assert np.array_equal(np.asarray(small), np.asarray(cover(image, [box])))


def test_what_stood_under_a_tag_does_not_shine_through() -> None:
    written, box = _written("Holloway", 30)
    blank = Image.new("RGB", written.size, "white")
    over = [np.asarray(cover(one, [box], tags=["PER"])) for one in (written, blank)]
    assert np.array_equal(*over)
