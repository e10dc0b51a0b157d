"""Where spans begin and end: whole words and links, no particles, the form of address too."""

import pytest

from inference.engine.edges import complete_words, with_forms_of_address, without_particles
from inference.engine.spans import Span


def test_half_a_word_is_completed() -> None:
    text = "Dear Benjamin, 李萍说"
    spans = list(
        complete_words(text, [Span(7, 10, "private_person"), Span(15, 17, "private_person")])
    )
    assert [text[span.start : span.end] for span in spans] == ["Benjamin", "李萍"]


def completed(text: str, part: str, label: str) -> str:
    start = text.index(part)
    (span,) = complete_words(text, [Span(start, start + len(part), label)])
    return text[span.start : span.end]


def test_half_a_link_becomes_the_whole_link() -> None:
    text = "see (https://docs.example.com/en/page.html), or www.example.org/a?b=c. 链接https://x.example/1"
    assert completed(text, "docs.example", "private_url") == "https://docs.example.com/en/page.html"
    assert completed(text, "example.org", "private_url") == "www.example.org/a?b=c"
    assert completed(text, "x.example", "private_url") == "https://x.example/1"


def test_what_is_in_no_link_is_not_stretched_over_signs() -> None:
    assert completed("mail/host-7.local/x", "host", "private_url") == "host"
    assert completed("see https://a.example", "see", "private_url") == "see"


def test_form_of_address_before_a_name_is_hidden_with_it() -> None:
    text = "Mr Roman Misiak, Mme Dupont, Mr. Smith, Tamr Doe and M. Petit"
    names = ("Roman Misiak", "Dupont", "Smith", "Doe", "Petit")
    spans = [Span(text.index(n), text.index(n) + len(n), "private_person") for n in names]
    found = with_forms_of_address(text, spans)
    assert [text[span.start : span.end] for span in found] == [
        "Mr Roman Misiak",
        "Mme Dupont",
        "Mr. Smith",
        "Doe",
        "M. Petit",
    ]


def test_form_of_address_that_is_hidden_already_is_not_hidden_twice() -> None:
    text = "Mr Doe"
    spans = [Span(0, 3, "private_address"), Span(3, 6, "private_person")]
    assert with_forms_of_address(text, spans) == spans


@pytest.mark.parametrize(
    ("found", "value", "label"),
    [
        ("김민수는", "김민수", "private_person"),
        ("김민수의", "김민수", "private_person"),
        ("전지현이", "전지현", "private_person"),
        ("이순신께서", "이순신", "private_person"),
        ("山田太郎の", "山田太郎", "private_person"),
        ("2007년에는", "2007년", "private_date"),
        ("5월 3일부터", "5월 3일", "private_date"),
        # A syllable of the name itself, and other categories, stay.
        ("김가", "김가", "private_person"),
        ("이정이", "이정이", "private_person"),
        ("あやの", "あやの", "private_person"),
        ("2007년", "2007년", "private_date"),
        ("서울시에", "서울시에", "private_address"),
        ("Anna", "Anna", "private_person"),
    ],
)
def test_particles_belong_to_the_sentence(found: str, value: str, label: str) -> None:
    (span,) = without_particles(f"x {found} y", [Span(2, 2 + len(found), label)])
    assert f"x {found} y"[span.start : span.end] == value
