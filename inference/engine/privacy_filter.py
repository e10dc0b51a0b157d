"""OpenAI Privacy Filter through transformers' own class: exact at any length, linear in it.

The stock class is loaded with our attention and experts plugged in (banded_attention,
grouped_experts). Short texts stand packed in one sequence; a long one goes through in one pass,
layer by layer (forward); what is longer than the model's positions is cut into windows whose
halos make them exact.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.errors import (
    CheckpointDamaged,
    CheckpointError,
    CheckpointUnsupported,
    InferenceError,
)
from inference.engine.hub import download
from inference.engine.labels import LabelScheme, LabelSchemeError
from inference.engine.memory import available_bytes, keep_freed_memory
from inference.engine.model import Emissions, FloatArray, IntArray, Progress, log_softmax
from inference.engine.operating_points import CALIBRATION_FILE, Biases, read_calibration
from inference.engine.packing import Pack, pack
from inference.engine.windows import Window, halo_windows

_SURROGATE = re.compile("[\ud800-\udfff]")
MODEL_TYPE = "openai_privacy_filter"
# Tokens of one layer worked on at once. On a CPU a short text waits for one such chunk at most.
CHUNK_TOKENS = {"cpu": 2048, "cuda": 32768}
# Left for activations of a chunk and everything else on the machine.
_SPARE_BYTES = 1 << 30
_DTYPES = ("auto", "float32", "bfloat16")


@dataclass(frozen=True, slots=True)
class PrivacyFilterModel:
    """A Privacy Filter checkpoint ready to run.

    halo_tokens:  how far a token's answer can depend on others, on each side
    context:      positions of the model: most tokens in one pass
    chunk_tokens: tokens of a layer worked on at once; short texts are packed up to as many
    network:      transformers' OpenAIPrivacyFilterForTokenClassification in eval mode
    tokenizer:    the `tokenizers` tokenizer of the checkpoint
    """

    name: str
    revision: str
    scheme: LabelScheme
    operating_points: Mapping[str, Biases]
    halo_tokens: int
    context: int
    chunk_tokens: int
    network: Any
    tokenizer: Any

    @classmethod
    def load(
        cls, place: Path | str, threads: int = 1, device: str = "auto", dtype: str = "auto"
    ) -> PrivacyFilterModel:
        """Load a checkpoint directory, or download one from the hub by name.

        device: "cpu", "cuda" or "auto" (CUDA where there is one)
        dtype:  "auto": on a CPU float32 arithmetic, with experts kept as the checkpoint stores
                them and lifted where they are used, which loses nothing; bfloat16 on CUDA.
                "float32" or "bfloat16" sets the dtype of everything but the attention's sinks.
        Raises CheckpointError with one sentence that says what is wrong.
        """
        import torch

        directory = place if isinstance(place, Path) else download(place)
        device = _device(device)
        if dtype not in _DTYPES:
            raise CheckpointUnsupported(f"The dtype must be one of {', '.join(_DTYPES)}.")
        torch.set_num_threads(threads)
        if dtype == "auto" and device == "cuda":
            dtype = "bfloat16"
        _check_memory(directory, device, dtype)
        network = load_network(directory, device, dtype)
        config = network.config
        try:
            scheme = LabelScheme.from_id2label(config.id2label)
        except LabelSchemeError as exc:
            raise CheckpointUnsupported(str(exc)) from exc
        return cls(
            name=place if isinstance(place, str) else _name_of(place),
            revision=fingerprint(directory),
            scheme=scheme,
            operating_points=read_calibration(directory / CALIBRATION_FILE),
            halo_tokens=int(config.num_hidden_layers) * int(config.sliding_window),
            context=int(config.max_position_embeddings),
            chunk_tokens=CHUNK_TOKENS[device],
            network=network,
            tokenizer=_load_tokenizer(directory, int(config.vocab_size)),
        )

    def emit(self, texts: Sequence[str], on_progress: Progress | None = None) -> list[Emissions]:
        """Return the emissions of each text (see Model.emit), many texts in one pass."""
        encoded = [encode(self.tokenizer, text) for text in texts]
        log_probs = [np.empty((len(ids), len(self.scheme.names)), np.float32) for ids, _ in encoded]
        report = _Report(sum(map(len, texts)), sum(len(ids) for ids, _ in encoded), on_progress)
        for window_pack in self._packs([len(ids) for ids, _ in encoded]):
            ids = np.concatenate(
                [encoded[text][0][window.start : window.end] for text, window in window_pack.parts]
            )
            answer = self._run(ids, window_pack.limits, report.between(window_pack.kept))
            for start, (text, window) in zip(window_pack.limits, window_pack.parts, strict=False):
                first = start + window.keep_start - window.start
                kept = answer[first : first + window.keep_end - window.keep_start]
                log_probs[text][window.keep_start : window.keep_end] = log_softmax(kept)
            report.add(window_pack.kept)
        report.finish()
        return [
            Emissions(scores, offsets)
            for scores, (_, offsets) in zip(log_probs, encoded, strict=True)
        ]

    def _packs(self, sizes: Sequence[int]) -> Iterable[Pack]:
        """Yield what goes through the network together, for texts of `sizes` tokens."""
        most = max(self.tokens_at_once(), 2 * self.halo_tokens + 1)
        parts = [
            (text, window) for text, size in enumerate(sizes) for window in self._cut(size, most)
        ]
        return pack(parts, min(self.chunk_tokens, most))

    def _cut(self, size: int, most: int) -> list[Window]:
        """Return one window if a text of `size` tokens fits, else windows with exact halos."""
        if size <= most:
            return [Window(0, size, 0, size)] if size else []
        return halo_windows(size, most - 2 * self.halo_tokens, self.halo_tokens)

    @property
    def batch_tokens(self) -> int:
        """Tokens of short texts that go through together: one chunk of a layer."""
        return min(self.chunk_tokens, self.tokens_at_once())

    def tokens_at_once(self) -> int:
        """Return how many tokens can go through in one pass: what the positions and the memory
        that is free now allow."""
        config = self.network.config
        # The residual stream, one layer's copy of a chunk aside, and scores in three forms.
        each = 4 * int(config.hidden_size) + 12 * len(self.scheme.names) + 64
        free = available_bytes(self.network.device.type)
        if not free:
            return self.context
        return min(self.context, max(self.chunk_tokens, (free - _SPARE_BYTES // 2) // each))

    def _run(
        self, ids: IntArray, limits: Sequence[int], between: Callable[[float], None] | None
    ) -> FloatArray:
        """Return the logits (len(ids), C) of a pack. What `between` raises passes through."""
        import torch

        from inference.engine import forward

        raised: list[BaseException] = []

        def guarded(share: float) -> None:
            try:
                if between:
                    between(share)
            except BaseException as exc:
                raised.append(exc)
                raise

        row = torch.from_numpy(ids.astype(np.int64))
        try:
            answer = forward.logits(self.network, row, limits, self.chunk_tokens, guarded)
        except (RuntimeError, IndexError, MemoryError) as exc:
            if raised:
                raise
            raise InferenceError("The Privacy Filter failed on a stretch of text.") from exc
        array: FloatArray = answer.numpy()
        return array


class _Report:
    """Turns tokens done into characters done, as Model.emit's on_progress wants them."""

    def __init__(self, characters: int, tokens: int, on_progress: Progress | None) -> None:
        self._characters = characters
        self._tokens = max(tokens, 1)
        self._on_progress = on_progress
        self._done = 0.0
        self._told = 0

    def between(self, tokens: int) -> Callable[[float], None] | None:
        """Return what to call with the share of a pack of `tokens` that is done."""
        return (
            (lambda share: self._tell(self._done + share * tokens)) if self._on_progress else None
        )

    def add(self, tokens: int) -> None:
        """Count the tokens of a pack as done."""
        self._done += tokens
        self._tell(self._done)

    def finish(self) -> None:
        """Report whatever was not."""
        self._tell(self._tokens)

    def _tell(self, tokens: float) -> None:
        characters = min(self._characters, int(self._characters * tokens / self._tokens))
        if self._on_progress and characters > self._told:
            told, self._told = self._told, characters
            self._on_progress(characters - told)


def encode(tokenizer: Any, text: str) -> tuple[IntArray, IntArray]:
    """Return token ids (T,) and code point ranges (T, 2) of any string.

    Names of special tokens that stand in the text, such as "<|start|>", are read as the
    characters they are made of; lone surrogates are replaced one for one.
    """
    if not text:
        return np.empty(0, np.int32), np.empty((0, 2), np.int32)
    encoded = tokenizer.encode(_SURROGATE.sub("\ufffd", text), add_special_tokens=False)
    ids = np.array(encoded.ids, dtype=np.int32)
    return ids, np.array(encoded.offsets, dtype=np.int32).reshape(-1, 2)


def fingerprint(directory: Path) -> str:
    """Return 12 hex digits that change with the weights, without reading gigabytes.

    Read are the names, the sizes, and 64 evenly spaced blocks of each weight file.
    """
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.safetensors")):
        size = path.stat().st_size
        digest.update(f"{path.name}:{size};".encode())
        with path.open("rb") as file:
            for index in range(64):
                file.seek(size * index // 64)
                digest.update(file.read(1 << 14))
    return digest.hexdigest()[:12]


def _device(setting: str) -> str:
    import torch

    if setting not in ("auto", "cpu", "cuda"):
        raise CheckpointUnsupported("The device must be auto, cpu or cuda.")
    if setting == "cuda" and not torch.cuda.is_available():
        raise CheckpointUnsupported("The device is set to cuda, and PyTorch finds none here.")
    return "cuda" if setting != "cpu" and torch.cuda.is_available() else "cpu"


def load_network(directory: Path, device: str, dtype: str) -> Any:
    """Return the stock class with our attention and experts, in eval mode on `device`.

    device: "cpu" or "cuda"; dtype: see PrivacyFilterModel.load
    Raises CheckpointError.
    """
    import torch
    from transformers import AutoConfig, AutoModelForTokenClassification

    from inference.engine import banded_attention, grouped_experts

    def load() -> Any:
        config = AutoConfig.from_pretrained(directory, local_files_only=True)
        if config.model_type != MODEL_TYPE:
            raise CheckpointUnsupported("The checkpoint is not a Privacy Filter.")
        # The class itself keeps the attention sinks in fp32; a later .to(dtype) would not.
        network, info = AutoModelForTokenClassification.from_pretrained(
            directory,
            config=config,
            dtype="auto" if dtype == "auto" else getattr(torch, dtype),
            local_files_only=True,
            output_loading_info=True,
            attn_implementation=banded_attention.NAME,
            # On CUDA the library's own grouped product; on a CPU ours is faster.
            experts_implementation="grouped_mm" if device == "cuda" else grouped_experts.NAME,
        )
        if info["missing_keys"] or info["mismatched_keys"]:
            raise CheckpointDamaged("Weights of the checkpoint are missing or misshapen.")
        if device == "cpu":
            _settle(network, lift=dtype == "auto")
            keep_freed_memory()
        return network.to(device).eval()

    return _loading("The weights or config.json of the checkpoint are missing or damaged.", load)


def _settle(network: Any, lift: bool) -> None:
    """Lay out the experts for our kernel, and if `lift` give all else float32."""
    from inference.engine import grouped_experts

    for layer in network.model.layers:
        grouped_experts.prepare(layer.mlp.experts)
    if lift:
        for name, parameter in network.named_parameters():
            if not is_expert(name):
                parameter.data = parameter.data.float()


def is_expert(name: str) -> bool:
    """Say whether a parameter of the stock class belongs to the experts."""
    return ".mlp.experts." in name


def _load_tokenizer(directory: Path, vocabulary: int) -> Any:
    from tokenizers import Tokenizer

    path = directory / "tokenizer.json"
    if not path.is_file():
        raise CheckpointDamaged("The checkpoint has no tokenizer.json.")
    tokenizer: Any = _loading(
        "tokenizer.json of the checkpoint is damaged.", lambda: Tokenizer.from_file(str(path))
    )
    if tokenizer.get_vocab_size(with_added_tokens=False) > vocabulary:
        raise CheckpointDamaged("The tokenizer has more tokens than the model.")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True  # literal "<|start|>" stays text
    return tokenizer


def _loading(sentence: str, load: Callable[[], Any]) -> Any:
    try:
        return load()
    except CheckpointError:
        raise
    except Exception as exc:  # the libraries raise anything from OSError to bare Exception
        raise CheckpointDamaged(sentence) from exc


def _check_memory(directory: Path, device: str, dtype: str) -> None:
    """Raise CheckpointUnsupported if the weights would not fit."""
    needed = _SPARE_BYTES + weight_bytes(directory, dtype)
    free = available_bytes(device)
    if free and needed > free:
        raise CheckpointUnsupported(
            f"The checkpoint needs {needed / 1e9:.1f} GB of memory,"
            f" and {free / 1e9:.1f} GB are free."
        )


_ITEM_BYTES = {"F64": 8, "F32": 4, "BF16": 2, "F16": 2}


def weight_bytes(directory: Path, dtype: str) -> int:
    """Return the bytes that the weights of a directory take once loaded, from the files' headers.

    Raises CheckpointDamaged if a header cannot be read.
    """
    total = 0
    for path in directory.glob("*.safetensors"):
        try:
            with path.open("rb") as file:
                header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
            for name, tensor in header.items():
                if name != "__metadata__":
                    stored = _ITEM_BYTES.get(tensor["dtype"], 4)
                    if dtype == "auto":
                        size = stored if is_expert(name) else 4
                    else:
                        size = 4 if dtype == "float32" else 2
                    total += size * int(np.prod(tensor["shape"], dtype=np.int64))
        except (OSError, ValueError, KeyError, TypeError, MemoryError, OverflowError) as exc:
            raise CheckpointDamaged(
                "The weights or config.json of the checkpoint are missing or damaged."
            ) from exc
    return total


def _name_of(directory: Path) -> str:
    """Return the hub name of a cached snapshot, else the directory's own name."""
    repository = directory.parent.parent.name
    if directory.parent.name == "snapshots" and repository.startswith("models--"):
        return repository.removeprefix("models--").replace("--", "/")
    return directory.resolve().name
