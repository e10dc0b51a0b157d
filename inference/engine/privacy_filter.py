"""OpenAI Privacy Filter through transformers' own class, exact at any length."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.errors import (
    CheckpointDamaged,
    CheckpointError,
    CheckpointNotFound,
    CheckpointUnsupported,
    InferenceError,
)
from inference.engine.labels import LabelScheme, LabelSchemeError
from inference.engine.model import Emissions, FloatArray, IntArray, Progress, log_softmax
from inference.engine.operating_points import CALIBRATION_FILE, Biases, read_calibration
from inference.engine.windows import Window, halo_windows

_SURROGATE = re.compile("[\ud800-\udfff]")
MODEL_TYPE = "openai_privacy_filter"
# Tokens kept from one window of a long text; the stock attention's memory grows with the
# square of the window, so a larger one would not be cheaper.
CORE_TOKENS = 1024
# Left for activations and everything else on the machine.
_SPARE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class PrivacyFilterModel:
    """A Privacy Filter checkpoint ready to run.

    halo_tokens: how far a token's answer can depend on others, on each side
    network:     transformers' OpenAIPrivacyFilterForTokenClassification in eval mode
    tokenizer:   the `tokenizers` tokenizer of the checkpoint
    """

    name: str
    revision: str
    scheme: LabelScheme
    operating_points: Mapping[str, Biases]
    halo_tokens: int
    network: Any
    tokenizer: Any

    @classmethod
    def load(
        cls, place: Path | str, threads: int = 1, device: str = "auto", dtype: str = "auto"
    ) -> PrivacyFilterModel:
        """Load a checkpoint directory, or download one from the hub by name.

        device: "cpu", "cuda" or "auto"
        dtype:  "float32", "bfloat16" or "auto" (bfloat16 on CUDA, else float32)
        Raises CheckpointError with one sentence that says what is wrong.
        """
        import torch

        directory = place if isinstance(place, Path) else _download(place)
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if dtype == "auto":
            dtype = "bfloat16" if device == "cuda" else "float32"
        torch.set_num_threads(threads)
        _check_memory(directory, device, dtype)
        network = _load_network(directory, device, getattr(torch, dtype))
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
            network=network,
            tokenizer=_load_tokenizer(directory, int(config.vocab_size)),
        )

    def emit(self, texts: Sequence[str], on_progress: Progress | None = None) -> list[Emissions]:
        """Return the emissions of each text, one text after the other (see Model.emit)."""
        return [self._emit_one(text, on_progress) for text in texts]

    def _emit_one(self, text: str, on_progress: Progress | None) -> Emissions:
        ids, offsets = encode(self.tokenizer, text)
        size = len(ids)
        log_probs = np.empty((size, len(self.scheme.names)), dtype=np.float32)
        reported = 0
        for window in self._windows(size):
            logits = self._run(ids[window.start : window.end])
            first, last = window.keep_start - window.start, window.keep_end - window.start
            log_probs[window.keep_start : window.keep_end] = log_softmax(logits[first:last])
            if on_progress and window.keep_end < size:
                finished = int(offsets[window.keep_end - 1, 1])
                on_progress(max(0, finished - reported))
                reported = max(reported, finished)
        if on_progress and reported < len(text):
            on_progress(len(text) - reported)
        return Emissions(log_probs, offsets)

    def _windows(self, tokens: int) -> list[Window]:
        """Return one window if the text fits, else windows whose halos make them exact."""
        if tokens <= CORE_TOKENS + 2 * self.halo_tokens:
            return [Window(0, tokens, 0, tokens)] if tokens else []
        return halo_windows(tokens, CORE_TOKENS, self.halo_tokens)

    def _run(self, ids: IntArray) -> FloatArray:
        """Return the logits (len(ids), C) of one window."""
        import torch

        row = torch.from_numpy(ids.astype(np.int64)).unsqueeze(0).to(self.network.device)
        try:
            with torch.inference_mode():
                logits = self.network(input_ids=row).logits[0]
        except (RuntimeError, IndexError, MemoryError) as exc:
            raise InferenceError("The Privacy Filter failed on a stretch of text.") from exc
        array: FloatArray = logits.float().cpu().numpy()
        return array


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


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    try:
        path = snapshot_download(
            name,
            allow_patterns=["*.json", "*.safetensors", "*.txt", "tokenizer*"],
            ignore_patterns=["original/*", "onnx/*"],
        )
    except RepositoryNotFoundError as exc:
        raise CheckpointNotFound(f"The hub has no public checkpoint {name}.") from exc
    except (HfHubHTTPError, OSError, ValueError) as exc:
        raise CheckpointNotFound(
            f"The checkpoint {name} is not on this machine and could not be downloaded."
        ) from exc
    return Path(path)


def _load_network(directory: Path, device: str, dtype: Any) -> Any:
    from transformers import AutoConfig, AutoModelForTokenClassification

    def load() -> Any:
        config = AutoConfig.from_pretrained(directory, local_files_only=True)
        if config.model_type != MODEL_TYPE:
            raise CheckpointUnsupported("The checkpoint is not a Privacy Filter.")
        # The class itself keeps the attention sinks in fp32; a later .to(dtype) would not.
        network, info = AutoModelForTokenClassification.from_pretrained(
            directory,
            config=config,
            dtype=dtype,
            local_files_only=True,
            output_loading_info=True,
        )
        if info["missing_keys"] or info["mismatched_keys"]:
            raise CheckpointDamaged("Weights of the checkpoint are missing or misshapen.")
        return network.to(device).eval()

    return _loading("The weights or config.json of the checkpoint are missing or damaged.", load)


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
    """Raise CheckpointUnsupported if the weights would not fit; published ones are bf16."""
    stored = sum(path.stat().st_size for path in directory.glob("*.safetensors"))
    needed = stored * (2 if dtype == "float32" else 1) + _SPARE_BYTES
    if device == "cuda":
        import torch

        free = int(torch.cuda.mem_get_info()[0])
    else:
        free = _available_memory()
    if free and needed > free:
        raise CheckpointUnsupported(
            f"The checkpoint needs {needed / 1e9:.1f} GB of memory,"
            f" and {free / 1e9:.1f} GB are free."
        )


def _available_memory() -> int:
    """Return the bytes that can be had without swapping, 0 where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields.get("MemAvailable", "0 kB").split()[0]) * 1024


def _name_of(directory: Path) -> str:
    """Return the hub name of a cached snapshot, else the directory's own name."""
    repository = directory.parent.parent.name
    if directory.parent.name == "snapshots" and repository.startswith("models--"):
        return repository.removeprefix("models--").replace("--", "/")
    return directory.resolve().name
