"""Records become tokens with the classes that their source vouches for."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import inference
from inference.engine.labels import CATEGORIES, LabelScheme
from inference.engine.offsets import CompactTokenizer
from inference.training.augment import augment, break_words, space_digits
from inference.training.examples import NO_LOSS, category_order, encode_record, join
from inference.training.records import (
    DataError,
    Record,
    read_folder,
    with_plain_absences,
    write_records,
)

SCHEME = LabelScheme.default()
TEXT = "Anna Schmidt called 0151 2345678 from Acme."
RECORD = Record(
    id="1",
    source="test",
    language="en",
    text=TEXT,
    spans=((0, 12, "private_person"), (20, 32, "private_phone")),
    ignore=((38, 42),),
)


@pytest.fixture(scope="module")
def tokenizer() -> CompactTokenizer:
    folder = Path(inference.__file__).parent / "checkpoints" / "compact"
    return CompactTokenizer(folder / "tokenizer.json")


def _classes(record: Record, tokenizer: CompactTokenizer) -> dict[str, list[str]]:
    """Return the classes of the tokens by the text they stand for."""
    example = encode_record(record, tokenizer, SCHEME)
    found: dict[str, list[str]] = {}
    for (start, end), target in zip(
        tokenizer.encode(record.text).offsets.tolist(), example.targets.tolist(), strict=True
    ):
        name = "none" if target == NO_LOSS else SCHEME.names[target]
        found.setdefault(record.text[start:end], []).append(name)
    return found


def test_spans_become_bioes_tags(tokenizer: CompactTokenizer) -> None:
    example = encode_record(RECORD, tokenizer, SCHEME)
    tags = [SCHEME.names[t] for t in example.targets.tolist() if t > 0]
    persons = [tag for tag in tags if tag.endswith("private_person")]
    assert persons[0] == "B-private_person"
    assert persons[-1] == "E-private_person"
    assert set(persons[1:-1]) <= {"I-private_person"}
    assert [tag[0] for tag in tags if tag.endswith("private_phone")][0::99] == ["B"]


def test_one_token_span_is_single(tokenizer: CompactTokenizer) -> None:
    record = Record("1", "t", "en", "Ask Anna now", ((4, 8, "private_person"),))
    assert _classes(record, tokenizer)["Anna"] == ["S-private_person"]


def test_ignored_zone_gives_no_loss(tokenizer: CompactTokenizer) -> None:
    classes = _classes(RECORD, tokenizer)
    acme = [tag for piece, tags in classes.items() if piece in "Acme" and piece for tag in tags]
    assert set(acme) == {"none"}


def test_unannotated_categories_are_marked_unknown(tokenizer: CompactTokenizer) -> None:
    record = Record("1", "t", "en", "Ask Anna", (), frozenset({"private_person"}))
    example = encode_record(record, tokenizer, SCHEME)
    order = category_order(SCHEME)
    expected = sum(1 << i for i, name in enumerate(order) if name != "private_person")
    assert set(example.unknown.tolist()) == {expected}


def test_joined_documents_have_a_separator_without_loss(tokenizer: CompactTokenizer) -> None:
    example = encode_record(RECORD, tokenizer, SCHEME)
    joined = join([example, example], 99)
    assert len(joined) == 2 * len(example) + 1
    assert joined.ids[len(example)] == 99
    assert joined.targets[len(example)] == NO_LOSS


def test_spaced_digits_keep_their_span() -> None:
    for seed in range(50):
        record = space_digits(RECORD, random.Random(seed))
        start, end, _ = record.spans[1]
        phone = record.text[start:end]
        assert "".join(c for c in phone if c.isdigit()) == "01512345678"
        assert record.text[slice(*record.spans[0][:2])] == "Anna Schmidt"


def test_augmented_spans_hold_the_same_letters() -> None:
    for seed in range(200):
        record = augment(RECORD, random.Random(seed))
        for (start, end, _), (old_start, old_end, _) in zip(
            record.spans, RECORD.spans, strict=True
        ):
            plain = [c for c in record.text[start:end].lower() if c.isalnum()]
            assert plain == [c for c in TEXT[old_start:old_end].lower() if c.isalnum()]


def test_records_survive_writing_and_reading(tmp_path: Path) -> None:
    partly = Record("2", "t", "hi", "नमस्ते\nराहुल", ((7, 12, "private_person"),),
                    frozenset({"private_person"}))  # fmt: skip
    write_records(tmp_path / "set.jsonl", [RECORD, partly])
    assert read_folder(tmp_path) == {"set": [RECORD, partly]}
    assert frozenset(CATEGORIES) == RECORD.annotated


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": "1"}',
        '{"id": 1, "lang": "en", "source": "t", "text": "ab", "labels": ["private_person"],'
        ' "spans": [{"start": 1, "end": 9, "label": "private_person"}]}',
    ],
)
def test_bad_record_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "bad.jsonl").write_text(line + "\n")
    with pytest.raises(DataError, match="line 1"):
        read_folder(tmp_path)


def test_broken_words_keep_their_labels() -> None:
    rng = random.Random(4)
    texts = set()
    for _ in range(200):
        record = break_words(RECORD, rng)
        texts.add(record.text)
        assert record.text.replace(" ", "") == TEXT.replace(" ", "")
        for (start, end, label), (old_start, old_end, old_label) in zip(
            record.spans, RECORD.spans, strict=True
        ):
            assert label == old_label
            assert record.text[start:end].replace(" ", "") == (
                TEXT[old_start:old_end].replace(" ", "")
            )
    assert len(texts) > 10


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        (
            "No such thing here.",
            {"account_number", "private_phone", "private_email", "private_url"},
        ),
        ("Room 12", {"private_email", "private_url"}),
        ("me@home", {"account_number", "private_phone", "private_url"}),
        ("see example.org", {"account_number", "private_phone", "private_email"}),
        ("٣ and a/b and me＠home", set()),
    ],
)
def test_text_vouches_for_what_it_cannot_hold(text: str, absent: set[str]) -> None:
    record = Record("1", "t", "en", text, (), frozenset({"private_person"}))
    assert with_plain_absences(record).annotated == {"private_person"} | absent
