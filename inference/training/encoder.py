"""The compact model: the first layers of a BERT-shaped encoder and a token classifier.

Written as functions over a dictionary of tensors, named as in the base checkpoint, so that
training and the ONNX export read the same weights under the same names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

Weights = Mapping[str, Tensor]
# Told the name of a layer's product and its input, for statistics.
Watch = Callable[[str, Tensor], None]

EMBEDDING = "embeddings.word_embeddings.weight"
NEWLINE = "embeddings.newline.weight"


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model."""

    layers: int
    width: int
    heads: int
    classes: int
    positions: int
    layer_norm_eps: float

    def as_dict(self) -> dict[str, float]:
        """Return the sizes by name, for a JSON file."""
        return asdict(self)


def load_base(base: Path, layers: int, classes: int, seed: int) -> tuple[Shape, dict[str, Tensor]]:
    """Cut the first `layers` layers from the encoder in `base` and add a fresh classifier.

    Returns fp32 weights. The row of the line feed, which the base vocabulary lacks, starts as
    the end-of-sentence row.
    """
    config = json.loads((base / "config.json").read_text())
    shape = Shape(
        layers=layers,
        width=config["hidden_size"],
        heads=config["num_attention_heads"],
        classes=classes,
        positions=config["max_position_embeddings"],
        layer_norm_eps=config["layer_norm_eps"],
    )
    weights: dict[str, Tensor] = {}
    for name, tensor in load_file(base / "model.safetensors").items():
        number = name.removeprefix("encoder.layer.").split(".")[0]
        if name.startswith("pooler") or (number.isdigit() and int(number) >= layers):
            continue
        weights[name] = tensor.float()
    # Segments are not used: their first row is a constant that every position gets.
    segments = weights.pop("embeddings.token_type_embeddings.weight")
    weights["embeddings.position_embeddings.weight"] += segments[0]
    end_of_sentence = weights[EMBEDDING][2]
    weights[NEWLINE] = end_of_sentence.clone()
    weights[EMBEDDING] = torch.cat([weights[EMBEDDING], end_of_sentence[None]])
    generator = torch.Generator().manual_seed(seed)
    weights["classifier.weight"] = torch.randn(classes, shape.width, generator=generator) * 0.02
    weights["classifier.bias"] = torch.zeros(classes)
    return shape, weights


def logits(
    weights: Weights,
    shape: Shape,
    ids: Tensor,
    mask: Tensor | None,
    dropout: float = 0.0,
    watch: Watch | None = None,
) -> Tensor:
    """Return the classifier's output for a batch of windows.

    ids:     (B, T) int64 with the special tokens around each window
    mask:    (B, T) bool, True for tokens, False for padding; None when there is no padding
    dropout: probability, 0 outside of training
    Returns (B, T, classes) float32.
    """
    hidden = F.embedding(ids, weights[EMBEDDING])
    newline = ids == weights[EMBEDDING].shape[0] - 1
    hidden = torch.where(newline[..., None], weights[NEWLINE], hidden)
    hidden = hidden + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
    hidden = _norm(weights, shape, "embeddings.LayerNorm", hidden)
    hidden = F.dropout(hidden, dropout, dropout > 0)
    keys = None if mask is None else mask[:, None, None, :]
    for layer in range(shape.layers):
        name = f"encoder.layer.{layer}"
        hidden = _layer(weights, shape, name, hidden, keys, dropout, watch)
    return _linear(weights, "classifier", F.dropout(hidden, dropout, dropout > 0)).float()


def _layer(
    weights: Weights,
    shape: Shape,
    name: str,
    hidden: Tensor,  # (B, T, width)
    keys: Tensor | None,  # (B, 1, 1, T)
    dropout: float,
    watch: Watch | None,
) -> Tensor:
    batch, tokens, width = hidden.shape
    if watch:
        watch(f"{name}.attention.self", hidden)
    query, key, value = (
        _linear(weights, f"{name}.attention.self.{part}", hidden)
        .view(batch, tokens, shape.heads, width // shape.heads)
        .transpose(1, 2)
        for part in ("query", "key", "value")
    )
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=keys)
    mixed = mixed.transpose(1, 2).reshape(batch, tokens, width)
    mixed = F.dropout(
        _linear(weights, f"{name}.attention.output.dense", mixed), dropout, dropout > 0
    )
    hidden = _norm(weights, shape, f"{name}.attention.output.LayerNorm", hidden + mixed)
    if watch:
        watch(f"{name}.intermediate.dense", hidden)
    wide = F.gelu(_linear(weights, f"{name}.intermediate.dense", hidden))
    if watch:
        watch(f"{name}.output.dense", wide)
    narrow = F.dropout(_linear(weights, f"{name}.output.dense", wide), dropout, dropout > 0)
    return _norm(weights, shape, f"{name}.output.LayerNorm", hidden + narrow)


def _linear(weights: Weights, name: str, hidden: Tensor) -> Tensor:
    return F.linear(hidden, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _norm(weights: Weights, shape: Shape, name: str, hidden: Tensor) -> Tensor:
    return F.layer_norm(
        hidden,
        (shape.width,),
        weights[f"{name}.weight"],
        weights[f"{name}.bias"],
        shape.layer_norm_eps,
    )
