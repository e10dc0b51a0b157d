"""The worker with a Privacy Filter: what shares a pass, what goes first, what becomes of damage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from inference import queue  # noqa: E402
from inference.engine.engine import Engine  # noqa: E402
from inference.engine.privacy_filter import PrivacyFilterModel  # noqa: E402
from inference.engine.spans import Span  # noqa: E402
from inference.models import EngineWorker, Scan, ScanState  # noqa: E402
from inference.worker import ScanWorker  # noqa: E402
from tests.engine import privacy_filters  # noqa: E402
from tests.inference.conftest import Results, Submit, worker_with  # noqa: E402

pytestmark = pytest.mark.django_db
LONG_CHARACTERS = 600
WITH_CHUNKS = Callable[[int], ScanWorker]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a small Privacy Filter, whose tokens are bytes."""
    directory = tmp_path_factory.mktemp("small")
    privacy_filters.byte_tokenizer(directory / "tokenizer.json")
    privacy_filters.network().save_pretrained(directory)
    return directory


@pytest.fixture(scope="module")
def loaded(checkpoint: Path) -> PrivacyFilterModel:
    return PrivacyFilterModel.load(checkpoint, device="cpu")


@pytest.fixture(autouse=True)
def _lanes(settings: Settings) -> None:
    settings.LONG_TEXT_CHARACTERS = LONG_CHARACTERS


@pytest.fixture
def with_chunks(loaded: PrivacyFilterModel) -> WITH_CHUNKS:
    """A function that makes a worker with so many tokens to a chunk."""
    return lambda tokens: worker_with(_bare(replace(loaded, chunk_tokens=tokens)))


def _bare(model: PrivacyFilterModel) -> Engine:
    """Return an engine that shows what the model says: rules would cover differences."""
    return Engine(model, uses_rules=False)


def _places(spans: Sequence[Span]) -> list[tuple[object, ...]]:
    return [(span.label, span.start, span.end, span.score) for span in spans]


def _alone(model: PrivacyFilterModel, text: str) -> list[tuple[object, ...]]:
    """Return what is found if the text goes through by itself and in one piece."""
    (detection,) = _bare(replace(model, chunk_tokens=1 << 20)).detect([text])
    return [(*place, pytest.approx(score, abs=1e-5)) for *place, score in _places(detection.spans)]


def _run_while(
    monkeypatch: pytest.MonkeyPatch, worker: ScanWorker, during: Callable[[int], None]
) -> int:
    """Run what is pending; `during` is called at each step of a long text with its number."""
    steps = 0

    def report_progress(scan: Scan, characters: int) -> None:
        nonlocal steps
        steps += 1
        during(steps)

    monkeypatch.setattr("inference.worker._PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(queue, "report_progress", report_progress)
    worker.run_pending()
    return steps


def test_the_worker_loads_it_from_the_setting(
    checkpoint: Path, settings: Settings, submit: Submit, results: Results
) -> None:
    settings.CHECKPOINT, settings.ENGINE_THREADS = str(checkpoint), 1
    settings.ENGINE_DEVICE, settings.ENGINE_DTYPE = "cpu", "float32"
    submit("Write to ann.lee@mail.example today.")
    assert ScanWorker().run_pending() == 1
    assert "private_email" in {span.label for span in results.done[0][1]}
    assert Scan.objects.get().checkpoint.startswith(f"{checkpoint.name}@")
    assert EngineWorker.objects.get().error == ""


def test_many_short_texts_share_few_passes_and_equal_each_alone(
    submit: Submit, results: Results, loaded: PrivacyFilterModel, with_chunks: WITH_CHUNKS
) -> None:
    texts = [f"{'Jane Doe ' * (index % 5)}sat {index} é 日本 😀" for index in range(96)]
    texts += ["", " ", "\r\n\t\x00"]
    for text in texts:
        submit(text)
    worker = with_chunks(2048)
    assert worker.run_pending() == len(texts)
    assert worker.work.batches <= 3
    assert worker.work.largest_batch == 64
    assert sorted(text for text, _ in results.done) == sorted(texts)
    assert any(spans for _, spans in results.done)
    for text, spans in results.done:
        assert _places(spans) == _alone(loaded, text)


def test_a_batch_holds_what_one_pass_takes(submit: Submit, with_chunks: WITH_CHUNKS) -> None:
    """500 tokens are taken for 1,500 characters until the worker has seen that they are 500."""
    for _ in range(40):
        submit("x" * 100)
    worker = with_chunks(500)
    assert worker.run_pending() == 40
    assert worker.work.largest_batch == 15
    assert worker.work.batches == 1 + 25 // 5


def test_the_setting_limits_a_batch(
    submit: Submit, with_chunks: WITH_CHUNKS, settings: Settings
) -> None:
    settings.BATCH_CHARACTERS = 200
    for _ in range(10):
        submit("x" * 100)
    worker = with_chunks(2048)
    worker.run_pending()
    assert (worker.work.largest_batch, worker.work.batches) == (2, 5)


def test_a_text_waits_for_one_chunk_of_a_long_one_at_most(
    submit: Submit,
    results: Results,
    loaded: PrivacyFilterModel,
    with_chunks: WITH_CHUNKS,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A text that comes at any step of the long one is done before the next step."""
    long = "My name is Jane Doe, and I live in 日本. " * 60
    arrivals = {1: "first", 4: "Jane Doe", 5: "third"}
    done_at: dict[str, int] = {}

    def during(step: int) -> None:
        for text, _ in results.done:
            done_at.setdefault(text, step)
        if step in arrivals:
            submit(arrivals[step])

    submit(long)
    worker = with_chunks(300)
    steps = _run_while(monkeypatch, worker, during)
    size = len(long.encode())
    assert steps >= 2 * (size // 300)
    assert done_at == {text: step + 1 for step, text in arrivals.items()}
    assert [text for text, _ in results.done] == [*arrivals.values(), long]
    assert _places(results.done[-1][1]) == _alone(loaded, long)


def test_a_worker_that_stops_gives_a_long_text_back_between_chunks(
    submit: Submit, results: Results, with_chunks: WITH_CHUNKS, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit("x" * 3000)
    worker = with_chunks(300)

    def during(step: int) -> None:
        if step == 3:
            worker.stop()

    assert _run_while(monkeypatch, worker, during) == 3
    scan = Scan.objects.get()
    assert (scan.state, scan.attempts, results.done) == (ScanState.PENDING, 0, [])


@pytest.mark.parametrize("text", [" \r\n\t" * 100, " \r\n\t" * 1000, "\x00" * 3000, "x"])
def test_texts_without_words_are_done(
    submit: Submit, results: Results, with_chunks: WITH_CHUNKS, text: str
) -> None:
    submit(text)
    with_chunks(300).run_pending()
    (done,) = results.done
    assert done[0] == text
    if not text.strip():
        assert done[1] == []


def test_one_token_twenty_thousand_times_is_done(
    submit: Submit, results: Results, with_chunks: WITH_CHUNKS
) -> None:
    submit("x" * 20_000)
    worker = with_chunks(2048)
    worker.run_pending()
    assert [len(text) for text, _ in results.done] == [20_000]
    assert worker.work.tokens == 20_000


def test_a_text_past_the_context_is_done_whole(
    submit: Submit, results: Results, loaded: PrivacyFilterModel
) -> None:
    text = "My name is Jane Doe. " * 100
    submit(text)
    worker_with(_bare(replace(loaded, context=300, chunk_tokens=100))).run_pending()
    ((_, spans),) = results.done
    assert Scan.objects.get().scanned_characters == len(text)
    assert _places(spans) == _alone(loaded, text)


def test_damaged_weights_fail_scans_and_the_next_text_is_served(
    checkpoint: Path, submit: Submit, results: Results
) -> None:
    model = PrivacyFilterModel.load(checkpoint, device="cpu")
    score: Any = model.network.score.weight
    sound = score.detach().clone()
    with torch.no_grad():
        score.fill_(float("nan"))
    worker = worker_with(Engine(model))
    for text in ("Jane Doe", "John Roe", "x" * (LONG_CHARACTERS + 1)):
        submit(text)
    worker.run_pending()
    scans = Scan.objects.all()
    assert {(scan.state, scan.attempts) for scan in scans} == {(ScanState.FAILED, 3)}
    assert {scan.error for scan in scans} == {"The detector could not read this text."}
    assert (len(results.failed), results.done) == (3, [])
    assert worker.work.texts == 0
    with torch.no_grad():
        score.copy_(sound)
    submit("next")
    assert worker.run_pending() == 1
    assert [text for text, _ in results.done] == ["next"]


def test_damage_deep_in_the_network_is_no_empty_result(
    checkpoint: Path, submit: Submit, results: Results
) -> None:
    """NaN in the router picks experts at random, NaN in one expert touches only some tokens."""
    model = PrivacyFilterModel.load(checkpoint, device="cpu")
    with torch.no_grad():
        for name, parameter in model.network.named_parameters():
            if "router" in name:
                parameter.fill_(float("nan"))
    submit("Jane Doe " * 20)
    worker_with(Engine(model)).run_pending()
    assert Scan.objects.get().state == ScanState.FAILED
    assert results.done == []


def test_the_worker_s_row_carries_its_figures(submit: Submit, with_chunks: WITH_CHUNKS) -> None:
    texts = ["Jane Doe é", "日本", "x" * 1000]
    for text in texts:
        submit(text)
    worker = with_chunks(300)
    worker.run_pending()
    worker._report()
    row = EngineWorker.objects.get()
    assert (row.texts, row.batches, row.largest_batch) == (3, 2, 2)
    assert row.tokens == sum(len(text.encode()) for text in texts)
    assert row.busy_seconds > 0
