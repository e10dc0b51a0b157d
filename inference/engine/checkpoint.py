"""Finding and loading a checkpoint: the bundled one, a directory, or one from the hub."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

from inference.engine.compact import CompactModel
from inference.engine.errors import CheckpointDamaged, CheckpointNotFound, CheckpointUnsupported
from inference.engine.hub import downloaded
from inference.engine.model import Model

COMPACT = "compact"
PRIVACY_FILTER = "openai/privacy-filter"
BUNDLED = Path(__file__).resolve().parent.parent / "checkpoints"
_HUB_NAME = re.compile(r"[\w][\w.\-]*/[\w][\w.\-]*")
_PRIVACY_FILTER_TYPE = "openai_privacy_filter"
_EXTRA = (
    "Privacy Filter needs PyTorch and transformers: install them with"
    " pip install '.[privacy-filter]'."
)


def resolve(setting: str) -> Path | str:
    """Return the directory of a checkpoint, or its hub name where it is not on this machine yet.

    setting: "compact", a directory, a hub name, or "" for Privacy Filter if it can run here
             without a download, else compact
    Raises CheckpointNotFound if it is none of these.
    """
    if not setting:
        cached = cached_snapshot(PRIVACY_FILTER) if has_torch() else None
        return cached or BUNDLED / COMPACT
    if setting == COMPACT:
        return BUNDLED / COMPACT
    directory = Path(setting).expanduser()
    if directory.is_dir():
        return directory
    if _HUB_NAME.fullmatch(setting):
        return cached_snapshot(setting) or setting
    raise CheckpointNotFound(
        "The checkpoint is neither a directory nor a hub name such as openai/privacy-filter."
    )


def load(
    setting: str = "",
    threads: int = 1,
    device: str = "auto",
    dtype: str = "auto",
    lanes: int | None = None,
) -> Model:
    """Load the checkpoint of a setting (see `resolve`), from the hub if need be.

    device, dtype: of a Privacy Filter (see PrivacyFilterModel.load); compact runs on the CPU
    Raises CheckpointError with one sentence that says what is wrong.
    """
    place = resolve(setting)
    if isinstance(place, Path) and kind_of(place) == COMPACT:
        return CompactModel.load(place, threads, lanes)
    if not has_torch():
        raise CheckpointUnsupported(_EXTRA)
    from inference.engine.privacy_filter import PrivacyFilterModel

    return PrivacyFilterModel.load(place, threads, device, dtype)


def kind_of(directory: Path) -> str:
    """Return "compact" or "openai_privacy_filter" for a checkpoint directory.

    Raises CheckpointDamaged without a readable config, CheckpointUnsupported for other kinds.
    """
    try:
        config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointDamaged("The checkpoint directory has no config.json.") from None
    except (OSError, ValueError) as exc:
        raise CheckpointDamaged("config.json of the checkpoint is damaged.") from exc
    if isinstance(config, dict):
        if config.get("model_type") == _PRIVACY_FILTER_TYPE:
            return _PRIVACY_FILTER_TYPE
        if "max_positions" in config and "id2label" in config:
            return COMPACT
    raise CheckpointUnsupported("The checkpoint is neither a compact one nor a Privacy Filter.")


def cached_snapshot(name: str) -> Path | None:
    """Return the directory of a hub checkpoint that is completely on this machine, or None."""
    directory = downloaded(name)
    return directory if directory and has_weights(directory) else None


def has_weights(directory: Path) -> bool:
    """Say whether all of a transformers checkpoint's weight files lie in a directory."""
    index = directory / "model.safetensors.index.json"
    if not index.is_file():
        return (directory / "model.safetensors").is_file()
    try:
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError):
        return False
    return all((directory / name).is_file() for name in names)


def has_torch() -> bool:
    """Say whether the extra that Privacy Filter needs is installed."""
    return all(importlib.util.find_spec(name) for name in ("torch", "transformers"))


def choice(setting: str = "") -> str:
    """Return a sentence for the start: which checkpoint will be used, and how to get the other.

    Loads nothing; raises CheckpointNotFound as `resolve` does.
    """
    place = resolve(setting)
    if place == BUNDLED / COMPACT:
        return (
            "Detecting with compact, the small checkpoint that comes with Blackbar. For OpenAI"
            f" Privacy Filter start with: ./run --checkpoint {PRIVACY_FILTER} (downloads 2.8 GB)."
        )
    if isinstance(place, str):
        return f"Detecting with {place}, which will be downloaded from the hub first."
    if setting and Path(setting).expanduser() == place:
        return "Detecting with the checkpoint in the given directory."
    return (
        f"Detecting with {setting or PRIVACY_FILTER}, found on this machine. For the small"
        f" checkpoint that comes with Blackbar start with: ./run --checkpoint {COMPACT}."
    )
