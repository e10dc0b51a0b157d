"""The compact checkpoint: a small multilingual encoder, int8 on onnxruntime, without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inference.engine.errors import CheckpointDamaged, InferenceError
from inference.engine.labels import LabelScheme, LabelSchemeError
from inference.engine.model import Emissions, FloatArray, IntArray, Progress, log_softmax
from inference.engine.offsets import CompactTokenizer
from inference.engine.operating_points import CALIBRATION_FILE, Biases, read_calibration
from inference.engine.windows import balanced_windows

if TYPE_CHECKING:
    import onnxruntime

WEIGHTS_FILE = "model.int8.onnx"
START_ID, END_ID = 0, 2
# Most tokens of text that go through at once. It takes 510, but learnt from shorter texts: on long
# ones windows of 320 find no less (docs/detection.md), and cost a fifth less.
WINDOW_TOKENS = 320
# Shared by neighbouring windows: every token sees at least half of it on both sides.
OVERLAP_TOKENS = 64
# From this many windows on they go through side by side.
WINDOWS_OF_A_LONG_TEXT = 4


@dataclass(frozen=True, slots=True)
class CompactModel:
    """A compact checkpoint ready to run; may be used by several threads at once.

    window_tokens: most tokens of text the encoder takes at once, without the two special ones
    lanes:         windows of a long text that go through at once, each on a thread of its own
    """

    name: str
    revision: str
    scheme: LabelScheme
    operating_points: Mapping[str, Biases]
    window_tokens: int
    tokenizer: CompactTokenizer
    session: onnxruntime.InferenceSession
    batch_tokens: int = 0
    lanes: int = 1

    @classmethod
    def load(cls, directory: Path, threads: int = 1, lanes: int | None = None) -> CompactModel:
        """Load a checkpoint directory onto `threads` CPU threads, or `lanes` for long texts.

        Raises CheckpointDamaged with the name of the file that is missing or wrong.
        """
        config = _read_config(directory / "config.json")
        weights = directory / WEIGHTS_FILE
        session = _open_session(weights, threads)
        try:
            tokenizer = CompactTokenizer(directory / "tokenizer.json")
        except Exception as exc:  # tokenizers raises bare Exception
            raise CheckpointDamaged("tokenizer.json is missing or damaged.") from exc
        try:
            scheme = LabelScheme.from_id2label(config["id2label"])
        except LabelSchemeError as exc:
            raise CheckpointDamaged(str(exc)) from exc
        return cls(
            name=" ".join(str(config[key]) for key in ("name", "version") if config.get(key)),
            revision=weights_revision(weights),
            scheme=scheme,
            operating_points=read_calibration(directory / CALIBRATION_FILE),
            window_tokens=min(WINDOW_TOKENS, int(config["max_positions"]) - 2),
            tokenizer=tokenizer,
            session=session,
            lanes=lanes or threads,
        )

    def emit(self, texts: Sequence[str], on_progress: Progress | None = None) -> list[Emissions]:
        """Return the emissions of each text, one text after the other (see Model.emit)."""
        return [self._emit_one(text, on_progress) for text in texts]

    def _emit_one(self, text: str, on_progress: Progress | None) -> Emissions:
        encoding = self.tokenizer.encode(text)
        size = len(encoding.ids)
        log_probs = np.empty((size, len(self.scheme.names)), dtype=np.float32)
        reported = 0
        overlap = min(OVERLAP_TOKENS, self.window_tokens // 2)
        windows = balanced_windows(size, self.window_tokens, overlap)
        parts = [encoding.ids[window.start : window.end] for window in windows]
        with closing(self._run_all(parts)) as answers:
            for window, logits in zip(windows, answers, strict=True):
                first, last = window.keep_start - window.start, window.keep_end - window.start
                log_probs[window.keep_start : window.keep_end] = log_softmax(logits[first:last])
                if on_progress and window.keep_end < size:
                    finished = int(encoding.offsets[window.keep_end - 1, 1])
                    on_progress(max(0, finished - reported))
                    reported = max(reported, finished)
        if on_progress and reported < len(text):
            on_progress(len(text) - reported)
        return Emissions(log_probs, encoding.offsets)

    def _run_all(self, windows: Sequence[IntArray]) -> Generator[FloatArray]:
        """Yield the logits of each window in order."""
        if self.lanes == 1 or len(windows) < WINDOWS_OF_A_LONG_TEXT:
            yield from map(self._run, windows)
            return
        pool = ThreadPoolExecutor(self.lanes, thread_name_prefix="window")
        try:
            yield from pool.map(self._run, windows)
        finally:
            pool.shutdown(cancel_futures=True)  # whoever stops early does not pay for the rest

    def _run(self, ids: IntArray) -> FloatArray:
        """Return the logits (len(ids), C) of one window."""
        row = np.empty((1, len(ids) + 2), dtype=np.int64)
        row[0, 0], row[0, 1:-1], row[0, -1] = START_ID, ids, END_ID
        try:
            logits = np.asarray(self.session.run(None, {"input_ids": row})[0], dtype=np.float32)
        except Exception as exc:  # onnxruntime's errors share no base class
            raise InferenceError("The compact model failed on a stretch of text.") from exc
        if logits.shape != (1, row.shape[1], len(self.scheme.names)):
            raise CheckpointDamaged(f"{WEIGHTS_FILE} does not fit the labels in config.json.")
        return logits[0, 1:-1]


def weights_revision(path: Path) -> str:
    """Return 12 hex digits that change with the content of a weights file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise CheckpointDamaged("config.json is missing or damaged.") from exc
    needed = {"name": str, "id2label": dict, "max_positions": int}
    for key, kind in needed.items():
        if not isinstance(config, dict) or not isinstance(config.get(key), kind):
            raise CheckpointDamaged(f"config.json lacks a usable {key}.")
    if config["max_positions"] < 16:
        raise CheckpointDamaged("config.json names a context that is too short.")
    return dict(config)


def _open_session(weights: Path, threads: int) -> onnxruntime.InferenceSession:
    # Imported here so that rules and decoding can be used without it.
    import onnxruntime

    if not weights.is_file():
        raise CheckpointDamaged(f"{WEIGHTS_FILE} is missing.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads would steal the core from the web process between two texts.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Lengths differ from text to text: plans kept for each would grow memory for days.
    options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )
    except Exception as exc:  # onnxruntime's errors share no base class
        raise CheckpointDamaged(f"{WEIGHTS_FILE} is damaged or of a newer format.") from exc
