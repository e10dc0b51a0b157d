"""Batches: which records are seen, how they are joined into windows, grouped by length."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from inference.engine.labels import LabelScheme
from inference.engine.offsets import CompactTokenizer
from inference.training.augment import augment
from inference.training.examples import NO_LOSS, Example, encode_record, join
from inference.training.records import Record

START_ID, PADDING_ID, END_ID = 0, 1, 2
# Share of windows that hold several documents, so that long contexts are seen.
_JOINED = 0.3
_SAME_SOURCE = 0.6
_POOL_BATCHES = 16
# Share of records drawn from a source that hold a span, where the source has fewer.
_LABELLED = 0.35


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows padded to one length.

    ids, targets, unknown: (B, T) int64; mask: (B, T) bool or None when nothing is padded
    """

    ids: Tensor
    targets: Tensor
    unknown: Tensor
    mask: Tensor | None

    @property
    def tokens(self) -> int:
        """Number of tokens that are not padding."""
        return self.ids.numel() if self.mask is None else int(self.mask.sum())


class BatchSource:
    """An endless, seeded stream of batches in pools; a pool depends only on its number."""

    def __init__(
        self,
        sources: Mapping[str, list[Record]],
        tokenizer: CompactTokenizer,
        scheme: LabelScheme,
        *,
        seed: int,
        batch_tokens: int,
        positions: int,
    ) -> None:
        """Prepare to draw from `sources`.

        A source's share of the tokens grows with the square root of its size, so that big
        sources do not drown the small ones. Where few records of a source hold a span, these
        are drawn more often.
        """
        self._names = sorted(name for name, records in sources.items() if records)
        self._sources = sources
        self._tokenizer = tokenizer
        self._scheme = scheme
        self._seed = seed
        self._batch_tokens = batch_tokens
        self._room = positions - 2
        self._separator = tokenizer.vocabulary_size - 1
        self._labelled: dict[str, list[Record]] = {}
        self._weights = []
        for name in self._names:
            sizes = [len(record.text.encode()) for record in sources[name]]
            self._weights.append(math.sqrt(sum(sizes)) / (sum(sizes) / len(sizes)))
            labelled = [record for record in sources[name] if record.spans]
            if 0 < len(labelled) < _LABELLED * len(sizes):
                self._labelled[name] = labelled

    def pool(self, number: int) -> Iterator[Batch]:
        """Yield the batches of one pool in random order of length."""
        rng = random.Random(f"{self._seed}/{number}")
        windows: list[Example] = []
        total = 0
        while total < _POOL_BATCHES * self._batch_tokens:
            window = self._window(rng)
            windows.append(window)
            total += len(window) + 2
        windows.sort(key=len)
        groups: list[list[Example]] = [[]]
        for window in windows:
            if (len(groups[-1]) + 1) * (len(window) + 2) > self._batch_tokens and groups[-1]:
                groups.append([])
            groups[-1].append(window)
        rng.shuffle(groups)
        for group in groups:
            yield _pad(group)

    def _record(self, rng: random.Random, name: str) -> Example:
        records = self._sources[name]
        if name in self._labelled and rng.random() < _LABELLED:
            records = self._labelled[name]
        return encode_record(augment(rng.choice(records), rng), self._tokenizer, self._scheme)

    def _window(self, rng: random.Random) -> Example:
        """Draw one window: a document, a part of a long one, or several joined."""
        name = self._draw(rng)
        example = self._record(rng, name)
        if len(example) < self._room // 2 and rng.random() < _JOINED:
            limit = rng.randint(self._room // 4, self._room)
            parts, size = [example], len(example)
            while True:
                if rng.random() > _SAME_SOURCE:
                    name = self._draw(rng)
                part = self._record(rng, name)
                if size + len(part) + 1 > limit:
                    break
                parts.append(part)
                size += len(part) + 1
            example = join(parts, self._separator)
        if len(example) > self._room:
            start = rng.randint(0, len(example) - self._room)
            example = example.piece(start, start + self._room)
        return example

    def _draw(self, rng: random.Random) -> str:
        return rng.choices(self._names, self._weights)[0]


def _pad(windows: list[Example]) -> Batch:
    """Put special tokens around the windows and pad them to the longest."""
    length = max(map(len, windows)) + 2
    ids = np.full((len(windows), length), PADDING_ID, np.int64)
    targets = np.full((len(windows), length), NO_LOSS, np.int64)
    unknown = np.zeros((len(windows), length), np.int64)
    mask = np.zeros((len(windows), length), np.bool_)
    for row, window in enumerate(windows):
        end = len(window) + 1
        ids[row, 0], ids[row, end] = START_ID, END_ID
        ids[row, 1:end] = window.ids
        targets[row, 1:end] = window.targets
        unknown[row, 1:end] = window.unknown
        mask[row, : end + 1] = True
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(targets),
        torch.from_numpy(unknown),
        None if mask.all() else torch.from_numpy(mask),
    )
