"""Privacy Filter through the stock class, on a small checkpoint with random weights."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: E402

from inference.engine import checkpoint, privacy_filter  # noqa: E402
from inference.engine.engine import Engine, scanned_characters  # noqa: E402
from inference.engine.errors import (  # noqa: E402
    CheckpointDamaged,
    CheckpointUnsupported,
    EmissionsError,
)
from inference.engine.privacy_filter import PrivacyFilterModel  # noqa: E402

TEXT = "Hello é 日本 😀 <|start|> \ud800 x\r\n\x00 NAME " * 40


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint directory: two layers, radius 8, byte tokens."""
    directory = tmp_path_factory.mktemp("small")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {character: index for index, character in enumerate(alphabet)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<|start|>", "<|endoftext|>"])
    tokenizer.save(str(directory / "tokenizer.json"))
    torch.manual_seed(0)
    config = transformers.OpenAIPrivacyFilterConfig(
        num_hidden_layers=2,
        hidden_size=32,
        intermediate_size=32,
        head_dim=8,
        num_attention_heads=4,
        num_key_value_heads=2,
        num_local_experts=8,
        vocab_size=300,
        sliding_window=8,
        pad_token_id=299,
        eos_token_id=299,
    )
    network = transformers.OpenAIPrivacyFilterForTokenClassification(config)
    network.to(torch.bfloat16).save_pretrained(directory)
    points = {
        f"transition_bias_{key}": 0.25
        for key in (
            "background_stay",
            "background_to_start",
            "inside_to_continue",
            "inside_to_end",
            "end_to_background",
            "end_to_start",
        )
    }
    calibration = {"operating_points": {"default": {"biases": points}}}
    (directory / "viterbi_calibration.json").write_text(json.dumps(calibration))
    return directory


@pytest.fixture(scope="module")
def model(small: Path) -> PrivacyFilterModel:
    return PrivacyFilterModel.load(small)


def test_directory_is_recognised_and_scans(small: Path) -> None:
    engine = Engine.load(str(small))
    (detection,) = engine.detect([TEXT])
    assert detection.scanned_chars == len(TEXT)
    assert engine.model.operating_points["balanced"].background_stay == 0.25


def test_emissions_equal_the_stock_class(model: PrivacyFilterModel) -> None:
    (emissions,) = model.emit([TEXT[:300]])
    ids, _ = privacy_filter.encode(model.tokenizer, TEXT[:300])
    with torch.no_grad():
        logits = model.network(input_ids=torch.tensor([ids.tolist()])).logits[0]
    expected = torch.log_softmax(logits.float(), dim=-1).numpy()
    assert np.abs(emissions.log_probs - expected).max() < 1e-5


def test_windows_with_halos_equal_one_pass(
    model: PrivacyFilterModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = model.emit([TEXT])
    monkeypatch.setattr(privacy_filter, "CORE_TOKENS", 64)
    steps: list[int] = []
    (cut,) = model.emit([TEXT], steps.append)
    assert len(steps) > 10
    assert sum(steps) == len(TEXT)
    assert np.abs(whole.log_probs - cut.log_probs).max() < 1e-4


def test_names_of_special_tokens_are_plain_text(model: PrivacyFilterModel) -> None:
    ids, offsets = privacy_filter.encode(model.tokenizer, "a <|start|> b")
    assert max(ids.tolist()) < 256
    assert len(ids) == len("a <|start|> b")
    assert offsets[-1].tolist() == [12, 13]


def test_characters_of_many_bytes_are_covered(model: PrivacyFilterModel) -> None:
    (emissions,) = model.emit([TEXT])
    assert scanned_characters(TEXT, emissions) == len(TEXT)


def test_empty_text_has_no_tokens(model: PrivacyFilterModel) -> None:
    (emissions,) = model.emit([""])
    assert emissions.log_probs.shape == (0, 33)


def test_sinks_stay_in_full_precision(small: Path) -> None:
    lower = PrivacyFilterModel.load(small, dtype="bfloat16")
    attention = lower.network.model.layers[0].self_attn
    assert attention.sinks.dtype == torch.float32
    assert attention.q_proj.weight.dtype == torch.bfloat16


def test_damaged_weights_raise_at_the_first_text(small: Path, tmp_path: Path) -> None:
    broken = PrivacyFilterModel.load(small)
    with torch.no_grad():
        broken.network.score.weight.fill_(float("nan"))
    with pytest.raises(EmissionsError):
        broken.emit(["Jane Doe"])


@pytest.mark.parametrize("name", ["tokenizer.json", "model.safetensors", "config.json"])
def test_half_a_file_is_one_sentence(small: Path, tmp_path: Path, name: str) -> None:
    for path in small.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointDamaged):
        checkpoint.load(str(tmp_path))


def test_labels_that_are_not_bioes_are_refused(small: Path, tmp_path: Path) -> None:
    for path in small.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = (tmp_path / "config.json").read_text().replace('"B-secret"', '"X-secret"')
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(CheckpointUnsupported):
        checkpoint.load(str(tmp_path))


def test_revision_changes_with_the_weights(small: Path, tmp_path: Path) -> None:
    for path in small.glob("*.safetensors"):
        content = bytearray(path.read_bytes())
        (tmp_path / path.name).write_bytes(content)
        same = privacy_filter.fingerprint(tmp_path)
        content[-5] ^= 1
        (tmp_path / path.name).write_bytes(content)
    assert same == privacy_filter.fingerprint(small)
    assert privacy_filter.fingerprint(tmp_path) != same


def test_too_little_memory_is_said_before_loading(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy_filter, "_available_memory", lambda: 1000)
    with pytest.raises(CheckpointUnsupported, match="memory"):
        PrivacyFilterModel.load(small, device="cpu")
