import pytest

from inference.engine.repeats import find_repeats
from inference.engine.spans import Span


def repeats(text: str, value: str, label: str, score: float = 1.0) -> list[str]:
    start = text.index(value)
    found = find_repeats(text, [Span(start, start + len(value), label, score)])
    assert all(span.detector == "repeat" and span.label == label for span in found)
    return [text[span.start : span.end] for span in found]


def test_other_mentions_are_found_whatever_case_and_spacing() -> None:
    text = "Jane Doe wrote. JANE  DOE\nsigned, jane doe paid, Jane\u200b Doe left."
    assert repeats(text, "Jane Doe", "private_person") == [
        "JANE  DOE",
        "jane doe",
        "Jane\u200b Doe",
    ]


def test_part_of_a_longer_word_is_no_mention() -> None:
    assert repeats("Ann came. Annual report, Joann.", "Ann", "private_person") == []


def test_single_capitalised_name_is_not_looked_for_in_lower_case() -> None:
    assert repeats("Will said he will come, WILL he?", "Will", "private_person") == ["WILL"]


def test_secret_is_looked_for_as_it_is_written() -> None:
    assert repeats("pw Summer99! not summer99! but Summer99!", "Summer99!", "secret") == [
        "Summer99!"
    ]


def test_characters_of_unspaced_scripts_are_tokens() -> None:
    assert repeats("李萍来了。我见到李萍了。", "李萍", "private_person") == ["李萍"]


def test_hindi_name_is_not_found_inside_another() -> None:
    assert repeats("राम आया। रामा गई। राम गया।", "राम", "private_person") == ["राम"]


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        ("2019 was good, 2019 again", "2019", "private_date"),
        ("room 12 and 12 more", "12", "account_number"),
        ("Al met Al", "Al", "private_person"),
    ],
)
def test_values_too_common_are_not_spread(text: str, value: str, label: str) -> None:
    assert repeats(text, value, label) == []


def test_doubtful_values_are_not_spread() -> None:
    assert repeats("Hope and Hope", "Hope", "private_person", score=0.3) == []


def test_hidden_mentions_are_not_reported_again() -> None:
    text = "Jane Doe, Jane Doe"
    spans = [Span(0, 8, "private_person"), Span(10, 18, "private_person")]
    assert find_repeats(text, spans) == []


def test_number_is_found_with_other_gaps_between_its_groups() -> None:
    text = "acc 1234 567 890; 1234567890, 1234-567-890, 1234\u00a0567.890 and 12 34 56 78 90"
    assert repeats(text, "1234 567 890", "account_number") == [
        "1234567890",
        "1234-567-890",
        "1234\u00a0567.890",
        "12 34 56 78 90",
    ]
    assert repeats("+1 212 555 0187 (+1) 212-555-0187", "+1 212 555 0187", "private_phone") == [
        "1) 212-555-0187"
    ]


@pytest.mark.parametrize(
    "other", ["12345678901", "x1234567890", "1234567 89", "1234\n\n\n567890", "1234, 567, 890"]
)
def test_other_numbers_are_no_mentions(other: str) -> None:
    assert repeats(f"acc 1234567890 and {other}", "1234567890", "account_number") == []


def test_long_values_are_spread() -> None:
    address = "Flat 3 B, 117 Old Mill Road, Upper Wickham, near St. Mary's, Kent TN1 2AB, England"
    assert repeats(f"{address}\nship to: {address.upper()}", address, "private_address") == [
        address.upper()
    ]


def test_mentions_say_why_and_keep_the_subtype() -> None:
    text = "passport X1234567, again X1234567"
    (span,) = find_repeats(text, [Span(9, 17, "account_number", 0.9, subtype="PASSPORT")])
    assert (span.subtype, span.detector, span.score) == ("PASSPORT", "repeat", 0.9)
    assert span.reason == "The same value was found elsewhere in this text."
