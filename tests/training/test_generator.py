"""Generated documents: repeatable, labelled where they should be, clean where they should be."""

from __future__ import annotations

import re
from collections import Counter

from inference.engine.labels import CATEGORIES
from inference.training.generator import generate
from inference.training.generator.kinds import KINDS
from inference.training.generator.locale import locales
from inference.training.generator.words import all_words

RECORDS = list(generate(3000, seed=3))


def test_same_seed_gives_the_same_documents() -> None:
    assert list(generate(40, seed=5)) == list(generate(40, seed=5))
    assert list(generate(40, seed=5)) != list(generate(40, seed=6))


def test_spans_are_not_empty_and_do_not_overlap() -> None:
    for record in RECORDS:
        reached = 0
        for start, end, label in record.spans:
            assert reached <= start < end <= len(record.text)
            assert label in CATEGORIES
            assert record.text[start:end] == record.text[start:end].strip()
            reached = end


def test_all_categories_languages_and_kinds_appear() -> None:
    labels = Counter(label for record in RECORDS for _, _, label in record.spans)
    assert set(labels) == set(CATEGORIES)
    codes = {locale.code for locale in locales()} | {words.code for words in all_words()}
    assert {record.language for record in RECORDS} == codes
    assert {record.id.rsplit("-", 1)[1] for record in RECORDS} == {
        kind.__name__ for kind, _ in KINDS
    }


def test_documents_about_nobody_have_no_spans() -> None:
    kinds = ("-prose", "-company_letter", "-receipt", "-clean", "-captions")
    clean = [record for record in RECORDS if record.id.endswith(kinds)]
    assert len(clean) > 200
    assert not any(record.spans for record in clean)


def test_every_language_has_all_form_words() -> None:
    for locale in locales():
        assert all(locale.words.values())
        assert len(locale.given) >= 10
        assert len(locale.plain) >= 5


def test_every_language_of_sentences_has_twelve_months_and_names() -> None:
    for words in all_words():
        assert len(words.months) == 12
        assert len(words.given) >= 8
        assert len(words.family) >= 6
        assert words.places
        assert words.forms


def test_no_slot_stays_unfilled() -> None:
    sentences = [r for r in RECORDS if r.id.endswith(("-news", "-court", "-records", "-clean"))]
    assert len(sentences) > 1000
    assert not any(re.search(r"[{}]", record.text) for record in sentences)


def test_numbers_hidden_but_for_their_end_are_not_private() -> None:
    statements = [r for r in RECORDS if r.id.endswith(("-bank_statement", "-payslip"))]
    masked = [(r, m.span()) for r in statements for m in re.finditer(r"\*{4}\d{4}|XXX\S+", r.text)]
    assert len(masked) > 20
    for record, (start, end) in masked:
        assert not any(s < end and start < e for s, e, _ in record.spans)


def test_news_gives_names_with_their_prefix_in_zulu_and_xhosa() -> None:
    news = [r for r in RECORDS if r.language in ("zul", "xho") and r.id.endswith("-news")]
    names = [r.text[s:e] for r in news for s, e, label in r.spans if label == "private_person"]
    assert any(name[0] == "u" and name[1].isupper() for name in names)
    assert any(name[0] == "U" and name[1].isupper() for name in names)
