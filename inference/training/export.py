"""From a training run to a checkpoint on disk, checked against the weights it came from."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import torch
from torch import Tensor

from inference.engine.labels import LabelScheme
from inference.engine.offsets import CompactTokenizer
from inference.training.batches import END_ID, START_ID
from inference.training.encoder import Shape, Weights, load_base, logits
from inference.training.generator import generate
from inference.training.onnx_graph import build_graph
from inference.training.records import Record

MODEL_FILE = "model.int8.onnx"
_BLENDED = 0.25


def export_run(
    run: Path,
    base: Path,
    out: Path,
    texts: dict[str, list[Record]],
    *,
    blend: Path | None = None,
    version: str = "1.1",
) -> dict[str, float]:
    """Write the weights of a run as a checkpoint and compare it with them.

    texts: labelled sets to compare on; none are needed
    blend: the run that this one began with, a quarter of whose weights goes into the mixture,
           so that what only it has seen much of is not forgotten
    Returns sizes and agreement by name. The file of the model is replaced in one step.
    """
    shape, weights, tokens = load_run(run, base)
    if blend is not None:
        _, earlier, _ = load_run(blend, base)
        weights = {
            name: torch.lerp(tensor, earlier[name], _BLENDED) for name, tensor in weights.items()
        }
    out.mkdir(parents=True, exist_ok=True)
    arrays = {name: tensor.numpy().astype(np.float32) for name, tensor in weights.items()}
    peaks = channel_peaks(weights, shape, CompactTokenizer(run / "tokenizer.json"))
    model = build_graph(arrays, shape, peaks)
    _replace(out / MODEL_FILE, model)
    shutil.copyfile(run / "tokenizer.json", out / "tokenizer.json.part")
    os.replace(out / "tokenizer.json.part", out / "tokenizer.json")
    config = {
        "name": "compact",
        "version": version,
        "id2label": {str(i): name for i, name in enumerate(LabelScheme.default().names)},
        "max_positions": shape.positions,
        "source": "multilingual-e5-small (MIT), first layers, fine-tuned by inference.training",
        "shape": shape.as_dict(),
        "trained_tokens": tokens,
    }
    _replace(out / "config.json", (json.dumps(config, indent=2) + "\n").encode())
    sizes: dict[str, float] = {"model_bytes": len(model), "trained_tokens": tokens}
    agreed: dict[str, float] = agreement(weights, shape, out, texts)
    return sizes | agreed


def load_run(run: Path, base: Path) -> tuple[Shape, Weights, int]:
    """Return the shape, the fp32 weights and the tokens seen of a run.

    The weights are the mean of the last ones and of their moving average, which lags behind.
    The tokens include those of the run that this one began with.
    """
    state = torch.load(run / "state.pt", map_location="cpu", weights_only=True)
    average = {
        name: (tensor.float() + state["weights"][name].float()) / 2
        for name, tensor in state["average"].items()
    }
    layers = 1 + max(
        int(name.split(".")[2]) for name in average if name.startswith("encoder.layer.")
    )
    shape, weights = load_base(base, layers, len(average["classifier.bias"]), seed=0)
    return shape, {**weights, **average}, int(state["tokens"] + state.get("earlier_tokens", 0))


def channel_peaks(
    weights: Weights, shape: Shape, tokenizer: CompactTokenizer, documents: int = 150
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the largest value of each channel that goes into a product, by product.

    Measured on generated documents, so an export needs no data.
    """
    peaks: dict[str, Tensor] = {}

    def watch(name: str, hidden: Tensor) -> None:
        top = hidden.abs().flatten(0, 1).amax(dim=0)
        peaks[name] = torch.maximum(peaks[name], top) if name in peaks else top

    for record in generate(documents, seed=0):
        window = tokenizer.encode(record.text).ids[: shape.positions - 2].astype(np.int64)
        ids = torch.from_numpy(np.concatenate([[START_ID], window, [END_ID]]))
        with torch.no_grad():
            logits(weights, shape, ids[None], None, watch=watch)
    return {name: top.numpy() for name, top in peaks.items()}


def agreement(
    weights: Weights, shape: Shape, checkpoint: Path, texts: dict[str, list[Record]]
) -> dict[str, float]:
    """Compare the quantised model with fp32 on the first windows of up to 20 texts a set.

    Returns the share of tokens with the same best class, among all and among those that fp32
    does not call O, and the mean and largest difference of logits.
    """
    session = ort.InferenceSession(checkpoint / MODEL_FILE, providers=["CPUExecutionProvider"])
    tokenizer = CompactTokenizer(checkpoint / "tokenizer.json")
    outside = LabelScheme.default().outside
    same, spans, differences = [], [], []
    for records in texts.values():
        for record in records[:20]:
            window = tokenizer.encode(record.text).ids[: shape.positions - 2].astype(np.int64)
            ids = np.concatenate([[START_ID], window, [END_ID]])[None]
            with torch.no_grad():
                exact = logits(weights, shape, torch.from_numpy(ids), None).numpy()
            inputs = {"input_ids": ids}
            (rough,) = session.run(["logits"], inputs)
            best = exact.argmax(-1)
            same.append((best == rough.argmax(-1)).ravel())
            spans.append((best != outside).ravel())
            differences.append(np.abs(exact - rough).max(-1).ravel())
    if not same:
        return {}
    equal, private, gap = map(np.concatenate, (same, spans, differences))
    return {
        "compared_tokens": float(len(equal)),
        "same_class": float(equal.mean()),
        "same_class_in_spans": float(equal[private].mean()) if private.any() else 1.0,
        "mean_logit_difference": float(gap.mean()),
        "largest_logit_difference": float(gap.max()),
    }


def _replace(path: Path, content: bytes) -> None:
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(content)
    os.replace(part, path)
