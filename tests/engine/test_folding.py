import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from inference.engine.folding import fold

ANY_TEXT = st.text(st.characters(), max_size=60)


@given(ANY_TEXT)
def test_folded_ranges_map_back_in_order_and_cover(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) <= len(text)
    reached = 0
    for index in range(len(folded.text)):
        start, end = folded.to_original(index, index + 1)
        assert reached <= start < end <= len(text)
        reached = start + 1


@given(ANY_TEXT)
def test_folded_text_can_always_be_encoded(text: str) -> None:
    fold(text).text.encode("utf-8")


def test_disguises_fold_to_plain_text() -> None:
    assert fold("Ｊａｎｅ＠ｅｘ．ｃｏｍ").text == "Jane@ex.com"
    assert fold("４１１１ ٤١١١ ४१११").text == "4111 4111 4111"
    assert fold("a\u200bb\u00adc\u202ed").text == "abcd"
    assert fold("𝟒𝟏\u00a0–\u2003x").text == "41 - x"


def test_composed_and_decomposed_fold_alike() -> None:
    word = "contraseña κωδικός Ťěžký пароль"
    nfd = unicodedata.normalize("NFD", word)
    assert fold(word).text == fold(nfd).text


def test_accent_after_the_last_letter_belongs_to_the_range() -> None:
    text = "cafe\u0301 x"
    start, end = fold(text).to_original(0, 4)
    assert text[start:end] == "cafe\u0301"
