"""Training and export with a tiny encoder: loss, resumption, and the ONNX graph against fp32."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import inference

torch = pytest.importorskip(
    "torch", reason="torch is not installed: the training program was NOT tested"
)
onnx = pytest.importorskip(
    "onnx", reason="onnx is not installed: the training program was NOT tested"
)
safetensors = pytest.importorskip("safetensors.torch")

from inference.engine.compact import CompactModel  # noqa: E402
from inference.engine.labels import LabelScheme  # noqa: E402
from inference.engine.offsets import CompactTokenizer  # noqa: E402
from inference.training.encoder import EMBEDDING, load_base, logits  # noqa: E402
from inference.training.examples import NO_LOSS, category_order  # noqa: E402
from inference.training.export import export_run, load_run  # noqa: E402
from inference.training.generator import generate  # noqa: E402
from inference.training.loss import marginal_loss, unknown_classes  # noqa: E402
from inference.training.onnx_graph import quantise_blocks  # noqa: E402
from inference.training.trainer import Options, Run, train  # noqa: E402

SCHEME = LabelScheme.default()
TOKENIZER = Path(inference.__file__).parent / "checkpoints" / "compact" / "tokenizer.json"
TINY = Options(layers=2, total_tokens=3000, batch_tokens=256, seed=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random encoder of the base's layout, 64 wide."""
    folder = tmp_path_factory.mktemp("base")
    width, inner, words = 64, 128, CompactTokenizer(TOKENIZER).vocabulary_size - 1
    generator = torch.Generator().manual_seed(3)

    def random(*size: int) -> object:
        return torch.randn(*size, generator=generator) * 0.08

    tensors = {
        "embeddings.word_embeddings.weight": random(words, width),
        "embeddings.position_embeddings.weight": random(128, width),
        "embeddings.token_type_embeddings.weight": random(2, width),
        "embeddings.LayerNorm.weight": torch.ones(width),
        "embeddings.LayerNorm.bias": torch.zeros(width),
    }
    for layer in range(3):
        name = f"encoder.layer.{layer}"
        for part, (out, into) in {
            "attention.self.query": (width, width),
            "attention.self.key": (width, width),
            "attention.self.value": (width, width),
            "attention.output.dense": (width, width),
            "intermediate.dense": (inner, width),
            "output.dense": (width, inner),
        }.items():
            tensors[f"{name}.{part}.weight"] = random(out, into)
            tensors[f"{name}.{part}.bias"] = random(out)
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            tensors[f"{name}.{part}.weight"] = torch.ones(width)
            tensors[f"{name}.{part}.bias"] = torch.zeros(width)
    safetensors.save_file(tensors, folder / "model.safetensors")
    config = {
        "hidden_size": width,
        "num_attention_heads": 4,
        "max_position_embeddings": 128,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _train(
    folder: Path,
    base: Path,
    options: Options,
    evaluate: Callable[[Run], dict[str, float]] = lambda _: {},
) -> Run:
    folder.mkdir(exist_ok=True)
    run = Run(folder, base, SCHEME, options, "cpu")
    sources = {"generator": list(generate(60, seed=2))}
    train(run, sources, CompactTokenizer(TOKENIZER), evaluate, evaluate_every=1)
    return run


def test_unannotated_classes_cost_nothing() -> None:
    classes_of = unknown_classes(SCHEME)
    order = category_order(SCHEME)
    phone = SCHEME.names.index("S-private_phone")
    scores = torch.zeros(1, len(SCHEME.names))
    scores[0, phone] = 20.0
    outside = torch.tensor([SCHEME.outside])

    def loss(bits: int) -> float:
        unknown = torch.tensor([bits])
        return float(marginal_loss(scores, outside, unknown, classes_of, SCHEME.outside))

    assert loss(0) > 10
    assert loss(1 << order.index("private_phone")) == pytest.approx(0.0, abs=1e-4)
    assert loss(1 << order.index("private_person")) > 10


def test_tokens_without_a_target_give_no_gradient() -> None:
    scores = torch.randn(3, len(SCHEME.names), requires_grad=True)
    targets = torch.tensor([NO_LOSS, SCHEME.outside, NO_LOSS])
    unknown = torch.zeros(3, dtype=torch.long)
    marginal_loss(scores, targets, unknown, unknown_classes(SCHEME), SCHEME.outside).backward()
    assert scores.grad is not None
    assert float(scores.grad[[0, 2]].abs().sum()) == 0.0
    assert float(scores.grad[1].abs().sum()) > 0.0


def test_padding_does_not_change_a_window(base: Path) -> None:
    shape, weights = load_base(base, 2, len(SCHEME.names), seed=1)
    ids = torch.randint(4, 5000, (1, 20))
    padded = torch.cat([ids, torch.ones(1, 10, dtype=torch.long)], dim=1)
    mask = torch.arange(30)[None] < 20
    alone = logits(weights, shape, ids, None)
    together = logits(weights, shape, padded, mask)[:, :20]
    assert torch.allclose(alone, together, atol=1e-4)


def test_training_learns_and_leaves_the_embedding_alone(base: Path, tmp_path: Path) -> None:
    run = _train(tmp_path, base, replace(TINY, total_tokens=12_000))
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < rows[0]["loss"]
    _, before = load_base(base, 2, len(SCHEME.names), seed=1)
    assert torch.equal(run.weights[EMBEDDING], before[EMBEDDING])


def test_interrupted_run_continues_to_the_same_weights(base: Path, tmp_path: Path) -> None:
    options = replace(TINY, total_tokens=30_000)
    whole = _train(tmp_path / "whole", base, options)

    def interrupt(run: Run) -> dict[str, float]:
        if run.pool == 6:
            raise KeyboardInterrupt
        return {}

    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path / "broken", base, options, interrupt)
    resumed = Run(tmp_path / "broken", base, SCHEME, options, "cpu")
    assert resumed.pool == 5
    resumed = _train(tmp_path / "broken", base, options)
    assert resumed.tokens == whole.tokens
    for name, tensor in whole.average.items():
        assert torch.allclose(resumed.average[name], tensor, atol=1e-6)


def test_new_run_begins_with_the_average_of_a_finished_one(base: Path, tmp_path: Path) -> None:
    first = _train(tmp_path / "first", base, TINY)
    begun = Run(tmp_path / "second", base, SCHEME, TINY, "cpu", start=tmp_path / "first")
    assert (begun.tokens, begun.pool, begun.earlier_tokens) == (0, 0, first.tokens)
    for name, tensor in first.average.items():
        assert torch.equal(begun.weights[name], tensor)
        assert torch.equal(begun.average[name], tensor)
    (tmp_path / "second").mkdir()
    begun.save()
    resumed = Run(tmp_path / "second", base, SCHEME, TINY, "cpu")
    assert resumed.earlier_tokens == first.tokens


def test_exported_checkpoint_agrees_with_the_run(base: Path, tmp_path: Path) -> None:
    _train(tmp_path / "run", base, replace(TINY, total_tokens=12_000))
    (tmp_path / "run" / "tokenizer.json").write_bytes(TOKENIZER.read_bytes())
    records = list(generate(20, seed=9))
    report = export_run(tmp_path / "run", base, tmp_path / "checkpoint", {"generated": records})
    assert report["same_class"] > 0.97
    assert report["mean_logit_difference"] < 0.1
    model = CompactModel.load(tmp_path / "checkpoint")
    emissions = model.emit([records[0].text])[0]
    assert emissions.log_probs.shape == (len(emissions.offsets), len(SCHEME.names))


def test_exported_weights_are_the_mean_of_last_and_average_and_a_quarter_earlier(
    base: Path, tmp_path: Path
) -> None:
    name = "classifier.bias"
    for folder, last, average in (("run", 3.0, 1.0), ("earlier", 6.0, 6.0)):
        (tmp_path / folder).mkdir()
        run = Run(tmp_path / folder, base, SCHEME, TINY, "cpu")
        with torch.no_grad():
            run.weights[name].fill_(last)
            run.average[name].fill_(average)
        run.save()
        (tmp_path / folder / "tokenizer.json").write_bytes(TOKENIZER.read_bytes())
    _, weights, _ = load_run(tmp_path / "run", base)
    assert torch.equal(weights[name], torch.full_like(weights[name], 2.0))

    def bias(out: Path, blend: Path | None) -> float:
        export_run(tmp_path / "run", base, out, {}, blend=blend)
        arrays = onnx.load(out / "model.int8.onnx").graph.initializer
        values = [onnx.numpy_helper.to_array(array).ravel() for array in arrays]
        (found,) = [v for v in values if v.shape == (len(SCHEME.names),) and v.min() == v.max()]
        return float(found[0])

    assert bias(tmp_path / "alone", None) == pytest.approx(2.0)
    assert bias(tmp_path / "blended", tmp_path / "earlier") == pytest.approx(3.0)


def test_four_bit_grid_comes_through_unchanged() -> None:
    rng = np.random.default_rng(0)
    steps = rng.integers(-8, 8, (40, 64)).astype(np.float32)
    steps[:, ::32] = -8
    scale = np.repeat(rng.choice([0.25, -0.5, 0.125], (40, 2)), 32, axis=1)
    table = (steps * scale).astype(np.float32)
    packed, scales = quantise_blocks(table)
    values = np.stack([packed & 15, packed >> 4], axis=-1).reshape(table.shape) - np.float32(8)
    assert np.array_equal(values * np.repeat(scales.astype(np.float32), 32, axis=1), table)
