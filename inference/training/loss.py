"""The loss of a tagger whose sources annotate different categories."""

from __future__ import annotations

import torch
from torch import Tensor

from inference.engine.labels import LabelScheme
from inference.training.examples import NO_LOSS, category_order


def unknown_classes(scheme: LabelScheme) -> Tensor:
    """Return (2 ** categories, classes) bool: which classes a bit set of categories holds."""
    order = category_order(scheme)
    bits = torch.tensor(
        [1 << order.index(category) if category else 0 for category in scheme.categories]
    )
    return (torch.arange(1 << len(order))[:, None] & bits[None, :]) != 0


def marginal_loss(
    logits: Tensor, targets: Tensor, unknown: Tensor, classes_of: Tensor, outside: int
) -> Tensor:
    """Return the mean negative log-likelihood of what is known about each token.

    A token outside of all spans of a partly labelled source may be O or any class of a
    category that the source does not annotate: the probabilities of all these are summed.

    logits:     (N, C) float32
    targets:    (N,) int64 classes, NO_LOSS where nothing is known
    unknown:    (N,) int64 bit sets of categories that are not annotated
    classes_of: what unknown_classes returns
    """
    kept = targets != NO_LOSS
    logits, targets, unknown = logits[kept], targets[kept], unknown[kept]
    if not len(targets):
        return logits.sum()
    allowed = torch.nn.functional.one_hot(targets, logits.shape[1]).bool()
    allowed |= classes_of[unknown] & (targets == outside)[:, None]
    log_probs = torch.log_softmax(logits, dim=-1)
    known = torch.logsumexp(log_probs.masked_fill(~allowed, -torch.inf), dim=-1)
    return -known.mean()
