import json
from pathlib import Path

import pytest

from inference.engine import checkpoint
from inference.engine.checkpoint import BUNDLED, choice, kind_of, load, resolve
from inference.engine.errors import (
    CheckpointDamaged,
    CheckpointError,
    CheckpointNotFound,
    CheckpointUnsupported,
)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty local hub cache, and no network."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def put_in_cache(hub: Path, name: str = "openai/privacy-filter", *, weights: bool = True) -> Path:
    repository = hub / ("models--" + name.replace("/", "--"))
    snapshot = repository / "snapshots" / "abc123"
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc123")
    (snapshot / "config.json").write_text(json.dumps({"model_type": "openai_privacy_filter"}))
    if weights:
        (snapshot / "model.safetensors").write_bytes(b"")
    return snapshot


def test_nothing_set_means_compact_on_a_machine_without_privacy_filter(hub: Path) -> None:
    assert resolve("") == BUNDLED / "compact"
    assert "compact" in choice()
    assert "--checkpoint openai/privacy-filter" in choice()


def test_nothing_set_means_privacy_filter_where_it_is_at_hand(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = put_in_cache(hub)
    monkeypatch.setattr(checkpoint, "has_torch", lambda: True)
    assert resolve("") == snapshot
    assert "openai/privacy-filter" in choice()
    assert "--checkpoint compact" in choice()


def test_half_a_download_does_not_count(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = put_in_cache(hub, weights=False)
    monkeypatch.setattr(checkpoint, "has_torch", lambda: True)
    assert resolve("") == BUNDLED / "compact"
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (snapshot / "model.safetensors.index.json").write_text(json.dumps(index))
    (snapshot / "model-1.safetensors").write_bytes(b"")
    assert resolve("") == BUNDLED / "compact"


def test_hub_name_that_is_not_here_is_kept_as_a_name(hub: Path) -> None:
    assert resolve("openai/privacy-filter") == "openai/privacy-filter"
    assert "download" in choice("openai/privacy-filter")


def test_directory_wins(tmp_path: Path, hub: Path) -> None:
    assert resolve(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("setting", ["no such thing", "/no/such/directory", "a/b/c", "../x"])
def test_nonsense_is_one_sentence(setting: str, hub: Path) -> None:
    with pytest.raises(CheckpointNotFound, match=r"^The checkpoint is neither .*\.$"):
        resolve(setting)


def test_without_torch_privacy_filter_says_what_to_install(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "has_torch", lambda: False)
    with pytest.raises(CheckpointUnsupported, match="pip install"):
        load("openai/privacy-filter")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, CheckpointDamaged),
        ("{", CheckpointDamaged),
        ("[]", CheckpointUnsupported),
        ('{"model_type": "bert"}', CheckpointUnsupported),
    ],
)
def test_directory_of_another_kind_is_refused(
    tmp_path: Path, content: str | None, error: type[CheckpointError]
) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(error):
        kind_of(tmp_path)
    with pytest.raises(CheckpointError):
        load(str(tmp_path))
