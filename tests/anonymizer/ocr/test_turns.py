"""Boxes of a righted picture are brought back to the picture as given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from anonymizer.ocr.turns import Turn, skew_of
from anonymizer.ocr.words import OcrWord
from tests.anonymizer.ocr.pages import page, photographed


@given(
    st.sampled_from([0, 90, 180, 270]),
    st.sampled_from([0.0, 3.0, -7.5, 14.0]),
    st.integers(40, 150),
    st.integers(40, 110),
)
def test_a_mark_is_found_where_it_was(quarter: int, degrees: float, x: int, y: int) -> None:
    given_picture = Image.new("L", (200, 150), 255)
    given_picture.paste(0, (x, y, x + 6, y + 4))
    turn = Turn(given_picture.size, quarter, degrees)
    rows, columns = np.nonzero(np.asarray(turn.apply(given_picture)) < 128)
    box = (float(columns.min()), float(rows.min()), columns.max() + 1.0, rows.max() + 1.0)
    back = turn.back(OcrWord("x", box, 1.0, 0, 0)).box
    assert back[0] <= x + 1.5
    assert back[1] <= y + 1.5
    assert back[2] >= x + 4.5
    assert back[3] >= y + 2.5
    assert back[2] - back[0] < 14
    assert back[3] - back[1] < 14


@pytest.mark.parametrize("degrees", [-12, -5, 0, 4, 9])
@pytest.mark.parametrize("is_noisy", [False, True])
def test_the_skew_of_a_page_is_measured(degrees: int, is_noisy: bool) -> None:
    image = page().rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    grey = photographed(image, noise=4) if is_noisy else image.convert("L")
    assert abs(skew_of(grey) - degrees) <= 1


def test_a_blank_picture_has_no_skew() -> None:
    assert skew_of(Image.new("L", (300, 200), 255)) == 0
