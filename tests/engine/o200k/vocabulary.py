"""The tokenizer of OpenAI Privacy Filter, put together from the merges beside this file."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from tests.engine.o200k.rebuild import BYTES

MERGES = Path(__file__).with_name("merges.xz")
# Tokens of the model, some of them without a name.
SIZE = 200_064
# Of tiktoken's openai_public.py, o200k_base.
PATTERN = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
# From 199,998 on, as o200k_harmony numbers them.
SPECIAL = (
    "<|startoftext|>",
    "<|endoftext|>",
    "<|reserved_200000|>",
    "<|reserved_200001|>",
    "<|return|>",
    "<|constrain|>",
    "<|reserved_200004|>",
    "<|channel|>",
    "<|start|>",
    "<|end|>",
    "<|message|>",
    *(f"<|reserved_{number}|>" for number in range(200_009, 200_012)),
    "<|call|>",
    *(f"<|reserved_{number}|>" for number in range(200_013, 200_018)),
    "<|endofprompt|>",
)


def tokens() -> tuple[list[bytes], list[tuple[int, int]]]:
    """Return what each token spells, in the order of the ranks, and the merges in theirs."""
    content = lzma.decompress(MERGES.read_bytes())
    planes = np.frombuffer(content, np.uint8, offset=BYTES).reshape(2, 3, -1).astype(np.int32)
    left, right = planes[:, 0] + (planes[:, 1] << 8) + (planes[:, 2] << 16)
    spelled = [content[index : index + 1] for index in range(BYTES)]
    merges = list(zip(left.tolist(), right.tolist(), strict=True))
    for first, second in merges:
        spelled.append(spelled[first] + spelled[second])
    return spelled, merges


def tokenizer() -> Tokenizer:
    """Return the tokenizer with its special tokens, in about a second."""
    spelled, merges = tokens()
    # The library writes tokens with a letter for each byte, that of latin-1 or one from U+0100 on.
    letters = _letters()
    names = [token.decode("latin-1").translate(letters) for token in spelled]
    made = Tokenizer(
        models.BPE(
            vocab={name: index for index, name in enumerate(names)},
            merges=[(names[first], names[second]) for first, second in merges],
        )
    )
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(name, normalized=False) for name in SPECIAL])
    return made


def _letters() -> dict[int, str]:
    """Return the letter of each byte in GPT-2's byte-level alphabet."""
    shown = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {
        byte: chr(0x100 + index) for index, byte in enumerate(hidden)
    }
