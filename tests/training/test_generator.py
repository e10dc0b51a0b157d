"""Generated documents: repeatable, labelled where they should be, clean where they should be."""

from __future__ import annotations

from collections import Counter

from inference.engine.labels import CATEGORIES
from inference.training.generator import generate
from inference.training.generator.documents import KINDS
from inference.training.generator.locale import locales

RECORDS = list(generate(1500, seed=3))


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
    assert {record.language for record in RECORDS} == {locale.code for locale in locales()}
    assert {record.id.rsplit("-", 1)[1] for record in RECORDS} == {
        kind.__name__ for kind, _ in KINDS
    }


def test_documents_about_nobody_have_no_spans() -> None:
    clean = [r for r in RECORDS if r.id.endswith(("-prose", "-company_letter", "-receipt"))]
    assert len(clean) > 200
    assert not any(record.spans for record in clean)


def test_every_language_has_all_form_words() -> None:
    for locale in locales():
        assert all(locale.words.values())
        assert len(locale.given) >= 10
        assert len(locale.plain) >= 5
