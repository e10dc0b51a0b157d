"""How much memory can still be had."""

from __future__ import annotations

import psutil


def available_bytes(device: str) -> int:
    """Return the bytes free on "cuda", or to be had without swapping on "cpu"."""
    if device == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    return int(psutil.virtual_memory().available)
