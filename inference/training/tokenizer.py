"""The compact checkpoint's tokenizer.json, made from the base encoder's."""

from __future__ import annotations

import json
from pathlib import Path

NEWLINE_PIECE = "▁\n"
_NEWLINE_SCORE = -5.0


def build_tokenizer(base: Path, target: Path) -> None:
    """Write the base tokenizer to `target` with a piece for line feeds.

    NFKC leaves the file, because CompactTokenizer normalises while keeping offsets; runs of
    spaces and of blank lines are folded, and every line starts as a text of its own does.
    """
    tokenizer = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["normalizer"] = {
        "type": "Sequence",
        "normalizers": [
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            {"type": "Replace", "pattern": {"Regex": "\n{3,}"}, "content": "\n\n"},
        ],
    }
    metaspace = {
        "type": "Metaspace",
        "replacement": "▁",
        "prepend_scheme": "always",
        "split": True,
    }
    lines = {
        "type": "Split",
        "pattern": {"Regex": "\n"},
        "behavior": "Isolated",
        "invert": False,
    }
    tokenizer["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [lines, metaspace]}
    tokenizer["model"]["vocab"].append([NEWLINE_PIECE, _NEWLINE_SCORE])
    text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    target.write_text(text, encoding="utf-8")
