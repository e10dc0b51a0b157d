"""Rebuild the merges of o200k_base from its ranks: rebuild.py RANKS_FILE OUT.

RANKS_FILE: dist/ranks/o200k_base.js of the npm package js-tiktoken, or OpenAI's own
            o200k_base.tiktoken
OUT:        what vocabulary.py reads
"""

from __future__ import annotations

import base64
import json
import lzma
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

BYTES = 256


def read_ranks(path: Path) -> dict[bytes, int]:
    """Return the rank of each token, from either of the two formats."""
    content = path.read_text(encoding="utf-8").strip()
    ranks = {}
    if content.startswith("export default"):
        written = json.loads(content.removeprefix("export default").rstrip(";"))["bpe_ranks"]
        for line in written.splitlines():
            _, first, *tokens = line.split(" ")
            for index, token in enumerate(tokens):
                ranks[base64.b64decode(token)] = int(first) + index
    else:
        for line in content.splitlines():
            token, rank = line.split(" ")
            ranks[base64.b64decode(token)] = int(rank)
    return ranks


def parts_of(token: bytes, ranks: Mapping[bytes, int]) -> tuple[int, int]:
    """Return the ranks of the two tokens that merge into `token`.

    They are what byte pair encoding with the lower ranks alone leaves of it.
    """
    parts = [token[index : index + 1] for index in range(len(token))]
    while len(parts) > 2:
        merged = [ranks.get(left + right, len(ranks)) for left, right in pairwise(parts)]
        best = min(range(len(merged)), key=merged.__getitem__)
        assert merged[best] < ranks[token]
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
    return ranks[parts[0]], ranks[parts[1]]


def main(ranks_file: str, out: str) -> None:
    """Write the bytes in the order of their ranks and the merges as planes of bytes, packed."""
    ranks = read_ranks(Path(ranks_file))
    tokens = sorted(ranks, key=ranks.__getitem__)
    assert [ranks[token] for token in tokens] == list(range(len(tokens)))
    assert all(len(token) == 1 for token in tokens[:BYTES])
    merges = np.array([parts_of(token, ranks) for token in tokens[BYTES:]], dtype="<u4")
    planes = merges.view(np.uint8).reshape(len(merges), 2, 4)[:, :, :3]
    content = b"".join(tokens[:BYTES]) + planes.transpose(1, 2, 0).tobytes()
    Path(out).write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(*sys.argv[1:])
