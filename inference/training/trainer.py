"""The training loop: seeded, resumable, with metrics while it runs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from inference.engine.labels import LabelScheme
from inference.engine.offsets import CompactTokenizer
from inference.training.batches import Batch, BatchSource
from inference.training.encoder import EMBEDDING, Shape, load_base, logits
from inference.training.loss import marginal_loss, unknown_classes
from inference.training.records import Record


@dataclass(frozen=True, slots=True)
class Options:
    """What a training run is made of; the same options and data give the same run."""

    layers: int = 6
    total_tokens: int = 5_000_000
    batch_tokens: int = 2048
    learning_rate: float = 3e-4
    classifier_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.03
    dropout: float = 0.0
    average: float = 0.998
    seed: int = 7


class Run:
    """The state of one training run in its folder; a second start continues it."""

    def __init__(
        self,
        folder: Path,
        base: Path,
        scheme: LabelScheme,
        options: Options,
        device: str,
        *,
        start: Path | None = None,
    ) -> None:
        """Continue the run in `folder`, or begin one from the encoder in `base`.

        start: folder of a finished run whose averaged weights a new run begins with, with a
               fresh optimizer and schedule
        """
        self.folder, self.scheme, self.options = folder, scheme, options
        self.device, self.is_bf16 = device, _has_fast_bf16(device)
        self.shape, weights = load_base(base, options.layers, len(scheme.names), options.seed)
        self.earlier_tokens = 0
        if start is not None:
            state = torch.load(start / "state.pt", map_location="cpu", weights_only=True)
            weights |= {name: tensor.float() for name, tensor in state["average"].items()}
            self.earlier_tokens = state["tokens"] + state.get("earlier_tokens", 0)
        self.weights = {name: tensor.to(device) for name, tensor in weights.items()}
        self.average = {name: tensor.clone() for name, tensor in self.weights.items()}
        self.optimizer = _optimizer(self.weights, options)
        self.pool = self.step = self.tokens = 0
        if (folder / "state.pt").exists():
            self._resume()

    def _resume(self) -> None:
        state = torch.load(self.folder / "state.pt", map_location=self.device, weights_only=True)
        with torch.no_grad():
            for name, tensor in self.weights.items():
                tensor.copy_(state["weights"].get(name, tensor))
                self.average[name].copy_(state["average"].get(name, tensor))
        self.optimizer.load_state_dict(state["optimizer"])
        self.pool, self.step, self.tokens = state["pool"], state["step"], state["tokens"]
        self.earlier_tokens = state.get("earlier_tokens", 0)

    def save(self) -> None:
        """Write the state at the end of a pool, atomically."""
        kept = [name for name in self.weights if name != EMBEDDING]  # it never changes
        state = {
            "weights": {name: self.weights[name].detach() for name in kept},
            "average": {name: self.average[name] for name in kept},
            "optimizer": self.optimizer.state_dict(),
            "pool": self.pool,
            "step": self.step,
            "tokens": self.tokens,
            "earlier_tokens": self.earlier_tokens,
        }
        torch.save(state, self.folder / "state.pt.part")
        os.replace(self.folder / "state.pt.part", self.folder / "state.pt")

    def train_batch(self, batch: Batch, classes_of: Tensor) -> float:
        """Take one step and return its loss."""
        self._set_rate()
        mask = None if batch.mask is None else batch.mask.to(self.device)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.is_bf16):
            out = logits(
                self.weights, self.shape, batch.ids.to(self.device), mask, self.options.dropout
            )
        loss = marginal_loss(
            out.flatten(0, 1),
            batch.targets.to(self.device).flatten(),
            batch.unknown.to(self.device).flatten(),
            classes_of,
            self.scheme.outside,
        )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        trained = [tensor for tensor in self.weights.values() if tensor.requires_grad]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        self.optimizer.step()
        self.step += 1
        self.tokens += batch.tokens
        self._update_average()
        return float(loss.detach())

    def _set_rate(self) -> None:
        """Warm up, then fall linearly to nothing, by share of tokens seen."""
        done = self.tokens / self.options.total_tokens
        factor = min(1.0, (done + 1e-4) / self.options.warm_up) * max(0.02, 1.0 - done)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor

    def _update_average(self) -> None:
        """Keep a moving average of the weights, which is what gets exported."""
        decay = min(self.options.average, self.step / (self.step + 20))
        with torch.no_grad():
            for name, tensor in self.weights.items():
                if tensor.requires_grad:
                    self.average[name].lerp_(tensor, 1 - decay)


def train(
    run: Run,
    sources: dict[str, list[Record]],
    tokenizer: CompactTokenizer,
    evaluate: Callable[[Run], dict[str, float]],
    *,
    evaluate_every: int,
) -> None:
    """Train until the run has seen its tokens, logging to the screen and metrics.jsonl.

    evaluate:       gives figures for the log, called every `evaluate_every` pools
    """
    batches = BatchSource(
        sources,
        tokenizer,
        run.scheme,
        seed=run.options.seed,
        batch_tokens=run.options.batch_tokens,
        positions=run.shape.positions,
    )
    classes_of = unknown_classes(run.scheme).to(run.device)
    while run.tokens < run.options.total_tokens:
        began, tokens_before, losses = time.monotonic(), run.tokens, []
        losses = [run.train_batch(batch, classes_of) for batch in batches.pool(run.pool)]
        run.pool += 1
        seconds = time.monotonic() - began
        row: dict[str, float] = {
            "pool": run.pool,
            "step": run.step,
            "tokens": run.tokens,
            "loss": round(sum(losses) / len(losses), 4),
            "tokens_per_second": round((run.tokens - tokens_before) / seconds),
        }
        if run.pool % 5 == 0 or run.tokens >= run.options.total_tokens:
            run.save()
        if run.pool % evaluate_every == 0:
            row |= evaluate(run)
        _log(run.folder, row)


def _log(folder: Path, row: dict[str, float]) -> None:
    line = json.dumps(row)
    print(line, flush=True)
    with (folder / "metrics.jsonl").open("a") as log:
        log.write(line + "\n")


def _optimizer(weights: dict[str, Tensor], options: Options) -> torch.optim.AdamW:
    """Return AdamW over all weights but the word embedding.

    The embedding stays frozen: it knows a hundred languages, most of which the training data
    does not have, and frozen it can be stored in the four bits it was made from.
    """
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, tensor in weights.items():
        if name == EMBEDDING:
            continue
        tensor.requires_grad_(True)
        rate = options.classifier_rate if name.startswith("classifier") else options.learning_rate
        decay = options.weight_decay if tensor.ndim == 2 else 0.0
        groups.setdefault((rate, decay), []).append(tensor)
    return torch.optim.AdamW(
        [
            {"params": tensors, "lr": rate, "peak": rate, "weight_decay": decay}
            for (rate, decay), tensors in groups.items()
        ],
        fused=True,
    )


def _has_fast_bf16(device: str) -> bool:
    """Say whether bf16 is worth it: without instructions for it, a CPU is slower than in fp32."""
    if device != "cpu":
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def describe(options: Options, shape: Shape) -> dict[str, object]:
    """Return what a checkpoint's config says about its training."""
    return {"options": asdict(options), "shape": shape.as_dict()}
