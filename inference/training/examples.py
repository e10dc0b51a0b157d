"""From labelled records to what the loss needs: token ids and the classes allowed at each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.engine.labels import LabelScheme
from inference.engine.offsets import CompactTokenizer
from inference.training.records import Record

NO_LOSS = -1


@dataclass(frozen=True, slots=True)
class Example:
    """One tokenized record.

    ids:     (T,) int32 token ids without specials
    targets: (T,) int16 class of each token, or NO_LOSS
    unknown: (T,) int64 bit set of the categories that the source does not annotate; where a
             target is O, classes of these categories are as good as O
    """

    ids: npt.NDArray[np.int32]
    targets: npt.NDArray[np.int16]
    unknown: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def piece(self, start: int, end: int) -> Example:
        """Return the tokens from `start` to `end`."""
        return Example(self.ids[start:end], self.targets[start:end], self.unknown[start:end])


def category_order(scheme: LabelScheme) -> tuple[str, ...]:
    """Return the categories in order of their first class, which numbers the bits."""
    return tuple(dict.fromkeys(category for category in scheme.categories if category))


def encode_record(record: Record, tokenizer: CompactTokenizer, scheme: LabelScheme) -> Example:
    """Tokenize a record and give each token its class.

    A token belongs to a span when they share a visible character; an empty token (white
    space) when it lies strictly inside. Zones to ignore get no loss unless a span covers them.
    """
    encoding = tokenizer.encode(record.text)
    starts, ends = encoding.offsets[:, 0], encoding.offsets[:, 1]
    classes = {name: index for index, name in enumerate(scheme.names)}
    targets = np.full(len(starts), scheme.outside, np.int16)
    for start, end in record.ignore:
        targets[_inside(starts, ends, start, end)] = NO_LOSS
    for start, end, category in record.spans:
        tokens = np.flatnonzero(_inside(starts, ends, start, end))
        if not len(tokens):
            continue
        if category not in record.annotated:
            targets[tokens] = NO_LOSS
            continue
        targets[tokens] = classes[f"I-{category}"]
        targets[tokens[0]] = classes[f"B-{category}"]
        targets[tokens[-1]] = classes[f"E-{category}" if len(tokens) > 1 else f"S-{category}"]
    bits = sum(
        1 << bit
        for bit, category in enumerate(category_order(scheme))
        if category not in record.annotated
    )
    return Example(encoding.ids, targets, np.full(len(starts), bits, np.int64))


def _inside(
    starts: npt.NDArray[np.int32], ends: npt.NDArray[np.int32], start: int, end: int
) -> npt.NDArray[np.bool_]:
    """Say which tokens belong to a stretch of the text."""
    empty = starts == ends
    shares = (starts < end) & (ends > start)
    within = (starts > start) & (starts < end)
    return np.where(empty, within, shares)


def join(examples: list[Example], separator_id: int) -> Example:
    """Join examples with a separator token between them that carries no loss."""
    ids: list[npt.NDArray[np.int32]] = []
    targets: list[npt.NDArray[np.int16]] = []
    unknown: list[npt.NDArray[np.int64]] = []
    for number, example in enumerate(examples):
        if number:
            ids.append(np.array([separator_id], np.int32))
            targets.append(np.array([NO_LOSS], np.int16))
            unknown.append(np.zeros(1, np.int64))
        ids.append(example.ids)
        targets.append(example.targets)
        unknown.append(example.unknown)
    return Example(np.concatenate(ids), np.concatenate(targets), np.concatenate(unknown))
