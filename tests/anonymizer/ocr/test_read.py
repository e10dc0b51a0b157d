"""Words of pictures: read whatever the size, shade and direction, with places that fit."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pytest
from PIL import Image

from anonymizer.ocr import OcrWord, installed_languages, laid_out, read_words
from anonymizer.ocr.edges import edges_in
from tests.anonymizer.ocr.pages import LETTER, font, ink_outside, page, photographed

NAMES = {"Margaret", "Holloway", "Peter", "Lindqvist", "Dorothy", "Pemberton"}
ENGLISH = ("eng",)


def _found(words: Iterable[OcrWord]) -> set[str]:
    return {part for word in words for part in re.findall(r"\w+", word.text)}


def _missed(words: Iterable[OcrWord]) -> set[str]:
    return {part for line in LETTER for part in re.findall(r"\w+", line)} - _found(words)


@pytest.mark.parametrize("size", [18, 28, 60])
def test_a_page_is_read_in_order(size: float) -> None:
    words = read_words(page(size=size), languages=ENGLISH)
    assert laid_out(words)[0].split() == " ".join(LETTER).split()
    assert [word.line for word in words] == sorted(word.line for word in words)
    assert all(0 <= word.confidence <= 1 for word in words)


def test_small_letters_of_a_screenshot_are_read_thoroughly() -> None:
    words = read_words(page(size=12), languages=ENGLISH, thorough=True)
    assert not _missed(words)


@pytest.mark.parametrize(
    ("ink", "ground"), [("white", "black"), ("#e9edef", "#111b21"), ("#8e8e93", "#2c2c2e")]
)
def test_a_dark_screenshot_is_read(ink: str, ground: str) -> None:
    words = read_words(page(size=16, ink=ink, ground=ground), languages=ENGLISH, thorough=True)
    assert not _missed(words)


def test_dark_and_light_parts_of_one_screenshot_are_read() -> None:
    light, dark = page(size=17), page(size=17, ink="#eeeeee", ground="#1c2733")
    image = Image.new("RGB", (light.width, 2 * light.height))
    image.paste(light, (0, 0))
    image.paste(dark, (0, light.height))
    words = read_words(image, languages=ENGLISH, thorough=True)
    for half in (
        [word for word in words if word.box[3] <= light.height],
        [word for word in words if word.box[1] >= light.height],
    ):
        assert _found(half) >= NAMES


@pytest.mark.parametrize("turned", [90, 180, 270])
@pytest.mark.parametrize("thorough", [False, True])
def test_a_turned_page_is_read_and_boxes_fit_the_picture_as_given(
    turned: int, thorough: bool
) -> None:
    image = page().rotate(turned, expand=True)
    words = read_words(image, languages=ENGLISH, thorough=thorough)
    assert laid_out(words)[0].split() == " ".join(LETTER).split()
    assert ink_outside(image, [word.box for word in words]) < 0.01


@pytest.mark.parametrize("degrees", [-11, -4, 1.5, 7])
def test_a_page_askew_is_read_and_boxes_fit_it(degrees: float) -> None:
    image = page().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    words = read_words(image, languages=ENGLISH)
    assert not NAMES - _found(words)
    assert ink_outside(image, [word.box for word in words]) < 0.02


def test_a_noisy_photograph_is_read() -> None:
    words = read_words(photographed(page()), languages=ENGLISH, thorough=True)
    assert not NAMES - _found(words)


def test_boxes_hold_the_ink() -> None:
    image = page()
    words = read_words(image, languages=ENGLISH)
    assert ink_outside(image, [word.box for word in words]) == 0


def test_edges_part_the_characters() -> None:
    """Covering a part of a word leaves no ink of that part, and the rest as it was."""
    drawn = font("helv", 28)
    words = read_words(page(), languages=ENGLISH)
    known = [word for word in words if word.edges]
    assert len(known) > len(words) / 2
    for word in known:
        assert len(word.edges) == len(word.text) + 1
        assert (word.edges[0], word.edges[-1]) == (word.box[0], word.box[2])
        for number in range(1, len(word.text)):
            true = word.box[0] + drawn.getlength(word.text[:number])
            assert abs(word.edges[number] - true) < 4


def test_edges_are_unknown_where_letters_touch() -> None:
    image = np.full((20, 40), 255, dtype=np.uint8)
    image[5:15, 2:18] = image[5:15, 22:38] = 0
    assert edges_in(image, (2, 5, 38, 15), "ab") == (2.0, 20.0, 38.0)
    assert edges_in(image, (2, 5, 38, 15), "abc") == ()
    assert edges_in(255 - image, (2, 5, 38, 15), "ab") == (2.0, 20.0, 38.0)


def test_edges_are_left_out_where_words_do_not_run_from_left_to_right() -> None:
    for word in read_words(page().rotate(90, expand=True), languages=ENGLISH):
        assert word.edges == ()


def test_each_word_is_found_once_by_several_passes() -> None:
    words = read_words(page(size=20), languages=ENGLISH, thorough=True)
    assert len(words) == len(" ".join(LETTER).split())


def test_a_very_high_screenshot_is_read_to_its_end() -> None:
    """The library itself refuses sides of 32,768 pixels."""
    image = Image.new("RGB", (700, 40_000), "white")
    part = page(("Margaret Holloway",), size=30)
    for top in (100, 20_000, 39_700):
        image.paste(part, (20, top))
    words = read_words(image, languages=ENGLISH)
    assert [word.text for word in words] == ["Margaret", "Holloway"] * 3
    assert ink_outside(image, [word.box for word in words]) == 0
    assert len({word.line for word in words}) == 3


def test_a_huge_page_is_shrunk_and_boxes_fit_it_all_the_same() -> None:
    image = page(size=160)
    assert image.width * image.height > 6_000_000
    large = image.resize((image.width * 2, image.height * 2))
    words = read_words(large, languages=ENGLISH)
    assert len(_missed(words)) <= 1
    assert ink_outside(large, [word.box for word in words]) < 0.005


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3), (9, 9), (200, 200)])
@pytest.mark.parametrize("thorough", [False, True])
def test_pictures_without_words_give_none(size: tuple[int, int], thorough: bool) -> None:
    for shade in (0, 128, 255):
        assert read_words(Image.new("L", size, shade), thorough=thorough) == []


def test_every_mode_of_picture_is_taken() -> None:
    for mode in ("1", "L", "RGB", "RGBA", "CMYK", "P"):
        words = read_words(page(("Margaret Holloway",)).convert(mode), languages=ENGLISH)
        assert [word.text for word in words] == ["Margaret", "Holloway"]


def test_the_same_picture_gives_the_same_words() -> None:
    image = photographed(page())
    assert read_words(image, languages=ENGLISH) == read_words(image, languages=ENGLISH)


def test_noise_alone_ends() -> None:
    noise = np.random.default_rng(2).integers(0, 255, (400, 400), dtype=np.uint8)
    read_words(Image.fromarray(noise), languages=ENGLISH, thorough=True)


needs_chinese = pytest.mark.skipif(
    "chi_sim" not in installed_languages(), reason="no Chinese language data on this machine"
)
needs_german = pytest.mark.skipif(
    "deu" not in installed_languages(), reason="no German language data on this machine"
)


@needs_german
@pytest.mark.parametrize("thorough", [False, True])
def test_german_is_read_with_its_own_letters(thorough: bool) -> None:
    lines = (
        "Sehr geehrter Herr Jürgen Großmann, vielen Dank für die Nachricht.",
        "Die Wohnung ist in der Schönhauser Straße und nicht in Köln.",
        "Mit freundlichen Grüßen an Sie und die Familie, Käthe Lüders",
    )
    found = _found(read_words(page(lines), thorough=thorough))
    assert found >= {"Jürgen", "Großmann", "Schönhauser", "Straße", "Köln", "Käthe", "Lüders"}


@needs_chinese
@pytest.mark.parametrize("turned", [0, 180])
def test_chinese_is_read_and_its_text_has_no_spaces(turned: int) -> None:
    lines = (
        "尊敬的王小明先生，感谢您的来信。",
        "公寓在北京市海淀区中关村大街。",
        "请给工程师张建国打电话。",
    )
    image = page(lines, name="china-s", size=32).rotate(turned, expand=True)
    text = laid_out(read_words(image))[0]
    for value in ("王小明", "北京市海淀区中关村大街", "张建国"):
        assert value in text
