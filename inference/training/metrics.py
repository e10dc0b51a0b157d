"""Scores of the weights in training on labelled sets, without rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from inference.engine.labels import LabelScheme
from inference.engine.model import Emissions, log_softmax
from inference.engine.offsets import CompactTokenizer, Encoding
from inference.engine.operating_points import Biases
from inference.engine.spans import Span
from inference.engine.viterbi import decode
from inference.evaluation import Report, evaluate
from inference.training.batches import END_ID, START_ID
from inference.training.encoder import Shape, Weights, logits
from inference.training.records import Record


def score(
    weights: Weights,
    shape: Shape,
    sets: Mapping[str, list[Record]],
    tokenizer: CompactTokenizer,
    scheme: LabelScheme,
) -> Report:
    """Decode every record and count, with no bias and no rules."""

    def detect(texts: Sequence[str]) -> list[list[Span]]:
        answers = [_emit(weights, shape, tokenizer.encode(text)) for text in texts]
        return [
            decode(text, answer, scheme, Biases())
            for text, answer in zip(texts, answers, strict=True)
        ]

    return evaluate(detect, sets)


def _emit(weights: Weights, shape: Shape, encoding: Encoding) -> Emissions:
    """Run the windows of one text one after the other; here they do not overlap."""
    bias = weights["classifier.bias"]
    room = shape.positions - 2
    parts = [np.empty((0, len(bias)), np.float32)]
    with torch.no_grad():
        for start in range(0, len(encoding.ids), room):
            window = encoding.ids[start : start + room].astype(np.int64)
            ids = torch.from_numpy(np.concatenate([[START_ID], window, [END_ID]]))
            out = logits(weights, shape, ids[None].to(bias.device), None)
            parts.append(out[0, 1:-1].cpu().numpy())
    scores = np.concatenate(parts)
    return Emissions(log_softmax(scores) if len(scores) else scores, encoding.offsets)
