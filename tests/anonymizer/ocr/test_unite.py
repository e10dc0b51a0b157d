"""Two readings of one picture become one."""

from __future__ import annotations

from anonymizer.ocr.text import laid_out
from anonymizer.ocr.unite import united
from anonymizer.ocr.words import OcrWord


def _word(
    text: str, left: float, top: float = 0, sure: float = 0.9, line: int = 0, block: int = 0
) -> OcrWord:
    return OcrWord(text, (left, top, left + 10 * len(text), top + 12), sure, line, block)


def _texts(words: list[OcrWord]) -> list[str]:
    return [word.text for word in words]


def test_a_word_that_both_read_comes_once_as_the_surer_read_it() -> None:
    first = [_word("Jane", 0, sure=0.6), _word("Doe", 50, sure=0.95)]
    second = [_word("Jane", 0, sure=0.9), _word("D0e", 50, sure=0.5)]
    assert _texts(united(first, second)) == ["Jane", "Doe"]
    assert _texts(united(second, first)) == ["Jane", "Doe"]


def test_words_that_only_one_read_are_kept_in_their_line() -> None:
    first = [_word("Jane", 0), _word("met", 90), _word("below", 0, 40, line=1)]
    second = [_word("Doe", 50, sure=0.2)]
    words = united(first, second)
    assert _texts(words) == ["Jane", "Doe", "met", "below"]
    assert [word.line for word in words] == [0, 0, 0, 1]


def test_a_line_that_only_one_read_goes_between_its_neighbours() -> None:
    first = [_word("above", 0), _word("below", 0, 80, line=1)]
    second = [_word("Holloway", 0, 40, sure=0.3)]
    words = united(first, second)
    assert _texts(words) == ["above", "Holloway", "below"]
    assert [word.line for word in words] == [0, 1, 2]


def test_words_parted_differently_come_from_one_reading() -> None:
    parted = [_word("Jane", 0, sure=0.5), _word("Doe", 45, sure=0.5)]
    whole = [_word("JaneDoe", 0, sure=0.8)]
    assert _texts(united(parted, whole)) == ["JaneDoe"]
    assert _texts(united(whole, parted)) == ["JaneDoe"]


def test_a_reading_of_much_less_does_not_win_by_being_sure() -> None:
    assert _texts(united([_word("Holloway", 0, sure=0.5)], [_word("Ho", 0, sure=0.99)])) == [
        "Holloway"
    ]


def test_a_box_reaches_as_far_as_either_reading_s() -> None:
    short = OcrWord("Jane", (5, 2, 33, 10), 0.9, 0, 0)
    long = OcrWord("Jone", (0, 0, 40, 12), 0.5, 0, 0)
    (word,) = united([short], [long])
    assert (word.text, word.box) == ("Jane", (0, 0, 40, 12))


def test_nothing_united_with_words_is_the_words() -> None:
    words = [_word("Jane", 0), _word("Doe", 50)]
    assert united(words, []) == words
    assert united([], words) == words
    assert united([], []) == []


def test_lines_blocks_and_columns_show_in_the_text() -> None:
    words = [
        _word("Name", 0),
        _word("Jane", 300),
        _word("Doe", 350),
        _word("next", 0, 30, line=1),
        _word("other", 0, 90, line=2, block=1),
    ]
    text, placed = laid_out(words)
    assert text == "Name\tJane Doe\nnext\n\nother"
    assert [text[word.start : word.end] for word in placed] == _texts(words)


def test_chinese_signs_are_joined_and_latin_words_are_not() -> None:
    words = [
        OcrWord("王", (0, 0, 20, 20), 0.9, 0, 0),
        OcrWord("小明", (22, 0, 60, 20), 0.9, 0, 0),
        OcrWord("Ltd", (70, 0, 100, 20), 0.9, 0, 0),
    ]
    assert laid_out(words)[0] == "王小明 Ltd"
