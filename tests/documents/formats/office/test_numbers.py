"""Numbers are read as a sheet shows them, and never as less than they are."""

from __future__ import annotations

import pytest

from documents.formats.office.number_format import displayed, literals_of


@pytest.mark.parametrize(
    ("raw", "code", "shown"),
    [
        ("12", "General", "12"),
        ("4915112345678", "General", "4915112345678"),
        ("0.1", "General", "0.1"),
        ("1234.5", "#,##0.00", "1,234.50"),
        ("-1234.5", "#,##0.00;(#,##0.00)", "(1,234.50)"),
        ("0.256", "0.0%", "25.6%"),
        ("1234567", '#,##0 "EUR"', "1,234,567 EUR"),
        ("50", "[$€-407] 0.00", "€ 50.00"),
        ("7", "000", "007"),
        ("2.5", "0.0##", "2.5"),
        ("45000", "yyyy-mm-dd", "2023-03-15"),
        ("45000", "mmm yy", "2023-03-15"),
        ("45000.75", "dd.mm.yyyy hh:mm", "2023-03-15 18:00"),
        ("0.5", "h:mm AM/PM", "12:00"),
        ("1.5", "[h]:mm:ss", "36:00:00"),
        ("1", "dd/mm/yyyy", "1900-01-01"),
        ("61", "dd/mm/yyyy", "1900-03-01"),
        ("text", "0.00", "text"),
        ("nan", "0.00", "nan"),
        ("1e300", "yyyy", "1e+300"),
    ],
)
def test_number_is_shown_by_its_format(raw: str, code: str, shown: str) -> None:
    assert displayed(raw, code) == shown


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("123456789", ";;;"),
        ("123456789", '"secret"'),
        ("123456789", "0,,"),
        ("123456789", "0.0E+00"),
        ("123456789", "# ?/?"),
    ],
)
def test_format_that_hides_digits_gives_way_to_the_number(raw: str, code: str) -> None:
    assert raw in displayed(raw, code)


def test_dates_count_from_1904_where_the_workbook_says_so() -> None:
    assert displayed("0", "yyyy-mm-dd", is_1904=True) in {"00:00", "1904-01-01"}
    assert displayed("100", "yyyy-mm-dd", is_1904=True) == "1904-04-10"


def test_literals_are_the_text_of_a_format() -> None:
    assert literals_of('0.00 "kg of Jane"') == " kg of Jane"
    assert literals_of("#,##0.00") == ""
