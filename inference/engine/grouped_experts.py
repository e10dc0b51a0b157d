"""The experts of Privacy Filter with tokens sorted by expert: one product for each expert hit.

Registered as an experts implementation of transformers, so that the stock class runs it. The
stock one searches the tokens of each expert anew and lifts whole weight matrices.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers.integrations.moe import ExpertsInterface

from inference.engine import expert_kernel

NAME = "blackbar_grouped"


def run(module: Any, hidden: Tensor, choice: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted sum of each token's experts.

    module:  the stock OpenAIPrivacyFilterExperts, its weights (E, in, out)
    hidden:  (T, H) any floating dtype; the arithmetic is float32
    choice:  (T, K) int64, the experts of each token
    weights: (T, K)
    Returns (T, H) in the dtype of `hidden`.
    """
    chosen = choice.reshape(-1)
    order = chosen.argsort(stable=True)
    token = order // choice.shape[1]
    ends = torch.bincount(chosen, minlength=module.num_experts).cumsum(0).cpu()
    rows = hidden[token].float()
    out = torch.empty_like(rows)
    if hasattr(module, "panels"):
        _by_kernel(module, rows, ends, out)
    else:
        _by_torch(module, rows, ends, out)
    out *= weights.reshape(-1)[order, None].float()
    total = torch.zeros(hidden.shape, dtype=torch.float32, device=hidden.device)
    return total.index_add_(0, token, out).to(hidden.dtype)


def _by_torch(module: Any, rows: Tensor, ends: Tensor, out: Tensor) -> None:
    start = 0
    for expert, end in enumerate(ends.tolist()):
        if end > start:
            gate_up = torch.addmm(
                module.gate_up_proj_bias[expert].float(),
                rows[start:end],
                module.gate_up_proj[expert].float(),
            )
            gated = module._apply_gate(gate_up)
            bias, down = module.down_proj_bias[expert], module.down_proj[expert]
            torch.addmm(bias.float(), gated, down.float(), out=out[start:end])
        start = end


def prepare(module: Any) -> None:
    """Lay out the weights of the stock experts for our kernel, where it can run them.

    They are moved, not copied: afterwards only `run` can use them, and any other implementation
    fails on empty tensors.
    """
    gate_up, down = module.gate_up_proj, module.down_proj
    if not (
        gate_up.device.type == "cpu"
        and gate_up.dtype == down.dtype == torch.bfloat16
        and gate_up.shape[2] % expert_kernel.COLUMNS == 0
        and down.shape[2] % expert_kernel.COLUMNS == 0
    ):
        return
    laid_out = []
    for parameter in (gate_up, down):
        laid_out.append(expert_kernel.panels(parameter.detach().view(torch.uint16).numpy()))
        parameter.data = parameter.data.new_empty(0)
    module.panels = tuple(laid_out)


def _by_kernel(module: Any, rows: Tensor, ends: Tensor, out: Tensor) -> None:
    gate_up, down = module.panels
    arguments = (
        gate_up,
        module.gate_up_proj_bias.float().numpy(),
        down,
        module.down_proj_bias.float().numpy(),
        np.float32(module.alpha),
        np.float32(module.limit),
        out.numpy(),
    )
    x, stops = rows.numpy(), ends.numpy()

    def part(limits: tuple[int, int]) -> None:
        expert_kernel.run_experts(x, stops, *limits, *arguments)

    cuts = _shares(stops, torch.get_num_threads())
    if len(cuts) == 1:
        part(cuts[0])
    else:
        list(_threads(len(cuts)).map(part, cuts))


def _shares(ends: np.ndarray[Any, np.dtype[np.int64]], parts: int) -> list[tuple[int, int]]:
    """Cut the experts into `parts` ranges of about equal work: a matrix to bring, rows to do."""
    experts = len(ends)
    rows = np.diff(ends, prepend=0)
    # To bring an expert's weights takes about as long as eight rows of arithmetic.
    work = np.cumsum(np.where(rows, rows + 8, 0))
    targets = work[-1] * np.arange(1, parts) / parts
    cuts = [0, *np.searchsorted(work, targets).tolist(), experts]
    return [(a, b) for a, b in pairwise(cuts) if b > a]


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="experts")


ExpertsInterface.register(NAME, run)
