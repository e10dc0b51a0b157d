"""How much memory can still be had, and what the process does with what it frees."""

from __future__ import annotations

import ctypes
import sys

import psutil

# glibc's malloc.h: mallopt(parameter, value).
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4
_KEPT_BYTES = (1 << 31) - 1
_PAD_BYTES = 64 << 20


def available_bytes(device: str) -> int:
    """Return the bytes free on "cuda", or to be had without swapping on "cpu"."""
    if device == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    return int(psutil.virtual_memory().available)


def keep_freed_memory() -> None:
    """Let this process keep up to 2 GiB of what it frees, for its next large buffer.

    glibc hands each buffer of more than 32 MiB back to the system and has it faulted in again,
    page by page, for the next layer. Does nothing under another C library.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_M_MMAP_MAX, 0)
    mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
    mallopt(_M_TOP_PAD, _PAD_BYTES)
