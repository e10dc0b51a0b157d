"""Banded attention, grouped experts, packing and chunks give the stock class's numbers."""

import copy
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from inference.engine import banded_attention, expert_kernel, forward, grouped_experts  # noqa: E402
from tests.engine import privacy_filters  # noqa: E402


def ours(network: Any) -> Any:
    """Return the same weights with our attention and experts."""
    plugged = copy.deepcopy(network)
    plug(plugged)
    return plugged


def plug(network: Any) -> None:
    network.set_attn_implementation(banded_attention.NAME)
    network.set_experts_implementation(grouped_experts.NAME)
    for layer in network.model.layers:
        grouped_experts.prepare(layer.mlp.experts)


def stock(network: Any, ids: Any) -> Any:
    with torch.inference_mode():
        return network(input_ids=ids[None]).logits[0].float()


def tokens(count: int, vocabulary: int = 290, seed: int = 3) -> Any:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, vocabulary, (count,), generator=generator)


def assert_same(found: Any, expected: Any) -> None:
    error = (found - expected).abs().flatten()
    assert torch.isfinite(found).all()
    assert error.quantile(0.999).item() < 1e-4
    agreement = (found.argmax(-1) == expected.argmax(-1)).float().mean().item()
    assert agreement > 0.9999


@pytest.fixture(scope="module")
def small() -> Any:
    return privacy_filters.network()


@pytest.fixture(scope="module")
def wide() -> Any:
    """The published radius and heads, so that blocks and bands meet as they do there."""
    return privacy_filters.network(
        sliding_window=128, num_attention_heads=14, head_dim=64, num_local_experts=16
    )


@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 17, 60, 127, 128, 129, 257, 600])
def test_any_length(small: Any, length: int) -> None:
    ids = tokens(length)
    expected = stock(small, ids)
    assert_same(forward.logits(ours(small), ids, [0, length], 4096), expected)


@pytest.mark.parametrize("length", [1, 100, 128, 129, 256, 257, 384, 1000, 2048])
def test_any_length_with_the_published_band(wide: Any, length: int) -> None:
    ids = tokens(length)
    expected = stock(wide, ids)
    assert_same(forward.logits(ours(wide), ids, [0, length], 4096), expected)


def test_the_stock_implementations_are_not_ours(small: Any) -> None:
    """The comparison must compare two things."""
    assert small.config._attn_implementation == "eager"
    calls: list[int] = []
    run_experts = expert_kernel.run_experts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expert_kernel, "run_experts", lambda *a: (calls.append(1), run_experts(*a)))
        forward.logits(ours(small), tokens(50), [0, 50], 4096)
    assert calls


@pytest.mark.parametrize("side", ["left", "right"])
def test_padded_batches(small: Any, side: str) -> None:
    lengths = [30, 5, 17]
    ids = torch.full((3, 30), 299)
    mask = torch.zeros((3, 30), dtype=torch.int64)
    spots = [slice(0, n) if side == "right" else slice(30 - n, 30) for n in lengths]
    for row, spot in enumerate(spots):
        ids[row, spot] = tokens(lengths[row], seed=row)
        mask[row, spot] = 1
    with torch.inference_mode():
        expected = small(input_ids=ids, attention_mask=mask).logits
        found = ours(small)(input_ids=ids, attention_mask=mask).logits
    for row, spot in enumerate(spots):
        assert_same(found[row, spot], expected[row, spot])


@pytest.mark.parametrize("chunk", [4096, 300, 64, 5])
def test_packed_equals_alone(small: Any, chunk: int) -> None:
    texts = [tokens(n, seed=n) for n in (1, 40, 3, 200, 129, 2, 128, 1)]
    limits = np.cumsum([0, *map(len, texts)]).tolist()
    alone = torch.cat([stock(small, ids) for ids in texts])
    packed = forward.logits(ours(small), torch.cat(texts), limits, chunk)
    assert_same(packed, alone)


@pytest.mark.parametrize("chunk", [2, 7, 128, 300, 999])
def test_chunked_equals_whole(small: Any, chunk: int) -> None:
    ids = tokens(1000)
    expected = stock(small, ids)
    shares: list[float] = []
    found = forward.logits(ours(small), ids, [0, 1000], chunk, shares.append)
    assert_same(found, expected)
    assert len(shares) == 2 * -(-1000 // chunk)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_text_in_a_pack_sees_no_other(small: Any) -> None:
    network = ours(small)
    one = forward.logits(network, torch.cat([tokens(20), tokens(20, seed=8)]), [0, 20, 40], 4096)
    two = forward.logits(network, torch.cat([tokens(20), tokens(20, seed=9)]), [0, 20, 40], 4096)
    assert torch.equal(one[:20], two[:20])
    assert not torch.allclose(one[20:], two[20:])


def test_the_way_of_an_accelerator_gives_the_same(
    wide: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many blocks in one product, as on a GPU, with few blocks together so that seams occur."""
    texts = [tokens(n, seed=n) for n in (700, 1, 90, 300)]
    limits = np.cumsum([0, *map(len, texts)]).tolist()
    alone = torch.cat([stock(wide, ids) for ids in texts])
    monkeypatch.setattr(banded_attention, "_one_row_by_block", banded_attention._one_row_together)
    monkeypatch.setattr(banded_attention, "BLOCKS_TOGETHER", 3)
    assert_same(forward.logits(ours(wide), torch.cat(texts), limits, 4096), alone)


def test_lower_precision_stays_near(wide: Any) -> None:
    """bfloat16 activations, as on CUDA: the sinks and the softmax stay float32."""
    ids = tokens(300)
    expected = stock(wide, ids)
    lower = privacy_filters.network(
        sliding_window=128, num_attention_heads=14, head_dim=64, num_local_experts=16
    )
    for name, parameter in lower.named_parameters():
        if not name.endswith("sinks"):
            parameter.data = parameter.data.bfloat16()
    stock_error = (stock(lower, ids) - expected).abs().mean()
    for rows in (banded_attention._one_row_by_block, banded_attention._one_row_together):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(banded_attention, "_one_row_by_block", rows)
            found = forward.logits(ours(lower), ids, [0, 300], 4096)
        assert (found - expected).abs().mean() < 1.5 * stock_error


def experts_of(network: Any) -> Any:
    return network.model.layers[0].mlp.experts


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("count", [1, 5, 13, 97, 900])
def test_kernel_equals_library_products(small: Any, threads: int, count: int) -> None:
    module = experts_of(small)
    torch.manual_seed(count)
    rows = torch.randn(count, 64) * 5
    # Some experts get nothing, one gets most.
    ends = torch.tensor([0, 0, count // 3, count // 3, count // 2, count - 1, count, count])
    expected, found = torch.empty_like(rows), torch.empty_like(rows)
    with torch.no_grad():
        grouped_experts._by_torch(module, rows, ends, expected)
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            grouped_experts._by_kernel(experts_of(ours(small)), rows, ends, found)
        finally:
            torch.set_num_threads(before)
    assert torch.allclose(found, expected, atol=1e-5, rtol=1e-5)


def test_kernel_clamps_and_saturates_as_the_stock_gate(small: Any) -> None:
    module = experts_of(small)
    rows = torch.randn(40, 64) * 3000
    ends = torch.full((8,), 40)
    expected, found = torch.empty_like(rows), torch.empty_like(rows)
    with torch.no_grad():
        grouped_experts._by_torch(module, rows, ends, expected)
        grouped_experts._by_kernel(experts_of(ours(small)), rows, ends, found)
    assert torch.allclose(found, expected, atol=1e-2, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "value"),
    [("gate_up_proj", float("nan")), ("down_proj", float("nan")), ("down_proj", float("inf"))],
)
def test_kernel_does_not_swallow_damaged_weights(name: str, value: float) -> None:
    network = privacy_filters.network()
    with torch.no_grad():
        getattr(experts_of(network), name)[:, 0, 0] = value
    found = forward.logits(ours(network), tokens(200), [0, 200], 4096)
    assert not torch.isfinite(found).all()


def test_stock_experts_fail_rather_than_read_what_was_laid_out_anew(small: Any) -> None:
    network = ours(small)
    network.set_experts_implementation("eager")
    with pytest.raises((IndexError, RuntimeError)):
        stock(network, tokens(9))


def test_masks_of_other_shapes_are_refused(small: Any) -> None:
    with pytest.raises(ValueError, match="padding masks"):
        banded_attention._mask(attention_mask=torch.zeros(1, 1, 4, 4))
    query = torch.zeros(2, 4, 9, 8)
    with pytest.raises(ValueError, match="Limits"):
        banded_attention.attend(
            None,
            query,
            query[:, :2],
            query[:, :2],
            None,
            sliding_window=9,
            s_aux=torch.zeros(4),
            limits=[0, 9],
        )


def test_the_published_size() -> None:
    """All layers, heads and experts of the published config; only the vocabulary is cut.

    A token whose fourth and fifth expert score within 1e-5 of each other may take either: only
    such tokens, and those that see them, may differ by more.
    """
    import transformers

    full = transformers.OpenAIPrivacyFilterConfig()
    names = (*privacy_filters.SMALL, "initializer_range")
    changes = {name: getattr(full, name) for name in names} | {
        "vocab_size": 4000,
        "pad_token_id": 3999,
        "eos_token_id": 3999,
    }
    network = privacy_filters.network(**changes)
    assert sum(parameter.numel() for parameter in network.parameters()) > 1.25e9
    texts = [tokens(length, 3900) for length in (1, 129, 600, 2048)]
    expected = [stock(network, ids) for ids in texts]
    plug(network)
    for ids, right in zip(texts, expected, strict=True):
        assert_same(forward.logits(network, ids, [0, len(ids)], 1024), right)
