"""One pass of the stock network over packed texts, whole or layer by layer in chunks.

A layer sees `radius` tokens to each side. So a long sequence goes through a layer in chunks that
bring that many neighbours along, and only then through the next layer: no result depends on where
the cuts fall, and memory beyond the weights is one row of numbers for each token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor


def positions_of(limits: Sequence[int], device: Any = "cpu") -> Tensor:
    """Return the place of each token in its own text, (T,) int64.

    limits: 0, the end of each text, ..., T
    """
    return torch.cat([torch.arange(end - start, device=device) for start, end in pairwise(limits)])


def logits(
    network: Any,
    ids: Tensor,
    limits: Sequence[int],
    chunk_tokens: int,
    between: Callable[[float], None] | None = None,
) -> Tensor:
    """Return the logits (T, C) of texts that stand in one sequence, float32 on the CPU.

    network:      OpenAIPrivacyFilterForTokenClassification with banded attention
    ids:          (T,) int64
    limits:       0, the end of each text, ..., T
    chunk_tokens: tokens of a layer that are worked on at once
    between:      called after each chunk of each layer with the share of the work that is done;
                  may raise to cancel, and may run other texts through the same network
    """
    with torch.inference_mode():
        return _logits(network, ids.to(network.device), limits, chunk_tokens, between)


def _logits(
    network: Any,
    ids: Tensor,
    limits: Sequence[int],
    chunk_tokens: int,
    between: Callable[[float], None] | None,
) -> Tensor:
    positions = positions_of(limits, network.device)
    if len(ids) <= chunk_tokens:
        whole = network(input_ids=ids[None], position_ids=positions[None], limits=limits)
        answer: Tensor = whole.logits[0].float().cpu()
        return answer
    model = network.model
    hidden = model.embed_tokens(ids)
    steps = len(model.layers) * -(-len(ids) // chunk_tokens)
    done = 0
    for layer in model.layers:
        radius = layer.self_attn.sliding_window - 1
        before = hidden[:0]  # what stood before the chunk, which is overwritten by now
        for start in range(0, len(ids), chunk_tokens):
            stop = min(len(ids), start + chunk_tokens)
            seen = torch.cat((before, hidden[start : stop + radius]))
            first = start - len(before)
            before = seen[: stop - first][-radius:]
            hidden[start:stop] = _layer(
                model,
                layer,
                seen[None],
                positions[first : first + len(seen)],
                _cut(limits, first, first + len(seen)),
                start - first,
                stop - first,
            )
            done += 1
            if between:
                between(done / steps)
    parts = [
        network.score(model.norm(hidden[start : start + chunk_tokens])).float().cpu()
        for start in range(0, len(ids), chunk_tokens)
    ]
    return torch.cat(parts)


def _layer(
    model: Any,
    layer: Any,
    seen: Tensor,
    positions: Tensor,
    limits: Sequence[int],
    first: int,
    last: int,
) -> Tensor:
    """Return tokens first to last of a layer over `seen` (1, T, H), as (last - first, H).

    As the stock layer does it, but neighbours that only lend their keys skip the experts.
    """
    attended, _ = layer.self_attn(
        hidden_states=layer.input_layernorm(seen),
        position_embeddings=model.rotary_emb(seen, positions[None]),
        attention_mask=None,
        limits=limits,
    )
    kept = seen[:, first:last] + attended[:, first:last]
    mixed, _ = layer.mlp(layer.post_attention_layernorm(kept))
    result: Tensor = (kept + mixed)[0]
    return result


def _cut(limits: Sequence[int], start: int, stop: int) -> list[int]:
    """Return the limits of the texts that have tokens from start to stop, counted from start."""
    return [0, *(limit - start for limit in limits if start < limit < stop), stop - start]
