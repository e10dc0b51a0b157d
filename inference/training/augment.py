"""Light augmentation that keeps the labels: case, spaced digits, broken words and lines."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from inference.training.records import Record

_DIGITS = re.compile(r"\d{6,}")


def augment(record: Record, rng: random.Random) -> Record:
    """Return the record, sometimes in another case or with its digits or lines spaced out."""
    draw = rng.random()
    if draw < 0.05:
        return _recase(record, record.text.lower())
    if draw < 0.08:
        return _recase(record, record.text.upper())
    if draw < 0.11:
        return space_digits(record, rng)
    if draw < 0.14:
        # A line broken by the width of a page or an e-mail client.
        return _replace_spaces(record, "\n", 0.08, rng)
    if draw < 0.17:
        # Columns of a form: the tokenizer folds runs of spaces, so only tabs are new to it.
        return _replace_spaces(record, "\t", 0.15, rng)
    if draw < 0.19:
        return break_words(record, rng)
    return record


def _recase(record: Record, text: str) -> Record:
    """Change the case; texts whose length would change (ß, İ) stay as they are."""
    return record.with_text(text) if len(text) == len(record.text) else record


def _replace_spaces(record: Record, character: str, share: float, rng: random.Random) -> Record:
    text = "".join(character if old == " " and rng.random() < share else old for old in record.text)
    return record.with_text(text)


def space_digits(record: Record, rng: random.Random) -> Record:
    """Put spaces into long runs of digits, as people read them out, and move the spans."""
    inserts: list[tuple[int, str]] = []
    for run in _DIGITS.finditer(record.text):
        group = rng.choice((1, 2, 3, 4))
        mark = rng.choice((" ", " ", "-", "."))
        inserts += [(at, mark) for at in range(run.start() + group, run.end(), group)]
    return _inserted(record, inserts)


def break_words(record: Record, rng: random.Random) -> Record:
    """Put a space into a few words, as text taken from a page's layout has them."""
    places = [
        at
        for at in range(1, len(record.text))
        if record.text[at - 1].isalnum() and record.text[at].isalnum() and rng.random() < 0.015
    ]
    return _inserted(record, [(at, " ") for at in places])


def _inserted(record: Record, inserts: list[tuple[int, str]]) -> Record:
    """Return the record with pieces put in, in order of their places, and its spans moved."""
    if not inserts:
        return record
    places = [at for at, _ in inserts]
    out, last = [], 0
    for at, mark in inserts:
        out += [record.text[last:at], mark]
        last = at
    out.append(record.text[last:])

    def moved(position: int) -> int:
        return position + sum(at < position for at in places)

    def moved_start(position: int) -> int:
        return position + sum(at <= position for at in places)

    return replace(
        record,
        text="".join(out),
        spans=tuple((moved_start(s), moved(e), label) for s, e, label in record.spans),
        ignore=tuple((moved_start(s), moved(e)) for s, e in record.ignore),
    )
