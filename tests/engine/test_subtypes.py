"""Subtypes of the model's findings come from the words beside them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inference.engine.rules.id_kinds import KINDS
from inference.engine.spans import Span
from inference.engine.subtype_words import AFTER, ALWAYS, BEFORE
from inference.engine.subtypes import with_subtypes
from tests.engine.test_rules import FINDINGS

ROOT = Path(__file__).parents[2]

# Text with the value in brackets, category, subtype.
CASES = [
    ("born on [3 May 1980] in Bath", "private_date", "DATE_OF_BIRTH"),
    ("DOB: [1980-05-03]", "private_date", "DATE_OF_BIRTH"),
    ("geboren am [3. Mai 1980]", "private_date", "DATE_OF_BIRTH"),
    ("geb. [03.05.1980]", "private_date", "DATE_OF_BIRTH"),
    ("née à Lyon le [3 mai 1980]", "private_date", "DATE_OF_BIRTH"),
    ("Date de naissance : [03/05/1980]", "private_date", "DATE_OF_BIRTH"),
    ("Fecha de nacimiento: [28/02/1962]", "private_date", "DATE_OF_BIRTH"),
    ("nato a Roma il [3 maggio 1980]", "private_date", "DATE_OF_BIRTH"),
    ("data de nascimento [03/05/1980]", "private_date", "DATE_OF_BIRTH"),
    ("geboortedatum: [3 mei 1980]", "private_date", "DATE_OF_BIRTH"),
    ("ur. [3.05.1980] r.", "private_date", "DATE_OF_BIRTH"),
    ("出生日期：[1980年5月3日]", "private_date", "DATE_OF_BIRTH"),
    ("[1980年5月3日]生まれ", "private_date", "DATE_OF_BIRTH"),
    ("생년월일: [1980년 5월 3일]", "private_date", "DATE_OF_BIRTH"),
    ("дата рождения [03.05.1980]", "private_date", "DATE_OF_BIRTH"),
    ("[03.05.1980] г.р.", "private_date", "DATE_OF_BIRTH"),
    ("Passport no. [X1234567]", "account_number", "PASSPORT"),
    ("Reisepass: [C01X00T47]", "account_number", "PASSPORT"),
    ("passeport n° [12AB34567]", "account_number", "PASSPORT"),
    ("pasaporte [AAA123456]", "account_number", "PASSPORT"),
    ("护照号：[E12345678]", "account_number", "PASSPORT"),
    ("パスポート番号 [TK1234567]", "account_number", "PASSPORT"),
    ("여권번호 [M12345678]", "account_number", "PASSPORT"),
    ("Führerschein [B072RRE2I55]", "account_number", "DRIVER_LICENSE"),
    ("patente di guida: [U1X123456A]", "account_number", "DRIVER_LICENSE"),
    ("prawo jazdy nr [12345/67/8901]", "account_number", "DRIVER_LICENSE"),
    ("my SSN is [123 45 6789]", "account_number", "SSN"),
    ("credit card [4111 1111]", "account_number", "CREDIT_CARD"),
    ("Kreditkarte [4111 1111]", "account_number", "CREDIT_CARD"),
    ("карта [4111 1111]", "account_number", "CREDIT_CARD"),
    ("IBAN [XX00]", "account_number", "IBAN"),
    ("BIC/SWIFT: [COBADEFFXXX]", "account_number", "BIC"),
    ("Konto [123456]", "account_number", "BANK_ACCOUNT"),
    ("рахунок [123456]", "account_number", "BANK_ACCOUNT"),
    ("USt-IdNr. [DE123456789]", "account_number", "VAT_ID"),
    ("Steuernummer [12/345/67890]", "account_number", "TAX_ID"),
    ("ИНН [7707083893]", "account_number", "TAX_ID"),
    ("DNI [12345678]", "account_number", "NATIONAL_ID"),
    ("burgerservicenummer [111222333]", "account_number", "NATIONAL_ID"),
    ("주민등록번호 [900101-1234567]", "account_number", "NATIONAL_ID"),
    ("Patientennummer: [P-4711]", "account_number", "HEALTH_ID"),
    ("Kennzeichen [B-MW 1234]", "account_number", "LICENSE_PLATE"),
    ("matrícula [1234 BCD]", "account_number", "LICENSE_PLATE"),
    ("车牌号 [京A12345]", "account_number", "LICENSE_PLATE"),
    ("username: [jdoe42]", "account_number", "USERNAME"),
    ("MAC [00:1b]", "account_number", "MAC_ADDRESS"),
    ("wallet [bc1q]", "account_number", "CRYPTO_WALLET"),
    ("from IP [10.0.0.7]", "private_url", "IP_ADDRESS"),
    ("password is [hunter2]", "secret", "PASSWORD"),
    ("Passwort: [geheim]", "secret", "PASSWORD"),
    ("mot de passe [bleu]", "secret", "PASSWORD"),
    ("пароль — [синий]", "secret", "PASSWORD"),
    ("密码是[lan88]", "secret", "PASSWORD"),
    ("your OTP [4821]", "secret", "PIN"),
    ("API key [abc]", "secret", "API_KEY"),
    ("token=[abc]", "secret", "TOKEN"),
    ("clé privée : [abc]", "secret", "PRIVATE_KEY"),
    ("write to [a@b.example]", "private_email", "EMAIL"),
    ("call [555 0187]", "private_phone", "PHONE"),
    # Nothing says what it is, or says it of something else.
    ("he was born. On [3 May 1980] it rained", "private_date", ""),
    ("newborn care of [3 May 1980]", "private_date", ""),
    ("DOB 1 January 1970, seen [3 May 1980]", "private_date", ""),
    ("passport; number [123456]", "account_number", ""),
    ("compass [123456]", "secret", ""),
    ("Passwort vergessen?\nHinweis\n[abc]", "secret", ""),
    ("signed by [Jane Doe]", "private_person", ""),
]


@pytest.mark.parametrize(("marked", "label", "subtype"), CASES)
def test_words_beside_a_value_tell_its_subtype(marked: str, label: str, subtype: str) -> None:
    before, value, after = re.split(r"[\[\]]", marked)
    text = before + value + after
    span = Span(len(before), len(before) + len(value), label)
    (found,) = with_subtypes(text, [span])
    assert found.subtype == subtype
    assert (found.start, found.end, found.label) == (span.start, span.end, label)


def test_words_of_the_value_before_are_not_borrowed() -> None:
    text = "passport AB123456 987654"
    first, second = Span(9, 17, "account_number"), Span(18, 24, "account_number")
    assert [s.subtype for s in with_subtypes(text, [first, second])] == ["PASSPORT", ""]


def test_subtype_of_a_rule_is_kept() -> None:
    span = Span(9, 17, "account_number", subtype="IBAN")
    assert list(with_subtypes("passport AB123456", [span])) == [span]


def test_words_in_disguise_are_read() -> None:
    text = "ｐａｓｓ\u200bｐｏｒｔ： X1234567"
    (found,) = with_subtypes(text, [Span(11, 19, "account_number")])
    assert text[11:19] == "X1234567"
    assert found.subtype == "PASSPORT"


def test_every_subtype_is_documented() -> None:
    page = (ROOT / "docs/detection.md").read_text()
    names = set(ALWAYS.values()) | {kind.subtype for kind in KINDS}
    names |= {subtype for _, _, _, subtype in FINDINGS}
    for table in (BEFORE, AFTER):
        names |= {subtype for words in table.values() for subtype in words}
    assert len(names) > 30
    assert not {name for name in names if f"`{name}`" not in page}
