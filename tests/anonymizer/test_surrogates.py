"""Surrogates: realistic, in the same format, from ranges that are nobody's."""

from __future__ import annotations

import ipaddress
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, luhn

from anonymizer.operators.apply import apply
from anonymizer.operators.policy import Operator, Policy
from anonymizer.operators.surrogates import dates
from inference.engine.spans import Span

KEY = b"k" * 32
keys = st.binary(min_size=32, max_size=32)


def surrogate(value: str, label: str, subtype: str = "", key: bytes = KEY) -> str:
    span = Span(0, len(value), label, subtype=subtype)
    return apply(value, [span], Policy(Operator.SURROGATE), key=key).text


def _shape(value: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", value))


@given(keys)
@pytest.mark.parametrize(
    "number", ["4929 1234 5678 9012", "5412-7512-3412-3456", "371144371144376"]
)
def test_cards_are_test_numbers_with_valid_check_digits(number: str, key: bytes) -> None:
    made = surrogate(number, "account_number", "CREDIT_CARD", key)
    digits = re.sub(r"\D", "", made)
    assert luhn.is_valid(digits)
    assert digits.startswith(("400000", "555555", "378282"))
    assert _shape(made) == _shape(number)


@given(keys)
@pytest.mark.parametrize("number", ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"])
def test_ibans_keep_country_and_grouping_and_are_valid(number: str, key: bytes) -> None:
    made = surrogate(number, "account_number", "IBAN", key)
    assert iban.is_valid(made, check_country=False)
    assert (made[:2], _shape(made)) == (number[:2], _shape(number))


@given(keys)
def test_social_security_numbers_were_never_given_out(key: bytes) -> None:
    assert re.fullmatch(r"9\d\d-00-\d{4}", surrogate("123-45-6789", "account_number", "SSN", key))


@given(keys)
@pytest.mark.parametrize("value", ["ann.lee@corp.example", "a@b.c", "INFO@CORP.EXAMPLE"])
def test_mail_goes_to_reserved_domains(value: str, key: bytes) -> None:
    made = surrogate(value, "private_email", "", key)
    assert re.fullmatch(r"[a-z._\-0-9]+@example\.(com|org|net)", made.lower())
    assert made.isupper() == value.isupper()


@given(keys)
@pytest.mark.parametrize(
    ("number", "reserved"),
    [
        ("(415) 867-2671", r"\(\d{3}\) 555-01\d\d"),
        ("+1 415-867-2671", r"\+1 \d{3}-555-01\d\d"),
        ("+44 7911 123456", r"\+44 (7700 900|2079 460|1632 960|1134 960)\d{3}"),
        ("+49 1512 3456789", r"\+49 \d{4} \d{7}"),
        ("+33 6 12 34 56 78", r"\+33 [16] (99 00 \d\d|39 98 \d\d) \d\d"),
    ],
)
def test_phones_keep_their_shape_and_come_from_reserved_ranges(
    number: str, reserved: str, key: bytes
) -> None:
    made = surrogate(number, "private_phone", "", key)
    assert re.fullmatch(reserved, made)
    assert phonenumbers.is_possible_number(phonenumbers.parse(made, "US"))


@given(keys)
@pytest.mark.parametrize("value", ["81.2.69.142", "2a00:1450:4001::200e"])
def test_network_addresses_are_for_documentation(value: str, key: bytes) -> None:
    made = ipaddress.ip_address(surrogate(value, "private_url", "IP_ADDRESS", key))
    assert made.version == ipaddress.ip_address(value).version
    assert made.is_private  # what the registry of special ranges says of documentation
    assert not made.is_loopback


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("2024-05-14", "2024-06-13"),
        ("14.05.2024", "13.06.2024"),
        ("5/14/2024", "6/13/2024"),
        ("14 May 2024", "13 June 2024"),
        ("May 14th, 2024", "June 13th, 2024"),
        ("May 2nd, 2024", "June 1st, 2024"),
        ("1. März 2024", "31. März 2024"),
        ("14 de mayo de 2024", "13 de junio de 2024"),
        ("14 MAI 2024", "13 JUNI 2024"),
        ("2024年5月14日", "2024年6月13日"),
    ],
)
def test_dates_move_in_their_own_format(value: str, made: str) -> None:
    assert dates.shifted(value, 30) == made


@pytest.mark.parametrize("value", ["yesterday", "2024-13-45", "May", "31.02.2024", "14/05"])
def test_what_is_no_whole_date_gets_a_placeholder(value: str) -> None:
    assert dates.shifted(value, 30) is None
    assert surrogate(value, "private_date") == "[DATE_1]"


def test_a_date_that_would_leave_the_calendar_is_none() -> None:
    assert dates.shifted("9999-12-31", 30) is None


def test_days_between_dates_stay() -> None:
    text = "2024-05-14 2024-05-20"
    spans = [Span(0, 10, "private_date"), Span(11, 21, "private_date")]
    first, second = apply(text, spans, Policy(Operator.SURROGATE)).text.split()
    assert int(second[-2:]) - int(first[-2:]) in {6, 6 - 31, 6 - 30, 6 - 29, 6 - 28}


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("Ann Lee", r"[A-Z]\w+ [A-Z]\w+"),
        ("ANN LEE", r"[A-Z]+ [A-Z]+"),
        ("A. Lee", r"[A-Z]\. [A-Z]\w+"),
        ("Lee, Ann", r"[A-Z]\w+, [A-Z]\w+"),
        ("Dr. Ann Lee", r"Dr\. [A-Z]\w+ [A-Z]\w+"),
        ("张伟", r"[\u4e00-\u9fff]{2,3}"),
        ("김민준", r"[\uac00-\ud7af]{3}"),
        ("Иван Петров", r"[А-Яа-я]+ [А-Яа-я]+"),
        ("محمد علي", r"[\u0600-\u06ff]+ [\u0600-\u06ff]+"),
    ],
)
def test_names_keep_script_order_case_and_initials(value: str, pattern: str) -> None:
    made = surrogate(value, "private_person")
    assert re.fullmatch(pattern, made)
    assert made != value


def test_spellings_of_one_person_become_spellings_of_one_surrogate() -> None:
    text = "Ann Lee, ANN LEE, Ann Lee"
    spans = [Span(at, at + 7, "private_person") for at in (0, 9, 18)]
    one, loud, again = apply(text, spans, Policy(Operator.SURROGATE)).text.split(", ")
    assert one == again
    assert loud == one.upper()


def test_an_address_keeps_its_parts() -> None:
    made = surrogate("14 Elm St, Boston MA 02118", "private_address")
    assert re.fullmatch(r"\d\d [A-Z][\w ]+ St, [A-Z]\w+ [A-Z]{2} \d{5}", made)
    assert not {"Elm", "Boston", "02118"} & set(made.replace(",", "").split())
