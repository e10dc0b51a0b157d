"""What the text itself speaks against is not flagged, and nothing else is lost."""

from __future__ import annotations

import re

import pytest

from inference.engine.doubts import without_doubtful
from inference.engine.spans import Span

LONG = "The bridge over the river was built by hand and stood for many years in all weather. " * 4


def kept(marked: str, label: str, score: float = 0.6, subtype: str = "", more: str = "") -> bool:
    before, value, after = re.split(r"[\[\]]", marked)
    text = before + value + after + more
    span = Span(len(before), len(before) + len(value), label, score, subtype=subtype)
    return without_doubtful(text, [span]) == [span]


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("[Rosemann] AG & Co. KG", "private_person"),
        ("[Rosemann] GmbH", "private_person"),
        ("pay [Torres] & Sons", "private_person"),
        ("[Neureuther KGaA]", "private_person"),
        ("[Jones] Mutual Insurance", "private_person"),
        ("name [__builtins__]", "secret"),
        ("the [stringescapeseq] rule", "secret"),
        ("MD5: [9e107d9d372bb6826bd81d3542a419d6]", "secret"),
        ("Контрольная сумма архива: [d41d8cd98f00b204e9800998ecf8427e]", "secret"),
        ("ISBN [978-3-16-148410-0]", "account_number"),
        ("Artikelnummer: [9001 234 567]", "account_number"),
        ("EAN of 55-0182: [4006381333931]", "account_number"),
        ("built to IEC 60335-1 and [IEC 60335-2-15]", "account_number"),
        ("value [xxxxxxxx]", "secret"),
        ("SSN (last 4): [XXX-XX-8292]", "account_number"),
        ("card [**** **** **** 1234]", "account_number"),
        ("Description [Amount          Balance]", "private_person"),
        ("Account [Holder]", "private_person"),
    ],
)
def test_what_the_text_speaks_against_is_dropped(marked: str, label: str) -> None:
    assert not kept(marked, label, score=0.99)


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("[Jane Doe] and Sara", "private_person"),
        ("[Jane Doe], AGENT", "private_person"),
        ("Dr. [Jane Doe] Hospital de Getafe", "private_person"),
        ("the word is [tulip7]", "secret"),
        ("key [9e107d9d372bb6826bd81d3542a419d6]", "secret"),
        ("Account [9001 234 567]", "account_number"),
        ("Account [1234 567 X]", "account_number"),
        ("key [!?%&$]", "secret"),
        ("Account holder [Price]", "private_person"),
        ("Holder [Amount Jane]", "private_person"),
        ("[3 May 1980]", "private_date"),
    ],
)
def test_what_nothing_speaks_against_is_kept(marked: str, label: str) -> None:
    assert kept(marked, label, score=0.2)


def test_words_that_name_the_kind_outweigh_doubts() -> None:
    assert kept("password [tulip]", "secret", subtype="PASSWORD")


def test_doubtful_date_is_dropped_where_a_longer_text_names_nobody() -> None:
    assert not kept("opened in [1998]. ", "private_date", more=LONG)
    assert kept("opened in [1998]. ", "private_date", score=0.95, more=LONG)
    assert kept("born [1998]. ", "private_date", subtype="DATE_OF_BIRTH", more=LONG)


def test_doubtful_date_is_kept_where_somebody_is_named() -> None:
    text = "Jane Doe came in 1998. " + LONG
    spans = [Span(0, 8, "private_person", 0.9), Span(17, 21, "private_date", 0.4)]
    assert without_doubtful(text, spans) == spans


def test_what_rules_found_names_somebody_too() -> None:
    text = "Write to jane@example.com, seen in 1998. " + LONG
    date, mail = Span(35, 39, "private_date", 0.4), Span(9, 25, "private_email", 0.99, "rule")
    assert without_doubtful(text, [date], [mail]) == [date]
    assert without_doubtful(text, [date]) == []


def test_doubtful_name_in_small_letters_is_dropped_where_the_text_writes_capitals() -> None:
    assert not kept("The Steward of the House asked a [waiver]", "private_person", score=0.8)
    assert kept("The Steward of the House asked [jen]", "private_person", score=0.95)
    assert kept("so i told [lisa] to come", "private_person", score=0.5)
    assert kept("THE post of [lisa_42]", "private_person", score=0.5)
    assert kept("THE Steward asked [Lisa]", "private_person", score=0.5)


def test_dense_scripts_reach_the_length_of_a_telling_text_sooner() -> None:
    text = "工程由鱼嘴、飞沙堰和宝瓶口三部分组成，分别起到分水、泄洪排沙和引水的作用。" * 5
    assert len(text) < 300
    assert not kept("2018年[2018年]", "private_date", more=text)
    assert kept("2018年[2018年]", "private_date", more=text[:60])
