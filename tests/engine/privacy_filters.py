"""Privacy Filter checkpoints with random weights, small ones and one of the published size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers

SMALL = {
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "intermediate_size": 64,
    "head_dim": 8,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_local_experts": 8,
    "vocab_size": 300,
    "sliding_window": 8,
    "pad_token_id": 299,
    "eos_token_id": 299,
}


def network(seed: int = 0, **changes: Any) -> Any:
    """Return a network whose numbers bfloat16 can hold; float32 but for its experts."""
    import torch
    import transformers

    torch.manual_seed(seed)
    config = transformers.OpenAIPrivacyFilterConfig(**(SMALL | changes))
    torch.set_default_dtype(torch.bfloat16)
    try:
        made = transformers.OpenAIPrivacyFilterForTokenClassification(config)
    finally:
        torch.set_default_dtype(torch.float32)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if name.endswith(("bias", "layernorm.weight", "norm.weight")):
                parameter.add_(torch.randn(parameter.shape).to(parameter) * 0.1)
            if name.endswith("sinks"):
                parameter.copy_(torch.randn(parameter.shape))
            if ".experts." not in name:
                parameter.data = parameter.data.float()
    # Angles are computed once, and in what was the default dtype.
    rotary = type(made.model.rotary_emb)(config)
    made.model.rotary_emb = rotary
    return made.eval()


def byte_tokenizer(path: Path) -> None:
    """Write a tokenizer whose tokens are bytes."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {character: index for index, character in enumerate(alphabet)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<|start|>", "<|endoftext|>"])
    tokenizer.save(str(path))
