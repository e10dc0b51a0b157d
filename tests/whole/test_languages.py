"""A paste in each of six languages loses its names and numbers, through all of the server."""

from __future__ import annotations

import pytest

from tests.whole.conftest import Visitor

TEXTS = {
    "en": (
        "Please call Margaret Ellison on +44 20 7946 0958 about the card 4111 1111 1111 1111. "
        "She lives at 14 Harcourt Road, Sheffield S10 1DN; margaret.ellison@mail.example.",
        ("Margaret", "Ellison", "7946 0958", "4111", "Harcourt"),
    ),
    "es": (
        "La paciente se llama Lucía Fernández Robles, teléfono +34 612 345 678, y vive en la "
        "calle Mayor 15, 28013 Madrid. Correo: lucia.fernandez@correo.example.",
        ("Lucía", "Fernández", "612 345 678", "lucia.fernandez@", "28013"),
    ),
    "fr": (
        "Madame Élise Moreau habite au 12 rue des Lilas, 69003 Lyon. On la joint au "
        "+33 6 12 34 56 78 ou à elise.moreau@courriel.example. IBAN FR7630006000011234567890189.",
        ("Élise", "Moreau", "12 34 56 78", "elise.moreau@", "FR76300060000112345"),
    ),
    "de": (
        "Herr Jürgen Hoffmann wohnt in der Lindenstraße 7, 10969 Berlin. Seine Nummer ist "
        "+49 30 90182000, IBAN DE89 3704 0044 0532 0130 00, Mail j.hoffmann@post.example.",
        ("Jürgen", "Hoffmann", "90182000", "DE89", "j.hoffmann@"),
    ),
    "zh": (
        "客户王小明的手机号是13812345678，邮箱wang.xm@youxiang.example，"
        "住在北京市朝阳区建国路88号。请尽快联系他。",
        ("王小明", "13812345678", "wang.xm@"),
    ),
    "hi": (
        "ग्राहक राजेश कुमार शर्मा का फ़ोन नंबर +91 98765 43210 है और ईमेल "
        "rajesh.sharma@daak.example है। कृपया उन्हें आज ही फ़ोन करें।",
        ("राजेश", "शर्मा", "98765 43210", "rajesh.sharma@"),
    ),
}


@pytest.mark.parametrize("language", TEXTS)
def test_names_and_numbers_are_lost(visitor: Visitor, language: str) -> None:
    text, private = TEXTS[language]
    public = visitor.wait(visitor.send(text))
    assert [value for value in private if value in public] == []
    # Not everything: what is left still reads as a text.
    assert len(public) > len(text) / 4
