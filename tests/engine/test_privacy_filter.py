"""Privacy Filter through the stock class, on a small checkpoint with random weights."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from inference.engine import checkpoint, privacy_filter  # noqa: E402
from inference.engine.engine import Engine, scanned_characters  # noqa: E402
from inference.engine.errors import (  # noqa: E402
    CheckpointDamaged,
    CheckpointUnsupported,
    EmissionsError,
)
from inference.engine.privacy_filter import PrivacyFilterModel  # noqa: E402
from tests.engine import privacy_filters  # noqa: E402

TEXT = "Hello é 日本 😀 <|start|> \ud800 x\r\n\x00 NAME " * 40


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint directory: two layers, radius 8, byte tokens."""
    directory = tmp_path_factory.mktemp("small")
    privacy_filters.byte_tokenizer(directory / "tokenizer.json")
    network = privacy_filters.network()
    sinks = [layer.self_attn.sinks.detach().clone() for layer in network.model.layers]
    network.to(torch.bfloat16)
    for layer, kept in zip(network.model.layers, sinks, strict=True):
        layer.self_attn.sinks.data = kept
    network.save_pretrained(directory)
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


def test_windows_past_the_context_equal_one_pass(model: PrivacyFilterModel) -> None:
    """Two layers of radius 8 see 16 tokens far; a context of 100 forces windows."""
    (whole,) = model.emit([TEXT])
    steps: list[int] = []
    (cut,) = replace(model, context=100, chunk_tokens=64).emit([TEXT], steps.append)
    assert len(steps) > 10
    assert sum(steps) == len(TEXT)
    assert np.abs(whole.log_probs - cut.log_probs).max() < 1e-5


def test_a_text_one_token_past_the_context(model: PrivacyFilterModel) -> None:
    text = "x" * 513
    small_context = replace(model, context=512, chunk_tokens=128)
    assert len(small_context._cut(512, 512)) == 1
    assert len(small_context._cut(513, 512)) == 2
    (cut,) = small_context.emit([text])
    (whole,) = model.emit([text])
    assert np.abs(whole.log_probs - cut.log_probs).max() < 1e-5


def test_little_memory_means_windows_not_failure(
    model: PrivacyFilterModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = model.emit([TEXT])
    monkeypatch.setattr(privacy_filter, "available_bytes", lambda _device: 600 << 20)
    tight = replace(model, chunk_tokens=128)
    assert tight.tokens_at_once() == min(model.context, (88 << 20) // 716)
    monkeypatch.setattr(privacy_filter, "available_bytes", lambda _device: 1000)
    assert tight.tokens_at_once() == 128
    (cut,) = tight.emit([TEXT])
    assert np.abs(whole.log_probs - cut.log_probs).max() < 1e-5


def test_many_texts_in_one_pass_equal_each_alone(model: PrivacyFilterModel) -> None:
    texts = ["a", "", TEXT[:50], " ", TEXT, "x" * 3000, *["y"] * 40]
    together = replace(model, chunk_tokens=500).emit(texts)
    for text, emissions in zip(texts, together, strict=True):
        (alone,) = model.emit([text])
        assert np.array_equal(alone.offsets, emissions.offsets)
        assert np.abs(alone.log_probs - emissions.log_probs).max(initial=0) < 1e-5


def test_ten_thousand_texts_of_one_character(model: PrivacyFilterModel) -> None:
    answers = model.emit(["x"] * 10_000)
    assert len(answers) == 10_000
    assert all(np.abs(a.log_probs - answers[0].log_probs).max() < 1e-5 for a in answers)


def test_a_long_text_can_be_cancelled_and_others_run_between(model: PrivacyFilterModel) -> None:
    class CancelledError(Exception):
        pass

    between: list[object] = []

    def on_progress(_: int) -> None:
        between.extend(model.emit(["short"]))
        if len(between) == 3:
            raise CancelledError

    with pytest.raises(CancelledError):
        replace(model, chunk_tokens=100).emit([TEXT], on_progress)
    assert len(between) == 3


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
    monkeypatch.setattr(privacy_filter, "available_bytes", lambda _device: 1000)
    with pytest.raises(CheckpointUnsupported, match="memory"):
        PrivacyFilterModel.load(small, device="cpu")
