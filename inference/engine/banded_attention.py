"""Attention of Privacy Filter within its band, in blocks: time and memory linear in the length.

Registered as an attention of transformers, so that the stock class runs it. A token sees those at
most `radius` places away; the stock implementation computes every pair and masks the rest. Each
head also has a sink, a learned logit that takes part in the softmax and carries no value: here it
is one more key, all zeros, whose score comes from the bias.

Many texts can stand in one sequence: the model's caller passes `limits`, the token numbers where
texts begin and end, and no token sees another text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface

NAME = "blackbar_banded"
# Queries that share one block of keys: scores of all heads then fit a core's cache.
BLOCK = 128
# Blocks that go through together on an accelerator, where launching costs more than memory.
BLOCKS_TOGETHER = 64
_NEVER = float("-inf")


def attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    sliding_window: int,
    s_aux: Tensor,
    limits: Sequence[int] | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Return what the heads gather, (B, T, heads, width), and no weights.

    query:          (B, heads, T, width), scaled and rotated
    key, value:     (B, groups, T, width)
    attention_mask: (B, T) bool, False for padding, or None
    sliding_window: radius + 1, as transformers counts it
    s_aux:          (heads,) float32 sinks
    limits:         0, the end of each text, ..., T; only for B = 1. None means one text.
    """
    size = query.shape[2]
    if limits is None:
        limits = (0, size)
    elif query.shape[0] != 1 or limits[0] != 0 or limits[-1] != size:
        raise ValueError("Limits go with one sequence and run from 0 to its length.")
    rows = _one_row_by_block if query.device.type == "cpu" else _one_row_together
    out = torch.empty(
        (query.shape[0], size, *query.shape[1::2]), dtype=query.dtype, device=query.device
    )
    for row in range(query.shape[0]):
        shown = None if attention_mask is None else attention_mask[row]
        rows(query[row], key[row], value[row], shown, sliding_window - 1, s_aux, limits, out[row])
    return out, None


def _one_row_by_block(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    shown: Tensor | None,
    radius: int,
    sinks: Tensor,
    limits: Sequence[int],
    out: Tensor,
) -> None:
    """Fill out (T, heads, width), block by block, each against the keys it can see."""
    heads, size, width = query.shape
    groups = key.shape[0]
    each = heads // groups
    rows = min(BLOCK, size)
    band = _band(rows, radius)
    # What a block amid a text adds to its scores: the same for all of them.
    usual = query.new_zeros((heads, rows, rows + 2 * radius + 1), dtype=torch.float32)
    usual[:, :, :-1].masked_fill_(band, _NEVER)
    usual[:, :, -1] = sinks[:, None]
    text = torch.bucketize(
        torch.arange(size), torch.tensor(limits[1:], dtype=torch.int64), right=True
    )
    nothing = key.new_zeros(groups, 1, width)
    for start in range(0, size, BLOCK):
        stop = min(size, start + BLOCK)
        # Keys of the band, less those of texts that have no query here.
        first = max(start - radius, limits[bisect_right(limits, start) - 1])
        last = min(stop + radius, limits[bisect_right(limits, stop - 1)])
        count = last - first + 1
        alone = text[first] == text[last - 1] and shown is None
        if alone and (stop - start, count) == usual.shape[1:]:
            bias = usual
        else:
            hidden = band[: stop - start, first - start + radius : last - start + radius]
            if text[first] != text[last - 1]:
                hidden = hidden | (text[start:stop, None] != text[None, first:last])
            if shown is not None:
                hidden = hidden | ~shown[None, first:last]
            bias = usual.new_zeros((heads, stop - start, count))
            bias[:, :, :-1].masked_fill_(hidden, _NEVER)
            bias[:, :, -1] = sinks[:, None]
        keys = torch.cat((key[:, first:last], nothing), dim=1)
        values = torch.cat((value[:, first:last], nothing), dim=1)
        queries = query[:, start:stop].reshape(groups, each * (stop - start), width)
        weights = _weights(queries, keys, bias.view(groups, -1, count))
        gathered = torch.bmm(weights, values).view(heads, stop - start, width)
        out[start:stop] = gathered.transpose(0, 1)


def _one_row_together(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    shown: Tensor | None,
    radius: int,
    sinks: Tensor,
    limits: Sequence[int],
    out: Tensor,
) -> None:
    """Fill out (T, heads, width), many blocks in each product."""
    heads, size, width = query.shape
    groups = key.shape[0]
    device = query.device
    ends = torch.tensor(limits[1:], dtype=torch.int64, device=device)
    for start in range(0, size, BLOCK * BLOCKS_TOGETHER):
        stop = min(size, start + BLOCK * BLOCKS_TOGETHER)
        blocks = -(-(stop - start) // BLOCK)
        places = torch.arange(blocks * BLOCK, device=device).view(blocks, BLOCK) + start
        near = torch.arange(BLOCK + 2 * radius, device=device) - radius
        seen = places[:, :1] + near  # (blocks, keys)
        inside = (seen >= 0) & (seen < size)
        safe, safe_places = seen.clamp(0, size - 1), places.clamp(max=size - 1)
        if shown is not None:
            inside = inside & shown[safe]
        text = torch.bucketize(safe, ends, right=True)
        own = torch.bucketize(safe_places, ends, right=True)
        hidden = (
            ((places[:, :, None] - seen[:, None, :]).abs() > radius)
            | (own[:, :, None] != text[:, None, :])
            | ~inside[:, None, :]
        )
        count = seen.shape[1] + 1
        bias = torch.zeros((blocks, heads, BLOCK, count), dtype=torch.float32, device=device)
        bias[..., :-1].masked_fill_(hidden[:, None], _NEVER)
        bias[..., -1] = sinks[:, None]
        nothing = key.new_zeros(blocks, groups, 1, width)
        keys = torch.cat((key[:, safe].transpose(0, 1), nothing), dim=2).flatten(0, 1)
        values = torch.cat((value[:, safe].transpose(0, 1), nothing), dim=2).flatten(0, 1)
        queries = query[:, safe_places].transpose(0, 1).reshape(blocks * groups, -1, width)
        weights = _weights(queries, keys, bias.view(blocks * groups, -1, count))
        gathered = torch.bmm(weights, values).view(blocks, heads, BLOCK, width)
        out[start:stop] = gathered.transpose(1, 2).flatten(0, 1)[: stop - start]


def _weights(queries: Tensor, keys: Tensor, bias: Tensor) -> Tensor:
    """Return the softmax, taken in float32, of the scores plus a float32 bias."""
    if queries.dtype == torch.float32:
        return torch.baddbmm(bias, queries, keys.transpose(1, 2)).softmax(dim=-1)
    scores = torch.bmm(queries, keys.transpose(1, 2)).float()
    return scores.add_(bias).softmax(dim=-1).to(queries.dtype)


def _band(rows: int, radius: int) -> Tensor:
    """Return (rows, rows + 2 radius) bool: True where column c - radius is out of a row's band."""
    row = torch.arange(rows)[:, None]
    column = torch.arange(rows + 2 * radius)[None, :] - radius
    return (row - column).abs() > radius


def _mask(*, attention_mask: Tensor | None = None, **_: Any) -> Tensor | None:
    """Hand the padding mask (B, T) on as it is: the band needs no n x n mask."""
    if attention_mask is not None and attention_mask.ndim != 2:
        raise ValueError("Only padding masks of two dimensions are understood.")
    return attention_mask


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, _mask)
