"""Restoring text that a language model rewrote."""

from __future__ import annotations

import time

import pytest

from anonymizer.operators.placeholders import find_placeholders
from anonymizer.restore import Entity, from_map, restore

ENTITIES = from_map({"[PERSON_1]": "Ann Lee", "[DATE_OF_BIRTH_2]": "3 May", "[PERSON_10]": "Bob"})


@pytest.mark.parametrize(
    ("rewritten", "restored"),
    [
        ("Dear [PERSON_1],", "Dear Ann Lee,"),
        ("dear [person_1],", "dear Ann Lee,"),
        ("Dear [Person 1],", "Dear Ann Lee,"),
        ("Dear [ PERSON_1 ],", "Dear Ann Lee,"),
        ("Dear **[PERSON_1]**,", "Dear **Ann Lee**,"),
        ("Dear `[PERSON_1]`,", "Dear `Ann Lee`,"),
        ("Dear \\[PERSON\\_1\\],", "Dear Ann Lee,"),
        ('Dear ["PERSON_1"],', "Dear Ann Lee,"),
        ("Dear [**PERSON_1**],", "Dear Ann Lee,"),
        ("Dear “[PERSON_1]”,", "Dear “Ann Lee”,"),
        ("[PERSON_1]'s and [PERSON_1]’s", "Ann Lee's and Ann Lee’s"),
        ("[PERSON_1's] letter", "Ann Lee's letter"),
        ("[PERSON_1](mailto:x)", "Ann Lee(mailto:x)"),
        ("<PERSON_1> &lt;PERSON_1&gt;", "Ann Lee Ann Lee"),
        ("亲爱的【PERSON_1】您好", "亲爱的Ann Lee您好"),
        ("born [Date of Birth 2]", "born 3 May"),
        ("[PERSON-1] [PERSON_10][PERSON_1]", "Ann Lee BobAnn Lee"),
        ("[[PERSON_1]]", "[Ann Lee]"),
    ],
)
def test_what_models_do_to_placeholders_is_read(rewritten: str, restored: str) -> None:
    assert restore(rewritten, ENTITIES).text == restored


@pytest.mark.parametrize(
    "text",
    [
        "PERSON_1", "[PERSON_2]", "[PERSON_01]", "[PERSON_1", "PERSON_1]", "[PERSON_11]",
        "[PERSON]", "[PERSON_1>", "[XPERSON_1]", "[PERSON_1x]", "[PERSON_1.5]", "[1]", "(PERSON_1)",
        "[see PERSON_1]", "[PERSON_1 and PERSON_10]", "[PERSON\n_1]", "{PERSON_1}",
        "[PERSON__ 1 2]",
        "[PERSON_١]", "[ΡERSON_1]",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_left(text: str) -> None:
    restored = restore(text, ENTITIES)
    assert (restored.text, restored.count) == (text, 0)


def test_surrogates_are_put_back_where_they_stand_whole() -> None:
    entities = from_map({"Ada Keller": "Ann Lee", "ada": "x", "陈明": "王伟"})
    text = "Ada Keller's, Ada Kellers, xAda Keller. ADA ada adam 我是陈明吗"
    assert restore(text, entities).text == (
        "Ann Lee's, Ada Kellers, xAda Keller. ADA x adam 我是王伟吗"
    )


def test_the_longest_surrogate_wins() -> None:
    entities = from_map({"Ada": "Ann", "Ada Keller": "Bob Ray"})
    assert restore("Ada Keller, Ada", entities).text == "Bob Ray, Ann"


def test_an_original_that_reads_like_a_placeholder_is_not_restored_again() -> None:
    entities = from_map({"[PERSON_1]": "[PERSON_10]", "[PERSON_10]": "[PERSON_1]"})
    assert restore("[PERSON_1] [PERSON_10]", entities).text == "[PERSON_10] [PERSON_1]"


@pytest.mark.parametrize("wild", ["(a+)+$", "[a-z]", "\\1", ".*", "\\g<0>", "$&", "[PERSON_1]|x"])
def test_what_a_user_sends_is_no_expression(wild: str) -> None:
    restored = restore(f"aaa {wild} [PERSON_1]", from_map({wild: "W", "[PERSON_1]": wild}))
    assert restored.text == f"aaa W {wild}"


def test_spellings_come_back_in_their_order_or_as_the_first() -> None:
    entities = [Entity("[PERSON_1]", "Ann Lee"), Entity("[PERSON_1]", "ANN LEE")]
    assert restore("x [PERSON_1], y [PERSON_1]", entities).text == "x Ann Lee, y ANN LEE"
    assert restore("[PERSON_1]!", entities).text == "Ann Lee!"


def test_what_does_not_stand_in_the_text_is_named() -> None:
    restored = restore("only [PERSON_10]", ENTITIES)
    assert restored.missing == ("[PERSON_1]", "[DATE_OF_BIRTH_2]")
    assert restored.count == 1


@pytest.mark.parametrize("piece", ["[", "[a ", "[A_A_A_A_A_", "\\[", "['\"*", "[A 1", "&lt;"])
def test_no_text_takes_long(piece: str) -> None:
    """A bound far above what a linear pass takes, and far below what a quadratic one does."""
    started = time.process_time()
    assert list(find_placeholders(piece * 200_000)) == []
    assert time.process_time() - started < 20
